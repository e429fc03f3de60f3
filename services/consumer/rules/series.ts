/** The series of an event, as selectors see them: rows of label values under a metric's name. */
import type { Metrics, NodeEvent, Row } from '#contract/event.ts';
import type { Labels, Sample } from './labels.ts';
import type { LabelSource, Selector } from './promql/ast.ts';
import { JOB } from './promql/selector.ts';

export type NodeName = Pick<NodeEvent, 'cluster' | 'node'>;

/** The series that a selector matches. */
export function samplesOf(selector: Selector, metrics: Metrics, node: NodeName): readonly Sample[] {
  const { name } = selector.metric;
  const samples: Sample[] = [];
  for (const row of rowsOf(metrics[name])) {
    if (matchesRow(selector, row, node))
      samples.push({ name, labels: labelsOf(selector, row, node), value: sampleOf(row) });
  }
  return samples;
}

/** A metric's rows: one, of nothing but its value, for a metric without labels. */
export function rowsOf(series: Metrics[string] | undefined): readonly Row[] {
  return typeof series === 'number' ? [[series]] : (series ?? []);
}

export function labelsOf(selector: Selector, row: Row, node: NodeName): Labels {
  const labels: string[] = [];
  for (const { name, source } of selector.columns) {
    const value = read(source, row, node);
    if (value !== '') labels.push(name, value);
  }
  return labels;
}

export function sampleOf(row: Row): number {
  return row[row.length - 1] as number;
}

export function matchesRow(selector: Selector, row: Row, node: NodeName): boolean {
  for (const { source, matches } of selector.matchers) if (!matches(read(source, row, node))) return false;
  return true;
}

function read(source: LabelSource, row: Row, node: NodeName): string {
  if (typeof source === 'number') return row[source] as string;
  if (source === 'cluster') return node.cluster;
  return source === 'job' ? JOB : node.node;
}
