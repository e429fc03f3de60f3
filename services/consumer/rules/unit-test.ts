/**
 * Unit tests of rules in promtool's format, judged by this engine: the series that a test declares become the events of
 * their nodes, one each interval, and what fires at each `eval_time` is compared with what the test expects.
 * https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
 *
 * Series carry `cluster` and `node` besides what node_exporter gives them, because that is how rules see them here. A
 * series that ends has to be `stale`: an event says all that a node knows, so nothing is looked up in the past.
 */
import { parse } from 'yaml';
import type { NodeEvent, Row } from '#contract/event.ts';
import { metricOf } from '#contract/metrics.ts';
import { parseDuration } from './duration.ts';
import { createJudge } from './judge.ts';
import { readNumber } from './promql/literals.ts';
import type { Rule } from './rule.ts';

export interface Outcome {
  /** Names the test, the alert and the time. */
  readonly name: string;
  readonly alertname: string;
  readonly expected: readonly FiringAlert[];
  readonly actual: readonly FiringAlert[];
}

/** In the order of their labels' text. */
export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface TestFile {
  readonly evaluation_interval: string;
  readonly tests: readonly {
    readonly name?: string;
    readonly interval: string;
    readonly input_series: readonly { readonly series: string; readonly values: string }[];
    readonly alert_rule_test: readonly {
      readonly eval_time: string;
      readonly alertname: string;
      readonly exp_alerts?: readonly {
        readonly exp_labels?: Record<string, string>;
        readonly exp_annotations?: Record<string, string>;
      }[];
    }[];
  }[];
}

export function runUnitTests(text: string, rules: readonly Rule[]): Outcome[] {
  const file = parse(text, { schema: 'failsafe' }) as TestFile;
  return file.tests.flatMap((test, i) => {
    if (test.interval !== file.evaluation_interval) {
      throw new Error(
        `${test.name}: here rules are judged at each event: interval must be ${file.evaluation_interval}`,
      );
    }
    const stepMs = durationOf(test.interval);
    const series = test.input_series.map((input) => ({
      ...readSeries(input.series),
      values: expandValues(input.values),
    }));
    const steps = Math.max(...test.alert_rule_test.map((check) => durationOf(check.eval_time))) / stepMs;
    const firing = fireAtEachStep(rules, series, stepMs, steps);
    return test.alert_rule_test.map(({ eval_time, alertname, exp_alerts = [] }) => ({
      name: `${test.name ?? `test ${i + 1}`}: ${alertname} at ${eval_time}`,
      alertname,
      expected: inOrder(
        exp_alerts.map(({ exp_labels = {}, exp_annotations = {} }) => ({
          labels: { ...exp_labels, alertname },
          annotations: exp_annotations,
        })),
      ),
      actual: inOrder(
        (firing[Math.floor(durationOf(eval_time) / stepMs)] ?? []).filter((a) => a.labels.alertname === alertname),
      ),
    }));
  });
}

interface Series {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `undefined` where there is no sample. */
  readonly values: readonly (number | undefined)[];
}

/** What is firing after each step. */
function fireAtEachStep(
  rules: readonly Rule[],
  series: readonly Series[],
  stepMs: number,
  steps: number,
): FiringAlert[][] {
  const judge = createJudge(rules);
  const byNode = Map.groupBy(series, ({ labels }) => `${labels.cluster}/${labels.node}`);
  return Array.from({ length: Math.floor(steps) + 1 }, (_, step) => {
    for (const own of byNode.values()) judge.judge(eventOf(own, step, stepMs));
    return judge.active().filter(({ state }) => state === 'firing');
  });
}

function eventOf(series: readonly Series[], step: number, stepMs: number): NodeEvent {
  const { cluster = '', node = '' } = series[0]?.labels ?? {};
  const metrics: Record<string, number | Row[]> = {};
  for (const { metric, labels, values } of series) {
    const value = values[step];
    const names = metricOf(metric)?.labels;
    if (value === undefined || names === undefined) continue;
    if (names.length === 0) {
      metrics[metric] = value;
      continue;
    }
    const rows = (metrics[metric] ?? []) as Row[];
    metrics[metric] = [...rows, [...names.map((name) => labels[name] ?? ''), value]];
  }
  return { v: 1, cluster, node, epoch: 'test', seq: step, time: step * stepMs, interval: stepMs, metrics };
}

/** `node_load1{node="n1", …}` */
function readSeries(text: string): Omit<Series, 'values'> {
  const [, metric = '', body = ''] = /^\s*(\w+)\s*(?:\{(.*)\})?\s*$/s.exec(text) ?? [];
  const pairs = [...body.matchAll(/(\w+)\s*=\s*"([^"]*)"/g)];
  return { metric, labels: Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value])) };
}

/** `1 2+3x4 _x2 stale`: single values, series of `first+step x times`, gaps. */
function expandValues(text: string): (number | undefined)[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((item) => {
      const [, gaps] = /^_(?:x(\d+))?$/.exec(item) ?? [];
      if (item.startsWith('_')) return Array<undefined>(Number(gaps ?? 1)).fill(undefined);
      if (item === 'stale') return [undefined];
      const [, first = item, step = '0', times = '0'] = /^(-?[\d.e]+)([+-][\d.e]+)?x(\d+)$/.exec(item) ?? [];
      return Array.from({ length: Number(times) + 1 }, (_, i) => numberOf(first) + i * Number(step));
    });
}

function numberOf(text: string): number {
  const value = readNumber(text);
  if (value === undefined) throw new Error(`"${text}" is no number`);
  return value;
}

function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`"${text}" is no duration`);
  return ms;
}

function inOrder(alerts: readonly FiringAlert[]): FiringAlert[] {
  return alerts
    .map(({ labels, annotations }) => ({ labels: sortKeys(labels), annotations: sortKeys(annotations) }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function sortKeys(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
