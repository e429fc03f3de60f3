/**
 * Rule files as Prometheus has them, of alerting rules:
 *
 *   groups:
 *     - name: cpu
 *       interval: 30s            # accepted, without effect: rules are judged whenever an event of a node arrives
 *       labels: {team: infra}    # for every rule of the group, which may override them
 *       rules:
 *         - alert: CpuBusy
 *           expr: …
 *           for: 1m
 *           keep_firing_for: 1m
 *           labels: {severity: warning}
 *           annotations: {summary: …}
 *
 * https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
 * They may stand in a `PrometheusRule` of Prometheus' operator as well.
 *
 * A file with mistakes is refused as a whole. A rule that Prometheus takes and this engine would judge otherwise is refused
 * by itself, with the reason, never skipped without a word: a rule that is loaded works.
 */
import type { Node } from 'yaml';
import { PipelineError } from '#runtime/errors.ts';
import { DURATION_EXPECTED, parseDuration } from './duration.ts';
import { isScalar, type VectorExpr } from './promql/ast.ts';
import { parsePromql, problemOfRule } from './promql/parse.ts';
import { DEFAULT_JOB } from './promql/selector.ts';
import type { Rule, Templates } from './rule.ts';
import { RuleSource, type Text } from './rule-source.ts';
import { parseTemplate } from './template.ts';

export interface RuleFile {
  readonly rules: readonly Rule[];
  /** Why others of its rules are not judged, as `file:line:column: …`. */
  readonly refused: readonly string[];
  /** How many rules there are in the file, with those that are not judged. */
  readonly written: number;
}

/**
 * @param fileName how messages call the file.
 * @param job what every series has as `job`.
 * @throws PipelineError `RULES` that lists every mistake as `file:line:column: …`, one a line.
 */
export function parseRuleFile(text: string, fileName: string, job = DEFAULT_JOB): RuleFile {
  const source = new RuleSource(text, job);
  const { rules, written } =
    source.root === undefined ? { rules: [], written: 0 } : readFile(source.root, source, fileName);
  const mistakes = source.mistakes();
  if (mistakes.length > 0)
    throw new PipelineError('RULES', mistakes.map((mistake) => `${fileName}:${mistake}`).join('\n'));
  return { rules, refused: source.unsupported().map((problem) => `${fileName}:${problem}`), written };
}

const GROUP_FIELDS = ['name', 'interval', 'query_offset', 'limit', 'rules', 'labels'] as const;

const RESOURCE_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec'] as const;

/** The rules of Prometheus' operator stand in a resource of Kubernetes: `kind: PrometheusRule`, and the file is its `spec`. */
function readGroups(root: Node, source: RuleSource): Node | undefined {
  const entries = source.entries(root, 'a rule file');
  const kind = entries?.find(({ key }) => key.value === 'kind');
  if (entries === undefined) return undefined;
  if (kind === undefined) return source.fields(root, 'a rule file', ['groups'])?.get('groups');
  const name = source.text(kind.value, 'kind');
  if (name === undefined) return undefined;
  if (name.value !== 'PrometheusRule')
    return source.refuse(name.node, `kind: expected PrometheusRule, got "${name.value}"`);
  const spec = source.fields(root, 'a PrometheusRule', RESOURCE_FIELDS)?.get('spec');
  return spec && source.fields(spec, 'the spec of a PrometheusRule', ['groups'])?.get('groups');
}

function readFile(root: Node, source: RuleSource, file: string): Pick<RuleFile, 'rules' | 'written'> {
  const groups = readGroups(root, source);
  const names = new Set<string>();
  const rules: Rule[] = [];
  let written = 0;
  for (const node of (groups && source.items(groups, 'groups')) ?? []) {
    const fields = source.fields(node, 'a group', GROUP_FIELDS);
    if (fields === undefined) continue;
    const name = readName(fields.get('name'), node, 'a group', source);
    if (name !== undefined && names.has(name.value)) {
      source.refuse(name.node, `a second group named "${name.value}": give each group of a file its own name`);
    }
    if (name !== undefined) names.add(name.value);
    const before = source.count;
    readDuration(fields.get('interval'), 'interval', source);
    readUnsupported(fields, source);
    const labels = readTemplates(fields.get('labels'), 'label', source);
    const sound = source.count === before;
    const items = fields.get('rules');
    for (const item of (items && source.items(items, 'rules')) ?? []) {
      written++;
      const rule = readRule(item, source);
      source.subject = undefined;
      if (rule === undefined || name === undefined || !sound) continue;
      const merged = new Map([...labels, ...rule.labels]);
      rules.push({ ...rule, file, group: name.value, labels: [...merged] });
    }
  }
  return { rules, written };
}

/** Fields of a group that would change what its rules mean. They cost the whole group. */
function readUnsupported(fields: ReadonlyMap<(typeof GROUP_FIELDS)[number], Node>, source: RuleSource): void {
  const [offset, limit] = [fields.get('query_offset'), fields.get('limit')];
  if (offset !== undefined && readDuration(offset, 'query_offset', source) > 0) {
    source.refuseUnsupported(
      offset,
      'query_offset: rules are judged at the time of the event, so none of this group is judged: leave it out',
    );
  }
  const text = limit && source.text(limit, 'limit');
  if (text === undefined || text.value === '0') return;
  if (/^[1-9]\d*$/.test(text.value)) {
    source.refuseUnsupported(
      text.node,
      'limit: a limit on alerts is not supported, so none of this group is judged: leave it out',
    );
  } else source.refuse(text.node, `limit: expected a whole number, got "${text.value}"`);
}

const RULE_FIELDS = ['alert', 'record', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'] as const;

function readRule(node: Node, source: RuleSource): Omit<Rule, 'file' | 'group'> | undefined {
  const before = source.count;
  const fields = source.fields(node, 'a rule', RULE_FIELDS);
  if (fields === undefined) return undefined;
  const record = fields.get('record');
  if (record !== undefined) return readRecord(record, fields, node, source);
  const alert = readName(fields.get('alert'), node, 'a rule', source, 'alert');
  source.subject = alert?.value;
  const expr = readName(fields.get('expr'), node, 'a rule', source, 'expr');
  const query = expr && readQuery(expr, source);
  const forMs = readDuration(fields.get('for'), 'for', source);
  const keepFiringForMs = readDuration(fields.get('keep_firing_for'), 'keep_firing_for', source);
  const labels = readTemplates(fields.get('labels'), 'label', source);
  const annotations = readTemplates(fields.get('annotations'), 'annotation', source);
  if (alert === undefined || expr === undefined || query === undefined || source.count > before) return undefined;
  return { alert: alert.value, expr: expr.value.trim(), query, forMs, keepFiringForMs, labels, annotations };
}

/** Only mistakes in it are told, besides that it is one. */
function readRecord(
  record: Node,
  fields: ReadonlyMap<(typeof RULE_FIELDS)[number], Node>,
  node: Node,
  source: RuleSource,
): undefined {
  const name = readName(record, node, 'a rule', source, 'record');
  source.subject = name?.value;
  const expr = readName(fields.get('expr'), node, 'a rule', source, 'expr');
  const wrong = (['alert', 'for', 'keep_firing_for', 'annotations'] as const).find((field) => fields.has(field));
  if (wrong !== undefined) source.refuse(fields.get(wrong) as Node, `a rule that records has no "${wrong}"`);
  const parsed = expr && parsePromql(expr.value, source.job);
  if (parsed !== undefined && 'problems' in parsed) {
    for (const problem of parsed.problems) {
      if (!problem.unsupported) source.refuseInside(expr as Text, { ...problem, message: `expr: ${problem.message}` });
    }
  }
  return source.refuseUnsupported(
    record,
    'record: recording rules are not supported: write the expression into the alerts that read it',
  );
}

/** A text that has to be there. */
function readName(
  node: Node | undefined,
  parent: Node,
  what: string,
  source: RuleSource,
  field = 'name',
): Text | undefined {
  if (node === undefined) return source.refuse(parent, `${what} needs the field "${field}"`);
  const text = source.text(node, field);
  if (text === undefined || text.value.trim() !== '') return text;
  return source.refuse(node, `${field}: expected a text, and it is empty`);
}

function readQuery(expr: Text, source: RuleSource): VectorExpr | undefined {
  const parsed = parsePromql(expr.value, source.job);
  if ('problems' in parsed) {
    for (const problem of parsed.problems)
      source.refuseInside(expr, { ...problem, message: `expr: ${problem.message}` });
    return undefined;
  }
  const problem = problemOfRule(parsed.expr);
  if (problem === undefined && !isScalar(parsed.expr)) return parsed.expr;
  return source.refuseUnsupported(expr.node, `expr: ${problem}`);
}

function readDuration(node: Node | undefined, field: string, source: RuleSource): number {
  const text = node && source.text(node, field);
  if (text === undefined) return 0;
  const ms = parseDuration(text.value);
  if (ms === undefined) source.refuse(text.node, `${field}: expected ${DURATION_EXPECTED}, got "${text.value}"`);
  return ms ?? 0;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function readTemplates(node: Node | undefined, what: 'label' | 'annotation', source: RuleSource): Templates {
  const templates: [string, Templates[number][1]][] = [];
  for (const { key, value } of (node && source.entries(node, `${what}s`)) ?? []) {
    if (!NAME.test(key.value)) {
      source.refuse(
        key.node,
        `"${key.value}" is no name for ${an(what)}: expected letters, digits and _, no digit first`,
      );
    } else if (what === 'label' && (key.value.startsWith('__') || key.value === 'alertname')) {
      source.refuse(key.node, `the label "${key.value}" is reserved: choose another name`);
    }
    const text = source.text(value, `${what} "${key.value}"`);
    if (text === undefined) continue;
    const parsed = parseTemplate(text.value);
    if ('template' in parsed) templates.push([key.value, parsed.template]);
    else source.refuseInside(text, { ...parsed.problem, message: `${what} "${key.value}": ${parsed.problem.message}` });
  }
  return templates;
}

function an(what: 'label' | 'annotation'): string {
  return what === 'label' ? 'a label' : 'an annotation';
}
