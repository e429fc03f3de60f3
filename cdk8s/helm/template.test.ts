import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocument } from 'yaml';
import { valuePaths } from './expression.ts';
import { templateOf } from './template.ts';
import { helm } from './tokens.ts';

interface Values {
  readonly name: string;
  readonly count: number;
  readonly on: boolean;
  readonly list: readonly { readonly a: string }[];
  readonly map: Readonly<Record<string, string>>;
  readonly 'with-dash': { readonly x: string };
}
const v = valuePaths<Values>();

/** The lines that entries of `spec` become. Another entry stands after them, so that `spec` is always there. */
function written(spec: object): string {
  const manifest = { apiVersion: 'v1', kind: 'X', metadata: { name: 'x' }, spec: { ...spec, last: true } };
  const lines = templateOf(manifest).split('\n');
  const entries = lines.slice(lines.indexOf('spec:') + 1, lines.indexOf('  last: true'));
  return entries.map((line) => line.slice(2)).join('\n');
}

const CASES: readonly (readonly [what: string, spec: object, expected: string])[] = [
  ['a string is quoted', { a: helm.string(v.name) }, 'a: {{ .Values.name | quote }}'],
  ['an integer stays one', { a: helm.number(v.count) }, 'a: {{ .Values.count | int64 }}'],
  ['a boolean is bare', { a: helm.boolean(v.on) }, 'a: {{ .Values.on }}'],
  ['a scalar of any type is JSON', { a: helm.json('.Values.any') }, 'a: {{ .Values.any | toJson }}'],
  ['the text of a number', { a: helm.stringOf(v.count) }, 'a: {{ .Values.count | toJson | quote }}'],
  [
    'a key that is no identifier',
    { a: helm.string(v['with-dash'].x) },
    'a: {{ (index .Values "with-dash").x | quote }}',
  ],
  ['a list is indented', { a: { b: helm.yaml(v.list) } }, 'a:\n  b: {{- toYaml .Values.list | nindent 6 }}'],
  [
    'a pipeline is put into parentheses',
    { a: helm.yaml('.x | default dict') },
    'a: {{- toYaml (.x | default dict) | nindent 4 }}',
  ],
  ['a helper is YAML already', { a: helm.yaml('include "l" .') }, 'a: {{- include "l" . | nindent 4 }}'],
  ['an item of a list', { a: [helm.string(v.name)] }, 'a:\n  - {{ .Values.name | quote }}'],
  ['a list as an item', { a: [helm.yaml(v.map)] }, 'a:\n  - {{- toYaml .Values.map | nindent 6 }}'],
  [
    'spliced items',
    { a: ['x', helm.splice(v.list)] },
    'a:\n  - x\n  {{- with .Values.list }}\n  {{- toYaml . | nindent 4 }}\n  {{- end }}',
  ],
  [
    'entries among others',
    { a: { x: 'z', ...helm.entries(v.map) } },
    'a:\n  x: z\n  {{- with .Values.map }}\n  {{- toYaml . | nindent 4 }}\n  {{- end }}',
  ],
  ['entries of a helper', { a: helm.entries('include "l" .') }, 'a:\n  {{- include "l" . | nindent 4 }}'],
  ['an optional text', { a: helm.optional.string(v.name) }, '{{- with .Values.name }}\na: {{ . | quote }}\n{{- end }}'],
  [
    'an optional number, which may be 0',
    { a: helm.optional.number(v.count) },
    '{{- if not (kindIs "invalid" .Values.count) }}\na: {{ .Values.count | int64 }}\n{{- end }}',
  ],
  [
    'an optional map',
    { a: helm.optional.yaml(v.map) },
    '{{- with .Values.map }}\na: {{- toYaml . | nindent 4 }}\n{{- end }}',
  ],
  [
    'an optional text of a helper',
    { a: helm.optional.yaml('include "l" .') },
    '{{- if include "l" . }}\na: {{- include "l" . | nindent 4 }}\n{{- end }}',
  ],
  ['a scalar under a condition', { a: helm.when(v.on, 1) }, '{{- if .Values.on }}\na: 1\n{{- end }}'],
  [
    'an item under a condition',
    { a: ['x', helm.when(v.on, { b: 'c', d: 'e' })] },
    'a:\n  - x\n  {{- if .Values.on }}\n  - b: c\n    d: e\n  {{- end }}',
  ],
  [
    'an expression under a condition',
    { a: helm.when(v.on, helm.string(v.name)) },
    '{{- if .Values.on }}\na: {{ .Values.name | quote }}\n{{- end }}',
  ],
  ['a list under a condition', { a: helm.when(v.on, [1]) }, '{{- if .Values.on }}\na:\n  - 1\n{{- end }}'],
  [
    'conditions within each other',
    { a: helm.when(v.on, helm.when('eq 1 1', { b: 1 })) },
    '{{- if and (.Values.on) (eq 1 1) }}\na:\n  b: 1\n{{- end }}',
  ],
  [
    'a map goes with the last of its entries',
    { a: { b: { c: helm.optional.string(v.name), d: helm.when(v.on, 1) } } },
    '{{- if or .Values.name .Values.on }}\na:\n  {{- if or .Values.name .Values.on }}\n  b:\n    {{- with .Values.name }}\n    c: {{ . | quote }}\n    {{- end }}\n    {{- if .Values.on }}\n    d: 1\n    {{- end }}\n  {{- end }}\n{{- end }}',
  ],
  [
    'an item whose first entry may be missing',
    { a: [{ b: helm.when(v.on, 1), c: 2 }] },
    'a:\n  -\n    {{- if .Values.on }}\n    b: 1\n    {{- end }}\n    c: 2',
  ],
  ['within a text bare', { a: `${helm.string(v.name)}-x` }, 'a: {{ .Values.name }}-x'],
  ['a number within a text', { a: `${helm.number(v.count)} x` }, 'a: {{ .Values.count | int64 }} x'],
  [
    'what could be a number is quoted',
    { a: `${helm.number(v.count)}.${helm.string(v.name)}` },
    'a: "{{ .Values.count | int64 }}.{{ .Values.name }}"',
  ],
  ['in a key', { [`${helm.string(v.name)}.yaml`]: 1 }, '{{ .Values.name }}.yaml: 1'],
  ['braces of others are literal', { a: 'CPU {{ $labels.cpu }}' }, 'a: CPU {{ `{{ $labels.cpu }}` }}'],
  ['braces with a backtick', { a: '{{ `x` }}' }, 'a: "{{ `{{` }} `x` }}"'],
  ['a brace before an expression', { a: `{${helm.string(v.name)}}` }, 'a: "{{ `{` }}{{ .Values.name }}}"'],
  ['closing braces of JSON', { a: '{"b":{}}' }, 'a: \'{"b":{}}\''],
  [
    'truth values of YAML 1.1',
    { a: ['on', 'yes', 'null', '010', '1e3'] },
    'a:\n  - "on"\n  - "yes"\n  - "null"\n  - "010"\n  - "1e3"',
  ],
  ['lines', { a: 'x\n\ny\n' }, 'a: |\n  x\n\n  y'],
  ['an empty line at the end', { a: 'x\n{{y}}\n\n' }, 'a: "x\\n{{ `{{y}}` }}\\n\\n"'],
  ['nothing at all', { a: {}, b: [] }, 'a: {}\nb: []'],
];

for (const [what, spec, expected] of CASES) {
  test(`written: ${what}`, () => {
    assert.equal(written(spec), expected);
  });
}

test('a document under a condition is wrapped as a whole, the important keys first', () => {
  const manifest = { spec: 1, metadata: { labels: { a: 'b' }, name: 'x' }, kind: 'X', apiVersion: 'v1' };
  assert.equal(
    templateOf(manifest, 'eq 1 1'),
    '{{- if eq 1 1 }}\napiVersion: v1\nkind: X\nmetadata:\n  name: x\n  labels:\n    a: b\nspec: 1\n{{- end }}\n',
  );
});

test('texts without tokens and braces read back as what they were', () => {
  const texts = [
    '',
    ' x',
    'a: b',
    '# x',
    '- x',
    '"',
    "'",
    'a\tb',
    'x\ny',
    'x\n',
    '\n',
    '\nx',
    '  x\ny',
    '🙂',
    '%',
    '`',
    '*',
    '|',
  ];
  const manifest = {
    apiVersion: 'v1',
    kind: 'X',
    metadata: { name: 'x' },
    data: Object.fromEntries(texts.entries()),
    texts,
  };
  const document = parseDocument(templateOf(manifest), { version: '1.1' });
  assert.deepEqual(document.errors, []);
  assert.deepEqual(document.toJS().texts, texts);
  assert.deepEqual(Object.values(document.toJS().data), texts);
});

const MISTAKES: readonly (readonly [what: string, make: () => object, message: RegExp])[] = [
  ['a list within a text', () => ({ a: `x ${helm.yaml(v.list)}` }), /yaml \.Values\.list: expected alone in its place/],
  ['something optional within a text', () => ({ a: `x ${helm.optional.string(v.name)}` }), /optional \.Values\.name/],
  ['a condition within a text', () => ({ a: `x ${helm.when(v.on, 'y')}` }), /when \.Values\.on: expected alone/],
  ['a list under a condition, spread into another', () => ({ a: ['x', ...helm.when(v.on, ['y'])] }), /first item/],
  ['a splice as a value', () => ({ a: helm.splice(v.list) }), /splice \.Values\.list: expected an item of a list/],
  ['a text that holds the marks of tokens', () => ({ a: 'x \uE000 y' }), /holds a character that marks tokens/],
  ['a token that is none', () => ({ a: '\uE000abc\uE001' }), /"abc" is no token/],
  ['null', () => ({ a: null }), /null has no place in a manifest/],
  [
    'nothing under a condition',
    () => ({ a: helm.when(v.on, undefined) }),
    /when \.Values\.on: expected an item, found undefined/,
  ],
];

for (const [what, make, message] of MISTAKES) {
  test(`refused: ${what}`, () => {
    assert.throws(() => written(make()), message);
  });
}
