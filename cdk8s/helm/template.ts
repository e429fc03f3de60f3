/**
 * A manifest with tokens → the text of a Helm template.
 *
 * Written node by node, so that each expression knows its indentation; scalars are quoted by the `yaml` package, by the rules of
 * YAML 1.1, which Helm reads (`on` and `yes` are truth values there). Braces of Prometheus' and Grafana's templates in
 * literal text are escaped.
 */
import { stringify } from 'yaml';
import { isText, operand } from './expression.ts';
import type { Manifest } from './manifest.ts';
import { presenceOf } from './presence.ts';
import { CONDITION_KEY, type ExpressionToken, partsOf, type Token, tokenOf } from './tokens.ts';

/** @param condition under which there is a document at all. */
export function templateOf(manifest: Manifest, condition?: string): string {
  const ordered = first(['apiVersion', 'kind', 'metadata'], {
    ...manifest,
    metadata: first(['name', 'namespace'], manifest.metadata as Manifest),
  });
  const lines = mapLines(ordered, 0);
  return `${(condition === undefined ? lines : onlyIf(condition, 0, lines)).join('\n')}\n`;
}

function first(keys: readonly string[], map: Manifest): Manifest {
  const present = keys.filter((key) => key in map);
  return { ...Object.fromEntries(present.map((key) => [key, map[key]])), ...map };
}

function mapLines(map: Manifest, indent: number): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    if (key === CONDITION_KEY) return [];
    const token = tokenOf(key);
    if (token?.form === 'entries') return mergedLines(token, indent);
    return entryLines(`${scalar(key, indent)}:`, value, indent);
  });
}

/** A map's entry or a list's item, by what it starts with: `key:` or `-`. */
function entryLines(head: string, value: unknown, indent: number): string[] {
  const margin = ' '.repeat(indent);
  const token = tokenOf(value);
  if (token !== undefined) return tokenLines(head, token, indent);
  if (typeof value !== 'object' || value === null) return [`${margin}${head} ${scalar(value, indent)}`];
  const lines = Array.isArray(value) ? listLines(head, value, indent) : objectLines(head, value as Manifest, indent);
  const presence = presenceOf(value);
  return presence === undefined ? lines : onlyIf(presence, indent, lines);
}

function listLines(head: string, list: readonly unknown[], indent: number): string[] {
  const margin = ' '.repeat(indent);
  const own = isConditionOfList(list[0]) ? list.slice(1) : list;
  const items = own.flatMap((item) => entryLines('-', item, indent + 2));
  return items.length === 0 ? [`${margin}${head} []`] : [`${margin}${head}`, ...items];
}

function isConditionOfList(item: unknown): boolean {
  const token = tokenOf(item);
  return token?.form === 'when' && token.value === undefined;
}

function objectLines(head: string, object: Manifest, indent: number): string[] {
  const margin = ' '.repeat(indent);
  const inner = mapLines(object, indent + 2);
  const [first, ...others] = inner;
  if (first === undefined) return [`${margin}${head} {}`];
  const compact = head === '-' && !first.trimStart().startsWith('{{');
  return compact ? [`${margin}- ${first.trimStart()}`, ...others] : [`${margin}${head}`, ...inner];
}

function tokenLines(head: string, token: Token, indent: number): string[] {
  const margin = ' '.repeat(indent);
  if (token.form === 'when') {
    if (token.value === undefined)
      throw new Error(`when ${token.condition}: expected a list's first item, found it elsewhere`);
    return onlyIf(token.condition, indent, entryLines(head, token.value, indent));
  }
  if (token.form === 'splice') {
    if (head !== '-') throw new Error(`splice ${token.expression}: expected an item of a list, found an entry's value`);
    return mergedLines(token, indent);
  }
  const { present, ...always } = token;
  if (present === token.expression && !isText(present)) {
    // `with` says the expression once.
    const inner = tokenLines(head, { ...always, expression: '.' }, indent);
    return [`${margin}{{- with ${present} }}`, ...inner, `${margin}{{- end }}`];
  }
  if (present !== undefined) return onlyIf(present, indent, tokenLines(head, always, indent));
  if (token.form === 'yaml') {
    return [`${margin}${head} {{- ${yamlText(token.expression)} | nindent ${indent + 2} }}`];
  }
  return [`${margin}${head} {{ ${written(token)} }}`];
}

/** Items or entries among others of their kind. */
function mergedLines(token: ExpressionToken, indent: number): string[] {
  const margin = ' '.repeat(indent);
  const { expression } = token;
  if (isText(expression)) return [`${margin}{{- ${expression} | nindent ${indent} }}`];
  return [`${margin}{{- with ${expression} }}`, `${margin}{{- toYaml . | nindent ${indent} }}`, `${margin}{{- end }}`];
}

function onlyIf(condition: string, indent: number, lines: readonly string[]): string[] {
  const margin = ' '.repeat(indent);
  return [`${margin}{{- if ${condition} }}`, ...lines, `${margin}{{- end }}`];
}

function written(token: ExpressionToken): string {
  const { form, expression } = token;
  switch (form) {
    case 'string':
      return `${expression} | quote`;
    case 'number':
      return `${expression} | int64`;
    case 'boolean':
      return expression;
    case 'json':
      return `${expression} | toJson`;
    case 'stringOf':
      return `${expression} | toJson | quote`;
    default:
      throw new Error(`${form} ${expression}: expected alone in its place, found in a text or as a key`);
  }
}

function yamlText(expression: string): string {
  return isText(expression) ? expression : `toYaml ${operand(expression)}`;
}

const YAML_STYLE = { lineWidth: 0, version: '1.1', blockQuote: 'literal' } as const;
/** Expressions that begin with `{{-` would take empty lines above them away. */
const ONE_LINE = { defaultKeyType: 'PLAIN', defaultStringType: 'QUOTE_DOUBLE', doubleQuotedAsJSON: true } as const;

function endsInEmptyLine(value: unknown): boolean {
  return typeof value === 'string' && /(^|\n)\n$/.test(value);
}

/** A scalar by YAML's rules, its tokens replaced; further lines of a block are indented below the entry. */
function scalar(value: unknown, indent: number): string {
  if (value === null || value === undefined) throw new Error('null has no place in a manifest: leave the key out');
  const entry = stringify({ k: value }, { ...YAML_STYLE, ...(endsInEmptyLine(value) && ONE_LINE) });
  const [first = '', ...further] = entry.slice('k: '.length, -1).split('\n');
  const margin = ' '.repeat(indent);
  const text = [first, ...further.map((line) => (line === '' ? '' : `${margin}${line}`))].join('\n');
  return textTemplate(typeof value === 'string' ? quotedIfAmbiguous(text, value) : text);
}

/** Tokens become bare expressions, braces stay literal. */
function textTemplate(text: string): string {
  return partsOf(text)
    .map((part, index, parts) =>
      typeof part === 'string' ? escaped(part, parts[index + 1] !== undefined) : bare(part),
    )
    .join('');
}

/** `{{ a }}{{ b }}` may turn out to be a number. A letter of our own keeps it a text. */
function quotedIfAmbiguous(text: string, value: string): string {
  const parts = partsOf(value);
  if (parts.length === 1 || text !== value) return text;
  const literal = parts.filter((part) => typeof part === 'string').join('');
  return /[A-Za-z/]/.test(literal) ? text : `"${text}"`;
}

function bare(token: Token): string {
  if (token.form === 'when') throw new Error(`when ${token.condition}: expected alone in its place, found in a text`);
  if (token.present !== undefined) throw new Error(`optional ${token.expression}: expected alone, found in a text`);
  return `{{ ${token.form === 'string' ? token.expression : written(token)} }}`;
}

/** Only `{{` means something to Helm outside of an expression, and a brace that would touch one. */
function escaped(literal: string, beforeExpression: boolean): string {
  const text = literal.replace(/\{\{[^`\n]*?\}\}|\{\{/g, (braces) => `{{ \`${braces}\` }}`);
  return beforeExpression && text.endsWith('{') ? `${text.slice(0, -1)}{{ \`{\` }}` : text;
}
