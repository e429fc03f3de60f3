/**
 * Queries that stand in rules, data sources and log shippers: found, parsed by the languages' own grammars, and held against
 * the names that there are. Pure.
 */
import { parser as logql } from '@grafana/lezer-logql';
import type { SyntaxNodeRef, Tree } from '@lezer/common';
import { parser as promql } from '@prometheus-io/lezer-promql';
import { metricOf } from '#contract/metrics.ts';
import { NODE_STATUS_METRICS, PIPELINE_METRICS, type PipelineMetricDef } from '#contract/pipeline-metrics.ts';

export interface Query {
  readonly language: 'promql' | 'logql';
  readonly text: string;
}

/** Every query in a tree of values, such as a dashboard, a rule file or the values of a chart. */
export function queriesIn(value: unknown, language: Query['language'] = 'promql'): readonly Query[] {
  if (Array.isArray(value)) return value.flatMap((item) => queriesIn(item, language));
  if (typeof value !== 'object' || value === null) return [];
  const fields = value as Readonly<Record<string, unknown>>;
  const own = languageOf(fields) ?? language;
  return Object.entries(fields).flatMap(([key, field]): readonly Query[] => {
    if (typeof field !== 'string') return queriesIn(field, own);
    if (key === 'expr') return [{ language: own, text: field }];
    // A stage of Promtail that is for some streams alone.
    if (key === 'selector' && 'stages' in fields) return [{ language: 'logql', text: field }];
    if (key === 'url') return explored(field);
    if (key === 'content') return riverSelectors(field);
    return [];
  });
}

/** A link that opens Grafana's Explore carries its queries as JSON. */
function explored(url: string): readonly Query[] {
  const panes = /[?&]panes=([^&]+)/.exec(url)?.[1];
  return panes === undefined ? [] : queriesIn(JSON.parse(decodeURIComponent(panes)));
}

/** `stage.match` of Alloy's configuration. */
function riverSelectors(text: string): readonly Query[] {
  const selectors = [...text.matchAll(/stage\.match \{\s+selector\s*= ("(?:[^"\\]|\\.)*")/g)];
  return selectors.map(([, selector]) => ({ language: 'logql', text: JSON.parse(String(selector)) }));
}

function languageOf({ datasource, targetUID }: Readonly<Record<string, unknown>>): Query['language'] | undefined {
  const { type, uid } = (typeof datasource === 'object' && datasource !== null ? datasource : {}) as {
    readonly type?: string;
    readonly uid?: string;
  };
  const named = [type, uid, datasource, targetUID];
  if (named.includes('loki')) return 'logql';
  return named.includes('prometheus') ? 'promql' : undefined;
}

/** A sentence for what is wrong with it. @param recorded names that recording rules make. */
export function queryProblems(query: Query, recorded: ReadonlySet<string> = new Set()): readonly string[] {
  const text = withoutVariables(query.text);
  const tree = (query.language === 'promql' ? promql : logql).parse(text);
  const syntax = syntaxProblem(tree, text);
  if (syntax !== undefined) return [syntax];
  return query.language === 'promql' ? unknownNames(tree, text, recorded) : [];
}

/** Grafana fills in its variables before a server sees them; between quotes and in regular expressions any text will do. */
function withoutVariables(text: string): string {
  return text.replace(/\$__(rate_)?interval|\$__range|\$__auto/g, '5m').replaceAll('$$', '$');
}

function syntaxProblem(tree: Tree, text: string): string | undefined {
  let at: number | undefined;
  tree.iterate({
    enter({ type, from }) {
      if (type.isError) at ??= from;
    },
  });
  return at === undefined ? undefined : `does not parse at \`${text.slice(at)}\`: ${text}`;
}

function unknownNames(tree: Tree, text: string, recorded: ReadonlySet<string>): readonly string[] {
  const problems: string[] = [];
  tree.iterate({
    enter(node) {
      if (node.name !== 'VectorSelector') return;
      const selector = node.node;
      const identifier = selector.getChild('Identifier');
      const name = identifier === null ? '' : text.slice(identifier.from, identifier.to);
      const labels = labelsOf(name, recorded);
      if (labels === undefined)
        problems.push(`${name || text.slice(node.from, node.to)} is no name that anybody exposes: ${text}`);
      else
        for (const label of matched(selector, text))
          if (!labels(label)) problems.push(`${name} has no label ${label}: ${text}`);
    },
  });
  return problems;
}

function* matched(selector: SyntaxNodeRef['node'], text: string): Generator<string> {
  for (const matcher of selector.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
    const label = matcher.getChild('LabelName');
    if (label !== null) yield text.slice(label.from, label.to);
  }
}

/** Put on every series by the one who scrapes. */
const TARGET = ['job', 'instance', 'namespace', 'pod', 'container', 'service', 'endpoint', 'cluster', 'node'];

/** What other programs expose. */
const FOREIGN: readonly RegExp[] = [
  // Prometheus itself.
  /^(up|ALERTS|ALERTS_FOR_STATE|scrape_[a-z_]+)$/,
  // Strimzi's reporter in the brokers, and its exporter and operators.
  /^(kafka|jvm|strimzi)_[a-z0-9_]+$/,
  // The kubelet, on volumes.
  /^kubelet_volume_stats_[a-z_]+$/,
  // Kubernetes' own state: kube-state-metrics.
  /^kube_[a-z_]+$/,
  // prom-client's, on the process that the consumer and the producer are.
  /^(process|nodejs)_[a-z0-9_]+$/,
];

/** Tells the labels of a series; `undefined` if there is no such series. */
function labelsOf(name: string, recorded: ReadonlySet<string>): ((label: string) => boolean) | undefined {
  if (recorded.has(name) || FOREIGN.some((pattern) => pattern.test(name))) return () => true;
  const own = metricOf(name)?.labels ?? pipelineLabels(name);
  return own && ((label) => own.includes(label) || TARGET.includes(label));
}

function pipelineLabels(name: string): readonly string[] | undefined {
  const table: Readonly<Record<string, PipelineMetricDef>> = { ...PIPELINE_METRICS, ...NODE_STATUS_METRICS };
  const plain = table[name];
  if (plain !== undefined) return plain.type === 'histogram' ? undefined : plain.labels;
  const [, base = '', part] = /^(.+)_(bucket|sum|count)$/.exec(name) ?? [];
  const histogram = table[base];
  if (histogram?.type !== 'histogram') return undefined;
  return part === 'bucket' ? [...histogram.labels, 'le'] : histogram.labels;
}
