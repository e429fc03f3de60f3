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
 * What this engine would judge otherwise than Prometheus is refused, never skipped: a rule that is loaded works.
 */
import type { Node } from 'yaml';
import { PipelineError } from '#runtime/errors.ts';
import { DURATION_EXPECTED, parseDuration } from './duration.ts';
import type { VectorExpr } from './promql/ast.ts';
import { parsePromql } from './promql/parse.ts';
import type { Rule, Templates } from './rule.ts';
import { RuleSource, type Text } from './rule-source.ts';
import { parseTemplate } from './template.ts';

/**
 * @param fileName how messages call the file.
 * @throws PipelineError `RULES` that lists every problem as `file:line:column: …`, one a line.
 */
export function parseRuleFile(text: string, fileName: string): Rule[] {
  const source = new RuleSource(text);
  const rules = source.root === undefined ? [] : readFile(source.root, source, fileName);
  const problems = source.problems();
  if (problems.length > 0)
    throw new PipelineError('RULES', problems.map((problem) => `${fileName}:${problem}`).join('\n'));
  return rules;
}

const REFUSED_OF_A_GROUP = {
  limit: 'a limit on alerts is not supported: leave it out',
  query_offset: 'rules are judged at the time of the event: leave it out',
};

function readFile(root: Node, source: RuleSource, file: string): Rule[] {
  const groups = source.fields(root, 'a rule file', ['groups'])?.get('groups');
  const names = new Set<string>();
  const rules: Rule[] = [];
  for (const node of (groups && source.items(groups, 'groups')) ?? []) {
    const fields = source.fields(node, 'a group', ['name', 'interval', 'rules', 'labels'], REFUSED_OF_A_GROUP);
    if (fields === undefined) continue;
    const name = readName(fields.get('name'), node, 'a group', source);
    if (name !== undefined && names.has(name.value)) {
      source.refuse(name.node, `a second group named "${name.value}": give each group of a file its own name`);
    }
    if (name !== undefined) names.add(name.value);
    readDuration(fields.get('interval'), 'interval', source);
    const labels = readTemplates(fields.get('labels'), 'label', source);
    const items = fields.get('rules');
    for (const item of (items && source.items(items, 'rules')) ?? []) {
      const rule = readRule(item, source);
      if (rule === undefined || name === undefined) continue;
      const merged = new Map([...labels, ...rule.labels]);
      rules.push({ ...rule, file, group: name.value, labels: [...merged] });
    }
  }
  return rules;
}

const RULE_FIELDS = ['alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'] as const;
const REFUSED_OF_A_RULE = { record: 'recording rules are not supported: write the expression into the alert itself' };

function readRule(node: Node, source: RuleSource): Omit<Rule, 'file' | 'group'> | undefined {
  const fields = source.fields(node, 'a rule', RULE_FIELDS, REFUSED_OF_A_RULE);
  if (fields === undefined || fields.has('record')) return undefined;
  const alert = readName(fields.get('alert'), node, 'a rule', source, 'alert');
  const expr = readName(fields.get('expr'), node, 'a rule', source, 'expr');
  const query = expr && readQuery(expr, source);
  const forMs = readDuration(fields.get('for'), 'for', source);
  const keepFiringForMs = readDuration(fields.get('keep_firing_for'), 'keep_firing_for', source);
  const labels = readTemplates(fields.get('labels'), 'label', source);
  const annotations = readTemplates(fields.get('annotations'), 'annotation', source);
  if (alert === undefined || expr === undefined || query === undefined) return undefined;
  return { alert: alert.value, expr: expr.value.trim(), query, forMs, keepFiringForMs, labels, annotations };
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
  const parsed = parsePromql(expr.value);
  if ('problems' in parsed) {
    for (const { offset, message } of parsed.problems) source.refuseInside(expr, offset, `expr: ${message}`);
    return undefined;
  }
  if (parsed.expr.kind !== 'number') return parsed.expr;
  return source.refuse(
    expr.node,
    'expr: this is a number, the same for every node: expected series, such as node_load1 > 4',
  );
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
    else source.refuseInside(text, parsed.problem.offset, `${what} "${key.value}": ${parsed.problem.message}`);
  }
  return templates;
}

function an(what: 'label' | 'annotation'): string {
  return what === 'label' ? 'a label' : 'an annotation';
}
