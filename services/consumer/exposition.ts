/**
 * Nodes → Prometheus text format 0.0.4, made at scrape time, family by family, in pieces of about 64 KiB: a fleet's text
 * is far too large to hold as one string, and a scrape must not keep the event loop from its events.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * A series leaves by not being rendered: what a node's last event lacks is gone at once, and all of a silent node, so that
 * Prometheus marks it stale. What is known about the node itself stays: whether it is up, and what came of its events.
 */
import type { Row } from '#contract/event.ts';
import { type Metric, metricOf } from '#contract/metrics.ts';
import { NODE_STATUS_METRICS } from '#contract/pipeline-metrics.ts';
import type { NodeView } from './state.ts';

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const PIECE_CHARS = 64 * 1024;

/** @param now by the clock of `NodeView.arrived`. */
export function* render(nodes: readonly NodeView[], now: number): Generator<string, void> {
  const up = nodes.filter((view) => view.up);
  const owners = new Map(nodes.map((view) => [view, ownerOf(view)]));
  let piece = '';
  for (const metric of familiesOf(up)) {
    piece += headOf(metric.name, metric);
    for (const view of up) {
      const series = view.event.metrics[metric.name];
      if (series === undefined) continue;
      piece += linesOf(metric, owners.get(view) as string, series);
      if (piece.length >= PIECE_CHARS) {
        yield piece;
        piece = '';
      }
    }
  }
  for (const [name, read] of STATUS) {
    piece += headOf(name, NODE_STATUS_METRICS[name]);
    for (const [view, owner] of owners) {
      const value = read(view, now);
      if (value !== undefined) piece += `${name}{${owner}} ${value}\n`;
      if (piece.length >= PIECE_CHARS) {
        yield piece;
        piece = '';
      }
    }
  }
  yield piece;
}

type StatusMetric = keyof typeof NODE_STATUS_METRICS;

const STATUS: readonly [name: StatusMetric, read: (view: NodeView, now: number) => number | undefined][] = [
  ['sysmon_node_up', ({ up }) => (up ? 1 : 0)],
  ['sysmon_node_event_age_seconds', ({ arrived }, now) => Math.max(0, now - arrived) / 1000],
  ['sysmon_node_clock_skew_seconds', ({ skew }) => (skew === undefined ? undefined : skew / 1000)],
  ['sysmon_node_completeness_ratio', ({ account }) => account.completeness],
  ['sysmon_node_events_received_total', ({ account }) => account.received],
  ['sysmon_node_events_lost_total', ({ account }) => account.lost],
  ['sysmon_node_events_duplicate_total', ({ account }) => account.duplicated],
  ['sysmon_node_events_reordered_total', ({ account }) => account.reordered],
  ['sysmon_node_conflicts_total', ({ account }) => account.conflicts],
];

/** The families that at least one node has, by name: the format wants all series of a family together. */
function familiesOf(nodes: readonly NodeView[]): readonly Metric[] {
  const families = new Map<string, Metric>();
  for (const { event } of nodes) {
    for (const name in event.metrics) {
      if (families.has(name)) continue;
      const metric = metricOf(name);
      if (metric !== undefined) families.set(name, metric);
    }
  }
  return [...families.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function headOf(name: string, { type, help }: { readonly type: string; readonly help: string }): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

function ownerOf({ cluster, node }: NodeView): string {
  return `cluster="${escapeLabel(cluster)}",node="${escapeLabel(node)}"`;
}

function linesOf({ name, labels }: Metric, owner: string, series: number | readonly Row[]): string {
  if (typeof series === 'number') return `${name}{${owner}} ${series}\n`;
  let lines = '';
  for (const row of series) {
    lines += `${name}{${owner}`;
    for (let i = 0; i < labels.length; i++) lines += `,${labels[i]}="${escapeLabel(row[i] as string)}"`;
    lines += `} ${row[labels.length]}\n`;
  }
  return lines;
}

const TO_ESCAPE = /[\\"\n]/;

function escapeLabel(value: string): string {
  if (!TO_ESCAPE.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
