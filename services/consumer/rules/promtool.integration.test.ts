/**
 * The oracle: promtool answers the cases of the corpus, whose expectations this engine is held to by `corpus.test.ts`. What
 * Prometheus 3 sees otherwise than Prometheus 2 is in a file of its own, for a promtool 3 that PROMTOOL3 names.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';

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

test('promtool says of every case of the default rules what the files expect', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'default-rules-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const { groups } = parse(readFileSync(defaultRules, 'utf8')) as RuleGroups;
  for (const file of globSync('../default/*.test.yaml', { cwd: directory })) {
    const text = readFileSync(join(directory, file), 'utf8');
    // Of all rules at all times promtool would work out many times as much as is asked.
    const asked = groups.filter(({ rules }) =>
      rules.some(({ alert }) => new RegExp(`alertname: ${alert}\\b`).test(text)),
    );
    const [rules, tests] = [join(folder, `rules-${basename(file)}`), join(folder, basename(file))];
    writeFileSync(rules, stringify({ groups: asked }));
    writeFileSync(tests, text.replace(/^rule_files: .*$/m, `rule_files: [${rules}]`));
    run(promtool, 'test', 'rules', tests);
  }
});

interface RuleGroups {
  readonly groups: readonly { readonly rules: readonly { readonly alert: string }[] }[];
}

function run(program: string, ...args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: directory, encoding: 'utf8' });
  assert.equal(error, undefined, `${program} runs`);
  assert.equal(status, 0, `${stdout}${stderr}`);
}
