/**
 * A file of rule unit tests in promtool's format, with places: what is wrong with it is told by file, line and column.
 * https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
 *
 * It is promtool's format and nothing else, so one file is run by both. What a node's event could not say is refused here,
 * because promtool would answer it in another way:
 *
 * - A series belongs to a node (`node`, `instance` and `job` as rules see them) and is in the catalogue.
 * - A series that ends or pauses while others of its node go on is `stale` there (presence.ts).
 * - Rules are judged at each event, so `interval` and `evaluation_interval` are the same.
 */
import type { Node } from 'yaml';
import { metricOf } from '#contract/metrics.ts';
import { PipelineError } from '#runtime/errors.ts';
import { DURATION_EXPECTED, parseDuration } from '../duration.ts';
import { didYouMean } from '../nearest.ts';
import { type Expr, NODE_LABELS } from '../promql/ast.ts';
import { readNumber } from '../promql/literals.ts';
import { parsePromql } from '../promql/parse.ts';
import { DEFAULT_JOB } from '../promql/selector.ts';
import { RuleSource, type Text } from '../rule-source.ts';
import { heardAt } from './presence.ts';
import { readSeriesName, type SeriesName } from './series-name.ts';
import { expandValues, type Mistake, NO_HISTOGRAMS, type Value } from './values.ts';

export interface TestFile {
  /** What every series has as `job`. */
  readonly job: string;
  /** As written: relative to the file, and they may be globs. */
  readonly ruleFiles: readonly string[];
  /** Whether values may differ by the last digit that a double has. */
  readonly fuzzy: boolean;
  readonly tests: readonly Test[];
}

export interface Test {
  readonly name: string;
  readonly intervalMs: number;
  /** When the series begin, milliseconds since 1970. */
  readonly startMs: number;
  readonly nodes: readonly TestNode[];
  readonly alerts: readonly AlertCheck[];
  readonly exprs: readonly ExprCheck[];
}

export interface TestNode {
  readonly series: readonly TestSeries[];
  /** Whether it sends an event, at each step up to the last check. */
  readonly heard: readonly boolean[];
}

export interface TestSeries extends SeriesName {
  readonly values: readonly Value[];
}

interface Check {
  /** `line:column` in the file. */
  readonly place: string;
  /** As written. */
  readonly evalTime: string;
  /** After the start. */
  readonly evalMs: number;
}

export interface AlertCheck extends Check {
  readonly alertname: string;
  readonly expected: readonly AlertLabels[];
}

export interface AlertLabels {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ExprCheck extends Check {
  readonly text: string;
  readonly expr: Expr;
  readonly expected: readonly (SeriesName & { readonly value: number })[];
}

const DEFAULT_INTERVAL = '1m';

/**
 * @param fileName how messages call the file.
 * @throws PipelineError `RULES` that lists every problem as `file:line:column: …`, one a line.
 */
export function parseTestFile(text: string, fileName: string, job = DEFAULT_JOB): TestFile {
  const source = new RuleSource(text, job);
  const file = source.root === undefined ? undefined : new Reader(source).file(source.root);
  const problems = source.mistakes();
  if (problems.length > 0)
    throw new PipelineError('RULES', problems.map((problem) => `${fileName}:${problem}`).join('\n'));
  return file ?? { job, ruleFiles: [], fuzzy: false, tests: [] };
}

const FILE_FIELDS = ['rule_files', 'evaluation_interval', 'group_eval_order', 'fuzzy_compare', 'tests'] as const;
const TEST_FIELDS = [
  'name',
  'interval',
  'start_timestamp',
  'input_series',
  'alert_rule_test',
  'promql_expr_test',
  'external_labels',
  'external_url',
] as const;

class Reader {
  readonly #source: RuleSource;

  constructor(source: RuleSource) {
    this.#source = source;
  }

  file(root: Node): TestFile {
    const fields = this.#source.fields(root, 'a file of unit tests', FILE_FIELDS) ?? new Map<never, Node>();
    const interval = this.#text(fields.get('evaluation_interval'), 'evaluation_interval')?.value ?? DEFAULT_INTERVAL;
    return {
      job: this.#source.job,
      ruleFiles: this.#items(fields.get('rule_files'), 'rule_files').flatMap(
        (node) => this.#text(node, 'rule_files')?.value ?? [],
      ),
      fuzzy: this.#text(fields.get('fuzzy_compare'), 'fuzzy_compare')?.value === 'true',
      tests: this.#items(fields.get('tests'), 'tests').map((node, i) => this.#test(node, i, interval)),
    };
  }

  #test(node: Node, index: number, evaluationInterval: string): Test {
    const source = this.#source;
    const fields = source.fields(node, 'a test', TEST_FIELDS) ?? new Map<never, Node>();
    const interval = this.#text(fields.get('interval'), 'interval');
    const intervalMs = this.#duration(interval, 'interval') ?? parseDuration(evaluationInterval) ?? 0;
    if (intervalMs <= 0) source.refuse(node, `interval: expected ${DURATION_EXPECTED}, above 0`);
    if (intervalMs !== parseDuration(evaluationInterval)) {
      source.refuse(
        interval?.node ?? node,
        `interval: rules are judged at each event here: expected the same as evaluation_interval, ${evaluationInterval}`,
      );
    }
    const alerts = this.#items(fields.get('alert_rule_test'), 'alert_rule_test').flatMap(
      (item) => this.#alertCheck(item) ?? [],
    );
    const exprs = this.#items(fields.get('promql_expr_test'), 'promql_expr_test').flatMap(
      (item) => this.#exprCheck(item, intervalMs) ?? [],
    );
    const lastMs = Math.max(0, ...[...alerts, ...exprs].map(({ evalMs }) => evalMs));
    const steps = intervalMs > 0 ? Math.floor(lastMs / intervalMs) + 1 : 0;
    return {
      name: this.#text(fields.get('name'), 'name')?.value ?? `unnamed#${index}`,
      intervalMs,
      startMs: this.#start(fields.get('start_timestamp')),
      nodes: this.#nodes(fields.get('input_series'), steps),
      alerts,
      exprs,
    };
  }

  #nodes(node: Node | undefined, steps: number): TestNode[] {
    const names = new Set<string>();
    const all = this.#items(node, 'input_series').flatMap((item) => this.#series(item, names) ?? []);
    const byNode = Map.groupBy(all, ({ labels }) => JSON.stringify([labels.cluster, labels.node]));
    return [...byNode.values()].map((series) => {
      const presence = heardAt(
        series.map(({ values }) => values),
        steps,
      );
      if ('heard' in presence) return { series, heard: presence.heard };
      const { node: place } = series[presence.missing]?.source ?? {};
      const message = `values: missing at step ${presence.step}, where others of its node go on: an event says all that a node knows, so a series that ends or pauses has to be "stale" there`;
      if (place !== undefined) this.#source.refuse(place, message);
      return { series, heard: [] };
    });
  }

  #series(node: Node, names: Set<string>): (TestSeries & { readonly source: Text }) | undefined {
    const fields = this.#source.fields(node, 'a series', ['series', 'values']);
    const series = this.#required(fields?.get('series'), node, 'a series', 'series');
    const source = this.#required(fields?.get('values'), node, 'a series', 'values');
    if (series === undefined || source === undefined) return undefined;
    const read = readSeriesName(series.value);
    if ('mistake' in read) return this.#refuseInside(series, read.mistake, 'series');
    const mistake = mistakeOf(read.name, this.#source.job);
    if (mistake !== undefined) return this.#source.refuse(series.node, `series: ${mistake}`);
    const key = JSON.stringify([read.name.metric, Object.entries(read.name.labels).sort()]);
    if (names.has(key)) return this.#source.refuse(series.node, 'series: it is there already, with the same labels');
    names.add(key);
    const expanded = expandValues(source.value);
    if ('values' in expanded) return { ...read.name, values: expanded.values, source };
    return this.#refuseInside(source, expanded.mistake, 'values');
  }

  #alertCheck(node: Node): AlertCheck | undefined {
    const fields = this.#source.fields(node, 'an alert_rule_test', ['eval_time', 'alertname', 'exp_alerts']);
    const check = this.#check(fields?.get('eval_time'), node, 'an alert_rule_test');
    const alertname = this.#required(fields?.get('alertname'), node, 'an alert_rule_test', 'alertname')?.value;
    const expected = this.#items(fields?.get('exp_alerts'), 'exp_alerts').map((item): AlertLabels => {
      const exp = this.#source.fields(item, 'an alert of exp_alerts', ['exp_labels', 'exp_annotations']);
      return {
        labels: this.#record(exp?.get('exp_labels'), 'exp_labels'),
        annotations: this.#record(exp?.get('exp_annotations'), 'exp_annotations'),
      };
    });
    if (check === undefined || alertname === undefined) return undefined;
    return { ...check, alertname, expected };
  }

  #exprCheck(node: Node, intervalMs: number): ExprCheck | undefined {
    const source = this.#source;
    const fields = source.fields(node, 'a promql_expr_test', ['expr', 'eval_time', 'exp_samples']);
    const check = this.#check(fields?.get('eval_time'), node, 'a promql_expr_test');
    const text = this.#required(fields?.get('expr'), node, 'a promql_expr_test', 'expr');
    const expected = this.#items(fields?.get('exp_samples'), 'exp_samples').flatMap((item) => this.#sample(item) ?? []);
    if (check === undefined || text === undefined) return undefined;
    if (check.evalMs % intervalMs !== 0) {
      source.refuse(node, `eval_time: events come at multiples of the interval: expected one, got ${check.evalTime}`);
    }
    const parsed = parsePromql(text.value, source.job);
    if ('problems' in parsed) {
      for (const problem of parsed.problems) this.#refuseInside(text, problem, 'expr');
      return undefined;
    }
    return { ...check, text: text.value.trim(), expr: parsed.expr, expected };
  }

  #sample(node: Node): ExprCheck['expected'][number] | undefined {
    const fields = this.#source.fields(node, 'a sample', ['labels', 'value', 'histogram']);
    const histogram = fields?.get('histogram');
    if (histogram !== undefined) return this.#source.refuse(histogram, `histogram: ${NO_HISTOGRAMS}`);
    const labels = this.#text(fields?.get('labels'), 'labels');
    const read = readSeriesName(labels?.value ?? '');
    if ('mistake' in read) {
      return labels && this.#refuseInside(labels, read.mistake, 'labels');
    }
    const text = this.#text(fields?.get('value'), 'value');
    const value = numberOf(text?.value ?? '0');
    if (value === undefined) return text && this.#source.refuse(text.node, `value: "${text.value}" is no number`);
    return { ...read.name, value };
  }

  #check(node: Node | undefined, parent: Node, what: string): Check | undefined {
    const text = this.#required(node, parent, what, 'eval_time');
    const evalMs = this.#duration(text, 'eval_time');
    if (text === undefined || evalMs === undefined) return undefined;
    return { place: this.#source.placeOf(parent), evalTime: text.value, evalMs };
  }

  #start(node: Node | undefined): number {
    const text = this.#text(node, 'start_timestamp');
    if (text === undefined) return 0;
    const seconds = /^-?[\d.]+$/.test(text.value) ? Number(text.value) : Number.NaN;
    const ms = Number.isNaN(seconds) ? timeOf(text.value) : Math.round(seconds * 1000);
    if (ms !== undefined) return ms;
    this.#source.refuse(
      text.node,
      'start_timestamp: expected seconds since 1970, or a time such as 2026-01-02T15:04:05Z',
    );
    return 0;
  }

  #duration(text: Text | undefined, field: string): number | undefined {
    if (text === undefined) return undefined;
    const ms = parseDuration(text.value);
    if (ms === undefined)
      this.#source.refuse(text.node, `${field}: expected ${DURATION_EXPECTED}, got "${text.value}"`);
    return ms;
  }

  #record(node: Node | undefined, field: string): Readonly<Record<string, string>> {
    const entries = (node && this.#source.entries(node, field)) ?? [];
    return Object.fromEntries(
      entries.map(({ key, value }) => [key.value, this.#source.text(value, `${field} "${key.value}"`)?.value ?? '']),
    );
  }

  #refuseInside(text: Text, { offset, message }: Mistake, field: string): undefined {
    return this.#source.refuseInside(text, { offset, message: `${field}: ${message}`, unsupported: false });
  }

  #required(node: Node | undefined, parent: Node, what: string, field: string): Text | undefined {
    if (node === undefined) return this.#source.refuse(parent, `${what} needs the field "${field}"`);
    return this.#source.text(node, field);
  }

  #text(node: Node | undefined, field: string): Text | undefined {
    return node && this.#source.text(node, field);
  }

  #items(node: Node | undefined, field: string): readonly Node[] {
    return (node && this.#source.items(node, field)) ?? [];
  }
}

/** What keeps a series from being one that rules could see. */
function mistakeOf({ metric, labels }: SeriesName, expectedJob: string): string | undefined {
  const known = metricOf(metric)?.labels;
  if (known === undefined) return `no node publishes "${metric}": expected a metric of the catalogue, docs/METRICS.md`;
  const names = [...known, ...NODE_LABELS];
  const unknown = Object.keys(labels).find((name) => !names.includes(name));
  if (unknown !== undefined)
    return `${metric} has no label "${unknown}", only ${names.join(', ')}${didYouMean(unknown, names)}`;
  const { node = '', instance, job } = labels;
  if (node !== '' && instance === node && job === expectedJob) return undefined;
  return `expected the labels that a node's series have here: node="n1", instance="n1" (the same) and job="${expectedJob}"`;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

function timeOf(text: string): number | undefined {
  // biome-ignore lint/style/noRestrictedGlobals: it reads a text, and no clock
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** As YAML has numbers, or as PromQL has. */
function numberOf(text: string): number | undefined {
  return readNumber(text.replace(/^([+-]?)\.(inf|nan)$/i, '$1$2'));
}
