/**
 * Our charts and the sets of values that each is proven with: its defaults, and every `ci/*-values.yaml`. What Helm makes of
 * them lies in `testdata/<chart>/<values>.yaml`: `rendering.test.ts` proves that both Helms still do, the other tests read it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Finished, finished, outcome } from '../tools/process.ts';
import { TOOLS } from '../tools/tools.ts';
import type { KubernetesObject } from './object.ts';

export const CHARTS = join(import.meta.dirname, '../../charts');
export const GOLDEN = join(import.meta.dirname, 'testdata');

export interface Case {
  readonly chart: string;
  readonly folder: string;
  /** `default`, or the name before `-values.yaml`. */
  readonly values: string;
  /** The file of values; the chart's own defaults hold without one. */
  readonly file?: string;
  /** The rendered text that is committed. */
  readonly golden: string;
}

export const CHART_NAMES: readonly string[] = readdirSync(CHARTS).filter((name) =>
  existsSync(join(CHARTS, name, 'Chart.yaml')),
);

export const CASES: readonly Case[] = CHART_NAMES.flatMap(casesOf);

function casesOf(chart: string): Case[] {
  const folder = join(CHARTS, chart);
  const files = readdirSync(join(folder, 'ci')).filter((file) => file.endsWith('-values.yaml'));
  const named = new Map(files.map((file) => [file.replace(/-values\.yaml$/, ''), join(folder, 'ci', file)]));
  const golden = (values: string) => join(GOLDEN, chart, `${values}.yaml`);
  const chosen = [...named].map(([values, file]) => ({ chart, folder, values, file, golden: golden(values) }));
  if (named.has('default')) return chosen;
  return [{ chart, folder, values: 'default', golden: golden('default') }, ...chosen];
}

/** How messages and tests call a case. */
export function title({ chart, values }: Case): string {
  return `${chart} with ${values} values`;
}

export const HELMS = ['helm3', 'helm4'] as const;
export type Helm = (typeof HELMS)[number];

/** The kinds that a cluster with the operators serves: Helm alone knows only Kubernetes' own. */
const SERVED = [
  ...['ServiceMonitor', 'PodMonitor', 'PrometheusRule', 'Prometheus'].map((kind) => `monitoring.coreos.com/v1/${kind}`),
  ...['Kafka', 'KafkaNodePool', 'KafkaTopic', 'KafkaUser'].map((kind) => `kafka.strimzi.io/v1/${kind}`),
  'monitoring.coreos.com/v1',
  'kafka.strimzi.io/v1',
];
export const CLUSTER = ['--kube-version', '1.36.0', ...SERVED.flatMap((kind) => ['--api-versions', kind])];

export const NAMESPACE = 'system-monitoring';

/** `--set name=value` and `--set-string` for Helm, and another name or namespace of the release than those that `make deploy` gives it. */
export interface Changes {
  /** Files of values, besides the case's. */
  readonly files?: readonly string[];
  readonly set?: readonly string[];
  readonly setString?: readonly string[];
  readonly release?: string;
  readonly namespace?: string;
}

function templateArgs({ chart, folder, file }: Case, changes: Changes): readonly string[] {
  const { files = [], set = [], setString = [], release = chart, namespace = NAMESPACE } = changes;
  const values = [
    ...[...(file === undefined ? [] : [file]), ...files].flatMap((each) => ['--values', each]),
    ...set.flatMap((each) => ['--set', each]),
    ...setString.flatMap((each) => ['--set-string', each]),
  ];
  return ['template', release, folder, '--namespace', namespace, ...CLUSTER, ...values];
}

export function render(helm: Helm, rendered: Case, changes: Changes = {}): Promise<string> {
  return finished(join(TOOLS[helm].folder, 'helm'), templateArgs(rendered, changes));
}

/** The same where Helm should refuse. */
export function renderOutcome(helm: Helm, rendered: Case, changes: Changes): Promise<Finished> {
  return outcome(join(TOOLS[helm].folder, 'helm'), templateArgs(rendered, changes));
}

export function lint(helm: Helm, { folder, file }: Case): Promise<string> {
  const values = file === undefined ? [] : ['--values', file];
  return finished(join(TOOLS[helm].folder, 'helm'), [
    'lint',
    folder,
    '--strict',
    '--kube-version',
    '1.36.0',
    ...values,
  ]);
}

/** The objects of a case, as they are committed. */
export function objectsOf({ golden }: Case): readonly KubernetesObject[] {
  if (!existsSync(golden)) throw new Error(`${golden} is missing: run make golden`);
  return parseObjects(readFileSync(golden, 'utf8'), relative(GOLDEN, golden));
}

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** The groups of its rules for Prometheus, if it has any. */
export function ruleGroupsOf(each: Case): readonly RuleGroup[] {
  return groupsIn(objectsOf(each));
}

export function groupsIn(objects: readonly KubernetesObject[]): readonly RuleGroup[] {
  return objects.filter(({ kind }) => kind === 'PrometheusRule').flatMap(({ spec }) => spec.groups);
}

/** @throws if the text is not YAML, also for a key that a mapping has twice. */
export function parseObjects(text: string, name: string): readonly KubernetesObject[] {
  return parseAllDocuments(text, { version: '1.1' })
    .map((document) => {
      const [error] = document.errors;
      if (error !== undefined) throw new Error(`${name}: ${error.message}`);
      return document.toJS() as KubernetesObject | null;
    })
    .filter((object) => object !== null);
}
