/** The value of an expression at one moment, from the series that a source gives. */
import { identifyLabels, type Labels, type Sample, sameLabels } from '../labels.ts';
import type { Ring } from '../ring.ts';
import { aggregate } from './aggregate.ts';
import type { Binary, Rate, Selector, VectorExpr } from './ast.ts';
import { calculate, compare, isComparison, MIRRORED } from './operators.ts';
import { rate } from './rate.ts';

export interface Source {
  /** The moment, in milliseconds. */
  readonly time: number;
  samples(selector: Selector): readonly Sample[];
  history(rate: Rate): Iterable<{ readonly labels: Labels; readonly ring: Ring }>;
}

export function evaluate(expr: VectorExpr, source: Source): readonly Sample[] {
  switch (expr.kind) {
    case 'selector':
      return source.samples(expr);
    case 'rate':
      return rates(expr, source);
    case 'negation':
      return evaluate(expr.of, source).map(({ labels, value }) => ({ name: undefined, labels, value: -value }));
    case 'aggregation':
      return aggregate(expr, evaluate(expr.of, source));
    case 'binary':
      return binary(expr, source);
  }
}

function rates(expr: Rate, source: Source): Sample[] {
  const samples: Sample[] = [];
  for (const { labels, ring } of source.history(expr)) {
    const value = rate(ring, expr.rangeMs, source.time);
    if (value !== undefined) samples.push({ name: undefined, labels, value });
  }
  return samples;
}

function binary({ operator, bool, left, right }: Binary, source: Source): readonly Sample[] {
  if (left.kind !== 'number') {
    if (right.kind === 'number') return withNumber(operator, bool, evaluate(left, source), right.value, false);
    return withVector(operator, bool, evaluate(left, source), evaluate(right, source));
  }
  // Two numbers have become one when the expression was read.
  return right.kind === 'number' ? [] : withNumber(operator, bool, evaluate(right, source), left.value, true);
}

function withNumber(
  operator: Binary['operator'],
  bool: boolean,
  samples: readonly Sample[],
  number: number,
  numberFirst: boolean,
): readonly Sample[] {
  if (!isComparison(operator)) {
    return samples.map(({ labels, value }) => {
      const result = numberFirst ? calculate(operator, number, value) : calculate(operator, value, number);
      return { name: undefined, labels, value: result };
    });
  }
  // A filter keeps the value of the series, on whichever side it stands.
  const comparison = numberFirst ? MIRRORED[operator] : operator;
  if (!bool) return samples.filter(({ value }) => compare(comparison, value, number));
  return samples.map(({ labels, value }) => ({
    name: undefined,
    labels,
    value: Number(compare(comparison, value, number)),
  }));
}

/**
 * One to one on all labels. Labels are unique on each side: both come from one metric each, whose series an event has
 * once. Metrics of one collector stand in the same order, so the partner is looked for at the same place first.
 */
function withVector(
  operator: Binary['operator'],
  bool: boolean,
  left: readonly Sample[],
  right: readonly Sample[],
): readonly Sample[] {
  const matched: Sample[] = [];
  let byLabels: Map<string, Sample> | undefined;
  for (let i = 0; i < left.length; i++) {
    const sample = left[i] as Sample;
    let partner = right[i];
    if (partner === undefined || !sameLabels(sample.labels, partner.labels)) {
      byLabels ??= new Map(right.map((candidate) => [identifyLabels(candidate.labels), candidate]));
      partner = byLabels.get(identifyLabels(sample.labels));
    }
    if (partner === undefined) continue;
    const { labels } = sample;
    if (!isComparison(operator)) {
      matched.push({ name: undefined, labels, value: calculate(operator, sample.value, partner.value) });
      continue;
    }
    const holds = compare(operator, sample.value, partner.value);
    if (bool) matched.push({ name: undefined, labels, value: Number(holds) });
    else if (holds) matched.push(sample);
  }
  return matched;
}
