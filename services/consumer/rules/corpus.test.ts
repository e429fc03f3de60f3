/**
 * The corpus: unit tests of rules in promtool's format, over all that expressions, lives and templates are made of. Here
 * this engine answers; `promtool.integration.test.ts` asks promtool the same.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseRuleFile } from './rule-file.ts';
import { type Outcome, runTests } from './unit-test/run.ts';
import { parseTestFile } from './unit-test/test-file.ts';

const directory = fileURLToPath(new URL('testdata/corpus/', import.meta.url));
const files = globSync('*.test.yaml', { cwd: directory }).sort();
const read = (file: string): string => readFileSync(`${directory}${file}`, 'utf8');

function outcomesOf(file: string): Outcome[] {
  const tests = parseTestFile(read(file), file);
  const rules = tests.ruleFiles.flatMap((name) => parseRuleFile(read(name), name).rules);
  return runTests(tests, rules);
}

for (const file of files) {
  test(`this engine says of every case in ${file} what is expected`, () => {
    const wrong = outcomesOf(file).filter(({ passed }) => !passed);
    const shown = wrong.map(({ place, name, asked, expected, actual }) => ({
      at: `${file}:${place}: ${name}, ${asked}`,
      expected,
      actual,
    }));
    assert.deepEqual(shown, []);
  });
}

test('the corpus has hundreds of cases, and one for each of its rules', () => {
  const outcomes = files.flatMap(outcomesOf);
  assert.ok(outcomes.length >= 500, `${outcomes.length} cases`);
  const asked = outcomes.map((outcome) => outcome.asked);
  const rules = globSync('*.rules.yaml', { cwd: directory }).flatMap((file) => parseRuleFile(read(file), file).rules);
  const untested = rules.filter(({ alert }) => !asked.some((text) => text.startsWith(`alertname: ${alert},`)));
  assert.deepEqual(
    untested.map(({ alert }) => alert),
    [],
  );
});
