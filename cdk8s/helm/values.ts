/**
 * One zod schema of a chart's values → `values.yaml` with comments, `values.schema.json` and the README's table. Every
 * value has a description; what may be left out and has no default appears as a comment.
 */
import { stringify } from 'yaml';
import { z } from 'zod';

/** What of JSON Schema (draft 7) zod writes for the schemas that values use. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
}

interface Value {
  readonly key: string;
  readonly schema: Schema;
  readonly required: boolean;
}

const COMMENT_WIDTH = 110;

function jsonSchema(schema: z.ZodObject): Schema {
  return z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as Schema;
}

/** Helm refuses values that do not fit, with the key's place: misspelt keys, wrong types. */
export function valuesSchema(schema: z.ZodObject): string {
  return `${JSON.stringify(jsonSchema(schema), undefined, 2)}\n`;
}

/** @param head stands above all, as comments. */
export function valuesYaml(schema: z.ZodObject, head: string): string {
  const groups = propertiesOf(jsonSchema(schema), '').map((value) => valueLines(value, 0).join('\n'));
  return `${comment(head, 0).join('\n')}\n\n${groups.join('\n\n')}\n`;
}

/** The defaults, as Helm reads them from `values.yaml`. */
export function defaultValues(schema: z.ZodObject): Record<string, unknown> {
  return defaultsOf(jsonSchema(schema), '');
}

/** Markdown: key, type, default, description. */
export function valuesTable(schema: z.ZodObject): string {
  const rows = tableRows(jsonSchema(schema), '');
  return ['| key | type | default | what |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** An object's properties, if it has any of its own; each with a description. */
function propertiesOf(schema: Schema, place: string): Value[] {
  return Object.entries(schema.properties ?? {}).map(([key, property]) => {
    if (property.description === undefined) throw new Error(`value ${place}${key}: expected a description, found none`);
    return { key, schema: property, required: schema.required?.includes(key) ?? false };
  });
}

/** Whether the schema lists keys, each a value of its own. A default makes it one value. */
function isGroup(schema: Schema): boolean {
  return schema.properties !== undefined && schema.default === undefined;
}

function valueLines({ key, schema, required }: Value, indent: number): string[] {
  const margin = ' '.repeat(indent);
  const lines = comment(schema.description ?? '', indent);
  if (isGroup(schema)) {
    const inner = propertiesOf(schema, `${key}.`).flatMap((value) => valueLines(value, indent + 2));
    const allComments = inner.every((line) => line.trimStart().startsWith('#'));
    return [...lines, `${margin}${key}:${allComments ? ' {}' : ''}`, ...inner];
  }
  if (schema.default === undefined) {
    if (required) throw new Error(`value ${key}: expected a default or .optional(), found neither`);
    return [...lines, `${margin}# ${key}:`];
  }
  const text = stringify({ [key]: schema.default }, { lineWidth: 0, version: '1.1' }).trimEnd();
  return [...lines, ...text.split('\n').map((line) => `${margin}${line}`)];
}

function comment(text: string, indent: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && indent + line.length + word.length + 3 > COMMENT_WIDTH) {
        lines.push(line);
        line = word;
      } else line = line === '' ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines.map((line) => `${' '.repeat(indent)}# ${line}`.trimEnd());
}

function defaultsOf(schema: Schema, place: string): Record<string, unknown> {
  const entries = propertiesOf(schema, place).map(({ key, schema: property }) => {
    return [key, isGroup(property) ? defaultsOf(property, `${place}${key}.`) : property.default] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function tableRows(schema: Schema, place: string): string[] {
  return propertiesOf(schema, place).flatMap(({ key, schema: property }) => {
    const name = `${place}${key}`;
    if (isGroup(property)) return tableRows(property, `${name}.`);
    const preset = property.default === undefined ? '' : code(JSON.stringify(property.default));
    return [`| ${code(name)} | ${cell(typeName(property))} | ${preset} | ${cell(property.description ?? '')} |`];
  });
}

function typeName(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(', ');
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeName))].join(' or ');
  if (schema.type === 'array') {
    const items = schema.items === undefined ? 'any' : typeName(schema.items);
    return `list of ${items === 'object' ? 'objects' : `${items}s`}`;
  }
  return typeof schema.type === 'string' ? schema.type : (schema.type?.join(' or ') ?? 'any');
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function cell(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|');
}
