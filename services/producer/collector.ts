/**
 * What a collector is, and how all of them make the metrics of one event: each isolated from the others and timed. What one
 * emitted before it failed stays, and its failure is a metric of the same event.
 *
 * Nothing leaves here that a decoder would refuse: only names of the catalogue, labels in its order, finite numbers, no
 * series twice. What breaks this is left out and counts as that collector's failure.
 */
import { identify, type Metrics, type Row } from '#contract/event.ts';
import { type LabelArgs, type Metric, type MetricName, metricOf } from '#contract/metrics.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Host } from './host/proc.ts';
import type { Aspect } from './host/view.ts';

export interface Collector {
  /** As node_exporter calls it. */
  readonly name: string;
  /** What has to be the host's, and not a container's, for it to run. */
  readonly needs?: readonly Aspect[];
  collect(host: Host, emit: Emit): void;
}

/** Adds a series to the event. `undefined` is left out in silence, because there is nothing to say. */
export type Emit = <N extends MetricName>(name: N, value: number | undefined, ...labels: LabelArgs<N>) => void;

export interface Collected {
  readonly metrics: Metrics;
  /** What went wrong, by the name of the collector. */
  readonly failures: ReadonlyMap<string, string>;
}

/** @param monotonic milliseconds of a clock that never jumps. */
export function collectAll(collectors: readonly Collector[], host: Host, monotonic: () => number): Collected {
  const sheet = createSheet();
  const failures = new Map<string, string>();
  for (const collector of collectors) {
    const problems: string[] = [];
    const emit: Emit = (name, value, ...[labels]) => {
      if (value === undefined) return;
      const problem = sheet.add(name, value, labels);
      if (problem !== undefined) problems.push(problem);
    };
    const start = monotonic();
    try {
      collector.collect(host, emit);
    } catch (error) {
      problems.push(messageOf(error));
    }
    const seconds = (monotonic() - start) / 1000;
    const [first, ...more] = problems;
    if (first !== undefined) failures.set(collector.name, more.length === 0 ? first : `${first}; ${more.length} more`);
    sheet.add('node_scrape_collector_duration_seconds', seconds, { collector: collector.name });
    sheet.add('node_scrape_collector_success', first === undefined ? 1 : 0, { collector: collector.name });
  }
  return { metrics: sheet.metrics, failures };
}

/** Rows of the catalogue that were looked up: for a name that a pattern admits, that costs more than to read its value. */
const known = new Map<string, Metric>();

function look(name: string): Metric | undefined {
  const metric = metricOf(name);
  if (metric !== undefined) known.set(name, metric);
  return metric;
}

interface Family {
  readonly rows: Row[];
  readonly seen: Set<string>;
}

/** The metrics of one event as they grow. `add` says what is wrong with a series that it leaves out. */
function createSheet() {
  const metrics: Record<string, number | Row[]> = {};
  const families = new Map<string, Family>();

  function add(name: string, value: number, labels?: Readonly<Record<string, string>>): string | undefined {
    const metric = known.get(name) ?? look(name);
    if (metric === undefined) return `${name}: expected a name of the catalogue`;
    const labelValues: string[] = [];
    for (const label of metric.labels) labelValues.push((labels?.[label] ?? '').toWellFormed());
    if (!Number.isFinite(value)) return `${shown(metric, labelValues)}: expected a finite number, got ${value}`;
    if (labelValues.length === 0) {
      if (name in metrics) return `${name}: expected once, got twice`;
      metrics[name] = value;
      return undefined;
    }
    const { rows, seen } = familyOf(name);
    const id = identify(labelValues, labelValues.length);
    if (seen.has(id)) return `${shown(metric, labelValues)}: expected once, got twice`;
    seen.add(id);
    rows.push([...labelValues, value]);
    return undefined;
  }

  function familyOf(name: string): Family {
    let family = families.get(name);
    if (family === undefined) {
      family = { rows: [], seen: new Set() };
      families.set(name, family);
      metrics[name] = family.rows;
    }
    return family;
  }

  return { metrics: metrics as Metrics, add };
}

function shown(metric: Metric, labelValues: readonly string[]): string {
  if (labelValues.length === 0) return metric.name;
  return `${metric.name}{${metric.labels.map((label, i) => `${label}=${JSON.stringify(labelValues[i])}`).join(',')}}`;
}
