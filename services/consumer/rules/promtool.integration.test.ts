/**
 * The oracle: promtool answers the cases of the corpus, whose expectations this engine is held to by `corpus.test.ts`. What
 * Prometheus 3 sees otherwise than Prometheus 2 is in a file of its own, for a promtool 3 that PROMTOOL3 names.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const directory = fileURLToPath(new URL('testdata/corpus/', import.meta.url));
const defaultRules = fileURLToPath(new URL('default.rules.yaml', import.meta.url));
const files = globSync('*.test.yaml', { cwd: directory }).sort();

const promtool = 'promtool';
const found = spawnSync(promtool, ['--version']).error === undefined;
const skip =
  found || process.env.CI === 'true' ? false : 'promtool is not on the PATH: install the Debian package "prometheus"';
const promtool3 = process.env.PROMTOOL3 ?? '';
const skip3 = promtool3 === '' ? 'PROMTOOL3 does not name a promtool of Prometheus 3' : false;

test('promtool says of every case what is expected', { skip }, () => {
  run(promtool, 'test', 'rules', ...files.filter((file) => !file.startsWith('version-3')));
});

test('promtool 3 says of every case what is expected', { skip: skip3 }, () => {
  run(promtool3, 'test', 'rules', ...files);
});

test('promtool finds nothing wrong with the default rules', { skip }, () => {
  run(promtool, 'check', 'rules', defaultRules);
});

test('promtool says of every case of the default rules what the files expect', { skip }, () => {
  run(promtool, 'test', 'rules', ...globSync('../default/*.test.yaml', { cwd: directory }));
});

function run(program: string, ...args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: directory, encoding: 'utf8' });
  assert.equal(error, undefined, `${program} runs`);
  assert.equal(status, 0, `${stdout}${stderr}`);
}
