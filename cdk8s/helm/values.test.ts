import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { z } from 'zod';
import * as schemas from './schemas.ts';
import { VALUES } from './testdata/sample.ts';
import { valuesSchema, valuesTable, valuesYaml } from './values.ts';

const written = valuesYaml(VALUES, 'Head.');
const validate = new Ajv({ strict: false }).compile(JSON.parse(valuesSchema(VALUES)));

/** As Helm does before it validates. */
function mergedInto(defaults: unknown, given: unknown): unknown {
  const isMap = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(defaults) || !isMap(given)) return given;
  const entries = Object.entries(given as object);
  const merged = entries.map(([key, value]) => [key, mergedInto((defaults as Record<string, unknown>)[key], value)]);
  return { ...(defaults as object), ...Object.fromEntries(merged) };
}

function isTaken(values: object): boolean {
  return validate(mergedInto(parse(written, { version: '1.1' }), values));
}

test('the values that are written fit their own schema, and are its defaults', () => {
  const values = parse(written, { version: '1.1' });
  assert.equal(validate(values), true, JSON.stringify(validate.errors));
  assert.deepEqual(VALUES.parse(values), values);
});

const REFUSED: readonly (readonly [what: string, values: object])[] = [
  ['a misspelt key', { replica: 1 }],
  ['a misspelt key further down', { server: { imag: {} } }],
  ['a text in place of a number', { replicas: 'x' }],
  ['a number that is out of range', { replicas: 0 }],
  ['a choice that is none', { level: 'loud' }],
  ['a digest that is none', { server: { image: { digest: 'latest' } } }],
  ['null', { server: null }],
];

for (const [what, values] of REFUSED) {
  test(`refused: ${what}`, () => assert.equal(isTaken(values), false));
}

const TAKEN: readonly (readonly [what: string, values: object])[] = [
  ['nothing', {}],
  ['global values of other charts', { global: { other: { a: 1 } } }],
  ['maps whose keys are free', { commonLabels: { a: 'b' }, server: { affinity: { nodeAffinity: { x: [1] } } } }],
  ['a number or a text', { maxUnavailable: 1, server: { resources: { limits: { cpu: 2, memory: '1Gi' } } } }],
];

for (const [what, values] of TAKEN) {
  test(`taken: ${what}`, () => assert.equal(isTaken(values), true, JSON.stringify(validate.errors)));
}

test('a value without default stands there as a comment', () => {
  assert.match(
    written,
    /^ {2}# How long it may take to end\.\n {2}# Unset: what Kubernetes thinks\.\n {2}# graceSeconds:$/m,
  );
});

test('long descriptions are broken into lines', () => {
  const text = valuesYaml(z.strictObject({ a: z.int().default(1).describe('word '.repeat(60).trim()) }), 'Head.');
  for (const line of text.split('\n')) assert.ok(line.length <= 110, line);
  assert.deepEqual(parse(text), { a: 1 });
});

test('the table has a row for each value, and none for groups', () => {
  const rows = valuesTable(VALUES).split('\n');
  assert.ok(rows.includes('| `level` | `info`, `debug` | `"info"` | How much it tells. |'));
  assert.ok(
    rows.includes('| `maxUnavailable` | integer or string | `"25%"` | Pods that may be missing during an update. |'),
  );
  assert.ok(!rows.some((row) => row.startsWith('| `server` ')));
});

test('a value without description is refused', () => {
  const nameless = z.strictObject({ a: z.strictObject({ b: z.int().default(1) }).describe('A.') });
  assert.throws(() => valuesTable(nameless), /value a\.b: expected a description, found none/);
});

test('a value that neither has a default nor is optional is refused', () => {
  const required = z.strictObject({ a: z.int().describe('A.') });
  assert.throws(() => valuesYaml(required, ''), /value a: expected a default or \.optional\(\), found neither/);
});

test('amounts and durations are read as Kubernetes and Prometheus do', () => {
  for (const good of ['1', '500m', '1.5', '1Gi', '128Mi', '1e3'])
    assert.ok(schemas.amount.safeParse(good).success, good);
  for (const bad of ['', 'x', '1 Gi', '1gb', '-1']) assert.ok(!schemas.amount.safeParse(bad).success, bad);
  for (const good of ['30s', '1h30m', '500ms']) assert.ok(schemas.duration.safeParse(good).success, good);
  for (const bad of ['', '30', 's', '1 m']) assert.ok(!schemas.duration.safeParse(bad).success, bad);
});
