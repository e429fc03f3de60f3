/**
 * Runs unit tests of rules on this engine: the series that a test declares become the events of their nodes, one each
 * interval, and what fires at each `eval_time`, or what an expression gives there, is compared with what is expected.
 */
import type { NodeEvent, Row } from '#contract/event.ts';
import { metricOf } from '#contract/metrics.ts';
import { createJudge, type Judge } from '../judge.ts';
import { recordOf, type Sample } from '../labels.ts';
import { belongingOf } from '../promql/belonging.ts';
import type { Rule } from '../rule.ts';
import { NodeAnswers } from './node-answers.ts';
import type { AlertCheck, AlertLabels, ExprCheck, Test, TestFile, TestSeries } from './test-file.ts';

export interface Outcome {
  /** `line:column` of the check in its file. */
  readonly place: string;
  /** The test's. */
  readonly name: string;
  /** What was asked, and when. */
  readonly asked: string;
  readonly passed: boolean;
  /** As text, one line for each alert or sample, in the order of that text. */
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

export function runTests(file: TestFile, rules: readonly Rule[]): Outcome[] {
  return file.tests.flatMap((test) => runTest(test, rules, file));
}

function runTest(test: Test, rules: readonly Rule[], { job, fuzzy }: TestFile): Outcome[] {
  const checks = Map.groupBy([...test.alerts, ...test.exprs], ({ evalMs }) => Math.floor(evalMs / test.intervalMs));
  const judge = createJudge(rules, { job });
  const names = new Set(rules.map(({ alert }) => alert));
  const exprs = test.exprs.map(({ expr }) => expr);
  const nodes = test.nodes.map((node) => ({ ...node, answers: new NodeAnswers(exprs, job) }));
  const outcomes = new Map<unknown, Outcome>();
  for (let step = 0; step <= Math.max(0, ...checks.keys()); step++) {
    for (const { series, heard, answers } of nodes) {
      if (heard[step] !== true) continue;
      const event = eventAt(step, series, test);
      judge.judge(event);
      answers.add(event);
    }
    for (const check of checks.get(step) ?? []) {
      const of = { place: check.place, name: test.name };
      if ('alertname' in check) {
        const asked = `alertname: ${check.alertname}, time: ${check.evalTime}`;
        const known = names.has(check.alertname);
        outcomes.set(check, { ...of, asked, ...(known ? compareAlerts(check, judge) : noSuchRule(check)) });
      } else {
        const answers = answersOf(check, nodes, test.startMs + check.evalMs);
        const asked = `expr: ${JSON.stringify(check.text)}, time: ${check.evalTime}`;
        outcomes.set(check, { ...of, asked, ...compareSamples(check, answers, fuzzy) });
      }
    }
  }
  return [...test.alerts, ...test.exprs].flatMap((check) => outcomes.get(check) ?? []);
}

/** All that a node says at a step. */
function eventAt(step: number, series: readonly TestSeries[], { startMs, intervalMs }: Test): NodeEvent {
  const { cluster = '', node = '' } = series[0]?.labels ?? {};
  const metrics: Record<string, number | Row[]> = {};
  for (const { metric, labels, values } of series) {
    const value = values[step];
    if (typeof value !== 'number') continue;
    const names = metricOf(metric)?.labels ?? [];
    if (names.length === 0) {
      metrics[metric] = value;
      continue;
    }
    const rows = metrics[metric] as Row[] | undefined;
    const row: Row = [...names.map((name) => labels[name] ?? ''), value];
    if (rows === undefined) metrics[metric] = [row];
    else rows.push(row);
  }
  const time = startMs + step * intervalMs;
  return { v: 1, cluster, node, epoch: 'test', seq: step, time, interval: intervalMs, metrics };
}

type Comparison = Pick<Outcome, 'passed' | 'expected' | 'actual'>;

/** promtool would say that nothing fires, which is what a refused rule and a misspelt name have in common. */
function noSuchRule({ alertname, expected }: AlertCheck): Comparison {
  const actual = [`no rule that is judged here is called ${alertname}`];
  return { passed: false, expected: expected.map(textOfAlert), actual };
}

function compareAlerts({ alertname, expected }: AlertCheck, judge: Judge): Comparison {
  const firing = judge.active().filter(({ state, labels }) => state === 'firing' && labels.alertname === alertname);
  const texts = [expected.map(({ labels, ...rest }) => ({ labels: { ...labels, alertname }, ...rest })), firing].map(
    (alerts) => alerts.map(textOfAlert).sort(),
  );
  const [wanted = [], actual = []] = texts;
  return { passed: JSON.stringify(wanted) === JSON.stringify(actual), expected: wanted, actual };
}

function textOfAlert({ labels, annotations }: AlertLabels): string {
  return `Labels:${textOfLabels(labels)} Annotations:${textOfLabels(annotations)}`;
}

/** `undefined` if a node has no answer, as Prometheus then has none at all. */
function answersOf(
  { expr }: ExprCheck,
  nodes: readonly { readonly answers: NodeAnswers }[],
  time: number,
): readonly Sample[] | undefined {
  // What is made of no series is the same for every node, and Prometheus says it once.
  const asked = belongingOf(expr) === 'everywhere' ? nodes.slice(0, 1) : nodes;
  const samples = asked.map(({ answers }) => answers.of(expr, time));
  return samples.every((own) => own !== undefined) ? samples.flat() : undefined;
}

const NO_ANSWER = 'no answer: series do not match one to one, or two have the same labels';

interface Point {
  readonly series: string;
  readonly value: number;
}

function compareSamples(check: ExprCheck, answers: readonly Sample[] | undefined, fuzzy: boolean): Comparison {
  const expected = check.expected.map(({ metric, labels, value }) => pointOf(metric, labels, value)).sort(bySeries);
  if (answers === undefined) return { passed: false, expected: expected.map(textOfPoint), actual: [NO_ANSWER] };
  const actual = answers.map(({ name = '', labels, value }) => pointOf(name, recordOf(labels), value)).sort(bySeries);
  const passed =
    expected.length === actual.length &&
    expected.every(({ series, value }, i) => {
      const other = actual[i] as Point;
      return series === other.series && sameValue(value, other.value, fuzzy);
    });
  return { passed, expected: expected.map(textOfPoint), actual: actual.map(textOfPoint) };
}

function pointOf(metric: string, labels: Readonly<Record<string, string>>, value: number): Point {
  return { series: `${metric}${textOfLabels(labels)}`, value };
}

function bySeries(a: Point, b: Point): number {
  if (a.series === b.series) return 0;
  return a.series < b.series ? -1 : 1;
}

/** promtool finds NaN different from itself, which helps nobody. */
function sameValue(a: number, b: number, fuzzy: boolean): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b)) || (fuzzy && placesBetween(a, b) <= 1);
}

/** How many steps of a double's last digit two numbers are apart. */
function placesBetween(a: number, b: number): number {
  const [x = 0n, y = 0n] = new BigInt64Array(new Float64Array([a, b]).buffer);
  return Math.sign(a) === Math.sign(b) ? Math.abs(Number(x - y)) : Number.POSITIVE_INFINITY;
}

function textOfPoint({ series, value }: Point): string {
  return `${series} ${String(value).replace(/^(-?)Infinity$/, (_, sign) => `${sign || '+'}Inf`)}`;
}

function textOfLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).filter(([, value]) => value !== '');
  const inOrder = pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${inOrder.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}
