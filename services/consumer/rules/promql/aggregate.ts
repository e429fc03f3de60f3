/** Aggregations: series into groups by their labels, and each group into one number. */
import { identifyLabels, type Labels, onlyLabels, type Sample, withoutLabels } from '../labels.ts';
import type { Aggregation, AggregationOperator } from './ast.ts';

export function aggregate(
  { operator, grouping, labels }: Omit<Aggregation, 'of'>,
  samples: readonly Sample[],
): Sample[] {
  const groups = new Map<string, { readonly labels: Labels; readonly values: number[] }>();
  for (const sample of samples) {
    const kept = grouping === 'by' ? onlyLabels(sample.labels, labels) : withoutLabels(sample.labels, labels);
    const key = identifyLabels(kept);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { labels: kept, values: [sample.value] });
    else group.values.push(sample.value);
  }
  return [...groups.values()].map((group) => ({
    name: undefined,
    labels: group.labels,
    value: REDUCE[operator](group.values),
  }));
}

const REDUCE: Readonly<Record<AggregationOperator, (values: readonly number[]) => number>> = {
  sum,
  avg: (values) => sum(values) / values.length,
  min: (values) => values.reduce((least, value) => (least > value || Number.isNaN(least) ? value : least)),
  max: (values) => values.reduce((most, value) => (most < value || Number.isNaN(most) ? value : most)),
  count: (values) => values.length,
};

/** Kahan's sum with Neumaier's improvement, as in Prometheus: the same digits from the same values. */
function sum(values: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const value of values) {
    const next = total + value;
    if (!Number.isFinite(next)) lost = 0;
    else if (Math.abs(total) >= Math.abs(value)) lost += total - next + value;
    else lost += value - next + total;
    total = next;
  }
  return total + lost;
}
