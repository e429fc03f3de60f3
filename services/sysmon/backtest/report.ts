/** What a backtest has found, as lines for people and as a document for programs. */
import { DEFAULT_SEVERITY } from '../../consumer/alerts/transition.ts';
import { type Rule, severityOf } from '../../consumer/rules/rule.ts';
import { type Column, momentOf, printable, spanOf, tableOf } from '../text.ts';
import { type Pair, subjectOf, type ToldAndFired } from './compare.ts';
import type { Life } from './replay.ts';

export interface Report {
  /** By the broker's clock, milliseconds. */
  readonly since: number;
  readonly until: number;
  readonly rules: readonly Rule[];
  readonly pairs: readonly Pair[];
  readonly events: number;
  readonly notes: readonly string[];
}

const COLUMNS: readonly Column[] = [
  { title: 'WOULD FIRE' },
  { title: 'FOR' },
  { title: 'DID' },
  { title: 'SEVERITY', atLeast: 8 },
  { title: 'ALERT', atLeast: 12 },
  { title: 'NODE', atLeast: 12 },
  { title: 'LABELS', atLeast: 10 },
];
/** What stands in other columns, or is the same of all nodes. */
const KNOWN_LABELS: ReadonlySet<string> = new Set(['alertname', 'severity', 'cluster', 'node', 'instance', 'job']);

export function linesOf(report: Report): string[] {
  const { since, until, pairs, rules, events, notes } = report;
  const clusters = new Set(pairs.map((pair) => subjectOf(pair).cluster));
  const rows = pairs.map((pair) => rowOf(pair, report, clusters.size > 1));
  const summaries = summariesOf(report);
  const quiet = rules.filter((rule) => !summaries.some(({ alertname }) => alertname === rule.alert)).length;
  return [
    `${momentOf(since)} to ${momentOf(until)} UTC: ${events} events judged by ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`,
    ...notes.map((note) => printable(`  ${note}`)),
    '',
    ...(rows.length === 0 ? [] : [...tableOf(COLUMNS, rows), '']),
    ...summaries.map(summaryLine).map(printable),
    ...(quiet === 0 ? [] : [`${quiet} ${quiet === 1 ? 'rule' : 'rules'} that neither would have fired nor did`]),
  ];
}

export function documentOf(report: Report): object {
  const { since: sinceMs, until: untilMs, events, notes, pairs } = report;
  const alerts = pairs.map((pair) => {
    const { alertname, severity, cluster, node, labels } = subjectOf(pair);
    const { would, did } = pair;
    return {
      ...{ alertname, severity, cluster, node, labels },
      would: would && { ...spanDocument(would, report), firedBefore: would.firedBefore },
      did: did === 'unknown' ? did : did && spanDocument(did, report),
    };
  });
  return { sinceMs, untilMs, events, notes, alerts, rules: summariesOf(report) };
}

function spanDocument(life: Life | ToldAndFired, report: Report): object {
  const { alertId, fired: firedMs, resolved: resolvedMs, reason } = life;
  return { alertId, firedMs, resolvedMs, reason, seconds: lengthOf(life, report) / 1000 };
}

function rowOf(pair: Pair, report: Report, several: boolean): string[] {
  const { would } = pair;
  const { alertname, severity, cluster, node, labels } = subjectOf(pair);
  const others = Object.entries(labels).filter(([name, value]) => !KNOWN_LABELS.has(name) && value !== '');
  return [
    would === undefined ? 'no' : would.firedBefore ? 'before' : momentOf(would.fired),
    would === undefined ? '' : forOf(would, report),
    didOf(pair, report),
    severity,
    alertname,
    several ? `${cluster}/${node}` : node,
    others.map(([name, value]) => `${name}=${value}`).join(' '),
  ];
}

function didOf({ would, did }: Pair, report: Report): string {
  if (did === undefined) return 'no';
  if (did === 'unknown') return 'not known';
  const same = would !== undefined && did.fired === would.fired && did.resolved === would.resolved;
  return same ? 'the same' : `${momentOf(did.fired)} ${forOf(did, report)}`;
}

function forOf(life: Life | ToldAndFired, report: Report): string {
  return `${spanOf(lengthOf(life, report))}${life.resolved === undefined ? ' still' : ''}`;
}

/** How long it fired; what still does is reckoned to the end of the range. */
function lengthOf({ fired, resolved }: Life | ToldAndFired, { until }: Report): number {
  return Math.max(0, (resolved ?? until) - fired);
}

interface Summary {
  readonly alertname: string;
  readonly severity: string;
  /** How often it would have fired. */
  readonly fired: number;
  readonly nodes: number;
  readonly longestSeconds: number;
  /** Of these, what did. */
  readonly did: number;
  readonly unknown: number;
  /** What did and would not have. */
  readonly didAlone: number;
}

/** Of each alert and severity that would have fired or did, in the order of the rules. */
function summariesOf(report: Report): Summary[] {
  const { pairs, rules } = report;
  const places = new Map(rules.map((rule, i) => [keyOf(rule.alert, severityOf(rule) ?? DEFAULT_SEVERITY), i]));
  const place = ([key]: readonly [string, unknown]) => places.get(key) ?? rules.length;
  const groups = Map.groupBy(pairs, (pair) => keyOf(subjectOf(pair).alertname, subjectOf(pair).severity));
  return [...groups]
    .sort((a, b) => place(a) - place(b))
    .map(([, group]) => {
      const [first] = group;
      if (first === undefined) throw new Error('a group of none');
      const { alertname, severity } = subjectOf(first);
      const would = group.flatMap((pair) => (pair.would === undefined ? [] : [pair.would]));
      const unknown = group.filter(({ did }) => did === 'unknown').length;
      const didAlone = group.length - would.length;
      const did = group.filter(({ did }) => did !== undefined).length - unknown - didAlone;
      const nodes = new Set(would.map(({ cluster, node }) => `${cluster}/${node}`)).size;
      const longestSeconds = Math.max(0, ...would.map((life) => lengthOf(life, report))) / 1000;
      return { alertname, severity, fired: would.length, nodes, longestSeconds, did, unknown, didAlone };
    });
}

function keyOf(alertname: string, severity: string): string {
  return JSON.stringify([alertname, severity]);
}

function summaryLine({ alertname, severity, fired, nodes, longestSeconds, did, unknown, didAlone }: Summary): string {
  const times = (count: number) => (count === 1 ? 'once' : `${count} times`);
  const would =
    fired === 0
      ? 'would not have fired'
      : `would have fired ${times(fired)} on ${nodes} ${nodes === 1 ? 'node' : 'nodes'}, longest ${spanOf(longestSeconds * 1000)}`;
  const not = fired - did - unknown;
  const parts = [
    ...(did > 0 ? [`${did} did`] : []),
    ...(not > 0 ? [`${not} did not`] : []),
    ...(unknown > 0 ? [`${unknown} not known`] : []),
    ...(didAlone > 0 ? [`${didAlone} did that would not have`] : []),
  ];
  return `${alertname} ${severity}: ${would}; ${parts.join(', ')}`;
}
