import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RuleFiles } from './rule-files.ts';

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'rules-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const rulesOf = (...rules: string[]) => `groups: [{ name: g, rules: [${rules.join()}] }]`;
const A = '{ alert: A, expr: node_load1 > 1 }';
const B = '{ alert: B, expr: node_load1 > 2 }';

test('rules of files and directories count, each once, and are read again only when something has changed', (t) => {
  const path = directory(t);
  mkdirSync(join(path, 'more'));
  writeFileSync(join(path, 'a.yaml'), rulesOf(A));
  writeFileSync(join(path, 'more', 'b.yml'), rulesOf(B, A));
  writeFileSync(join(path, 'more', 'notes.txt'), 'not rules');
  const files = new RuleFiles([join(path, 'a.yaml'), join(path, 'more')]);
  const { rules, refused } = files.load() ?? assert.fail();
  assert.deepEqual(
    rules.map(({ alert }) => alert),
    ['A', 'B'],
  );
  assert.equal(refused.length, 1);
  assert.match(refused[0] ?? '', /b\.yml: A in g: the same rule stands in .*a\.yaml/);
  assert.equal(files.load(), undefined);
  assert.equal(files.load(true)?.rules.length, 2);
  writeFileSync(join(path, 'a.yaml'), rulesOf());
  assert.deepEqual(
    files.load()?.rules.map(({ alert }) => alert),
    ['B', 'A'],
  );
});

test('a mount that a cluster exchanges behind a link is noticed', (t) => {
  const path = directory(t);
  for (const [version, rule] of [
    ['1', A],
    ['2', B],
  ] as const) {
    mkdirSync(join(path, `..${version}`));
    writeFileSync(join(path, `..${version}`, 'rules.yaml'), rulesOf(rule));
  }
  symlinkSync('..1', join(path, '..data'));
  symlinkSync('..data/rules.yaml', join(path, 'rules.yaml'));
  const files = new RuleFiles([path]);
  assert.deepEqual(
    files.load()?.rules.map(({ alert }) => alert),
    ['A'],
  );
  symlinkSync('..2', join(path, '..new'));
  renameSync(join(path, '..new'), join(path, '..data'));
  assert.deepEqual(
    files.load()?.rules.map(({ alert }) => alert),
    ['B'],
  );
});

test('mistakes of all files are told together, once; a file that cannot be read is named each time', (t) => {
  const path = directory(t);
  for (const name of ['a', 'b']) writeFileSync(join(path, `${name}.yaml`), rulesOf('{ alert: A, expr: node_load1 > }'));
  const files = new RuleFiles([path]);
  assert.throws(() => files.load(), { code: 'RULES', message: /a\.yaml:1:\d+: .*\n.*b\.yaml:1:\d+: / });
  assert.equal(files.load(), undefined);
  const missing = new RuleFiles([join(path, 'none.yaml')]);
  for (let i = 0; i < 2; i++)
    assert.throws(() => missing.load(), { code: 'CONFIG', message: /none\.yaml: ENOENT.*; expected/ });
});
