/**
 * The oracle: the same unit tests of rules, run by promtool and by this engine. What the file expects is what both have
 * to say; a disagreement names the case.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseRuleFile } from './rule-file.ts';
import { runUnitTests } from './unit-test.ts';

const directory = fileURLToPath(new URL('testdata/', import.meta.url));
const defaultRules = fileURLToPath(new URL('default.rules.yaml', import.meta.url));

const found = spawnSync('promtool', ['--version']).error === undefined;
const skip =
  found || process.env.CI === 'true' ? false : 'promtool is not on the PATH: install the Debian package "prometheus"';

test('this engine says of every case what the file expects', async (t) => {
  const { rules } = parseRuleFile(readFileSync(`${directory}engine.rules.yaml`, 'utf8'), 'engine.rules.yaml');
  const outcomes = runUnitTests(readFileSync(`${directory}engine.test.yaml`, 'utf8'), rules);
  assert.ok(outcomes.length >= 100, `${outcomes.length} cases`);
  const tested = new Set(outcomes.map(({ alertname }) => alertname));
  assert.deepEqual(
    rules.map((rule) => rule.alert).filter((alert) => !tested.has(alert)),
    [],
    'each rule has a case',
  );
  for (const { name, expected, actual } of outcomes) await t.test(name, () => assert.deepEqual(actual, expected));
});

test('promtool says of every case what the file expects', { skip }, () => {
  promtool('test', 'rules', 'engine.test.yaml');
});

test('promtool finds nothing wrong with the default rules', { skip }, () => {
  promtool('check', 'rules', defaultRules);
});

test('promtool says of every case of the default rules what the files expect', { skip }, () => {
  promtool('test', 'rules', ...readdirSync(`${directory}default`).map((file) => `default/${file}`));
});

function promtool(...args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { cwd: directory, encoding: 'utf8' });
  assert.equal(error, undefined, 'promtool runs: it is in the Debian package "prometheus"');
  assert.equal(status, 0, `${stdout}${stderr}`);
}
