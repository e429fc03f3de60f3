import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommand } from './command.ts';
import { rulesCheck } from './rules-check.ts';
import { rulesTest } from './rules-test.ts';

const directory = mkdtempSync(join(tmpdir(), 'sysmon-'));
after(() => rmSync(directory, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** What a command prints, with the files named as they are called. */
async function run(...argv: readonly string[]) {
  const lines: string[] = [];
  const keep = (line: string): void => void lines.push(line.replaceAll(`${directory}/`, ''));
  const terminal = { say: keep, complain: keep };
  const code = await runCommand({ 'rules check': rulesCheck, 'rules test': rulesTest }, ['rules', ...argv], terminal);
  return { code, text: lines.join('\n') };
}

const good = write(
  'good.yaml',
  `groups:
  - name: a
    rules:
      - { alert: LoadHigh, expr: node_load1 > 5, labels: { severity: warning } }
`,
);
const some = write(
  'some.yaml',
  `groups:
  - name: a
    rules:
      - { alert: LoadHigh, expr: node_load1 > 5 }
      - { alert: Down, expr: up == 0 }
`,
);
const bad = write('bad.yaml', 'groups:\n  - name: a\n    rules: [{ alert: A, expr: node_load1 > }]\n');

test('check says how many rules load, and why others do not', async () => {
  assert.deepEqual(await run('check', '--no-promtool', good), { code: 0, text: 'good.yaml: 1 rule' });
  const { code, text } = await run('check', '--no-promtool', some, bad);
  assert.equal(code, 1);
  assert.match(
    text,
    /^some\.yaml: 1 of 2 rules\n {2}some\.yaml:5:30: Down: expr: no node publishes "up".*\nbad\.yaml: refused, all of it\n {2}bad\.yaml:3:\d+: A: expr: not PromQL: it ends too early$/,
  );
});

test('check gives JSON to programs', async () => {
  const { code, text } = await run('check', '--json', '--no-promtool', some);
  assert.equal(code, 1);
  const { ok, files } = JSON.parse(text);
  assert.equal(ok, false);
  assert.deepEqual(files[0].rules, ['LoadHigh']);
  assert.deepEqual(
    [files[0].file, files[0].written, files[0].refused.length, files[0].mistakes],
    ['some.yaml', 2, 1, []],
  );
});

test('a file that is not there is told in one line', async () => {
  assert.deepEqual(await run('check', join(directory, 'none.yaml')), {
    code: 2,
    text: 'sysmon: none.yaml: ENOENT: no such file or directory',
  });
});

const tests = (rules: string, expected: string) => `
rule_files: ['${rules}']
evaluation_interval: 1m
tests:
  - name: a busy node
    input_series:
      - series: node_load1{instance="n1",job="node-exporter",node="n1"}
        values: 1 9
    alert_rule_test:
      - eval_time: 1m
        alertname: LoadHigh
        exp_alerts: [{ exp_labels: { instance: n1, job: node-exporter, node: n1${expected} } }]
`;

test('test says what passed, and of what failed what was expected and what came', async () => {
  const passing = write('passing.test.yaml', tests('good.y*ml', ', severity: warning'));
  assert.deepEqual(await run('test', passing), {
    code: 0,
    text: 'Unit Testing:  passing.test.yaml\n  SUCCESS: 1 check\n',
  });
  const failing = write('failing.test.yaml', tests('good.yaml', ''));
  assert.deepEqual(await run('test', failing), {
    code: 1,
    text: `Unit Testing:  failing.test.yaml
  FAILED: 1 of 1 check
    failing.test.yaml:10:9: name: a busy node, alertname: LoadHigh, time: 1m,
        exp: Labels:{alertname="LoadHigh", instance="n1", job="node-exporter", node="n1"} Annotations:{}
        got: Labels:{alertname="LoadHigh", instance="n1", job="node-exporter", node="n1", severity="warning"} Annotations:{}
`,
  });
  const { code, text } = await run('test', '--json', passing, failing);
  assert.equal(code, 1);
  const { ok, files } = JSON.parse(text);
  assert.equal(ok, false);
  assert.deepEqual(
    files.map(({ outcomes }: { outcomes: { passed: boolean }[] }) => outcomes.map(({ passed }) => passed)),
    [[true], [false]],
  );
});

test('test notes the rules that are not judged, and tells mistakes of any of the files', async () => {
  const partly = write('partly.test.yaml', tests('some.yaml', ''));
  const { code, text } = await run('test', partly);
  assert.equal(code, 0);
  assert.match(text, /SUCCESS: 1 check\n {2}not judged: some\.yaml:5:30: Down: /);
  const broken = await run('test', write('broken.test.yaml', tests('bad.yaml', '')));
  assert.equal(broken.code, 1);
  assert.match(broken.text, / {2}FAILED:\n {4}bad\.yaml:3:\d+: A: expr: not PromQL/);
  const wrong = await run('test', write('wrong.test.yaml', 'test: []\n'));
  assert.equal(wrong.code, 1);
  assert.match(wrong.text, / {2}FAILED:\n {4}wrong\.test\.yaml:1:1: a file of unit tests has no field "test"/);
  const nowhere = await run('test', write('nowhere.test.yaml', 'rule_files: [x.yaml]\n'));
  assert.deepEqual(nowhere, { code: 2, text: 'sysmon: nowhere.test.yaml: rule_files: no file matches x.yaml' });
});
