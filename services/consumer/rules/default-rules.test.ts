/**
 * The default rules: what each has to say, and that it has cases of all three kinds. The cases are unit tests in promtool's
 * format; promtool runs them in promtool.integration.test.ts.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseRuleFile } from './rule-file.ts';
import { runUnitTests } from './unit-test.ts';

interface Case {
  readonly alertname: string;
  readonly exp_alerts: readonly { readonly exp_labels: Readonly<Record<string, string>> }[];
}

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const { rules, refused } = parseRuleFile(read('default.rules.yaml'), 'default.rules.yaml');
const files = readdirSync(new URL('testdata/default', import.meta.url)).map((name) => `testdata/default/${name}`);
/** What each test expects, in the order of time. */
const tests = files.flatMap((file) => {
  const { tests: all } = parse(read(file)) as { tests: { name: string; alert_rule_test: Case[] }[] };
  return all;
});

const textOf = (templates: (typeof rules)[number]['labels'], name: string) =>
  templates.find(([key]) => key === name)?.[1].constant;

test('this engine judges every rule', () => {
  assert.deepEqual(refused, []);
});

test('every rule has a severity that is known, a summary, a description and the page of its name', () => {
  for (const { alert, labels, annotations } of rules) {
    assert.match(textOf(labels, 'severity') ?? '', /^(info|warning|critical)$/, alert);
    assert.deepEqual(annotations.map(([name]) => name).sort(), ['description', 'runbook_url', 'summary'], alert);
    assert.match(textOf(annotations, 'runbook_url') ?? '', new RegExp(`^https://.*/docs/alerts/${alert}\\.md$`));
  }
});

for (const { alert, labels } of rules) {
  const severity = textOf(labels, 'severity');
  test(`${alert} ${severity} has cases in which it fires, resolves, and stays silent`, () => {
    /** Of each test that asks for the alert, whether it is expected, one time after the other. */
    const expected = tests
      .map(({ alert_rule_test: cases }) =>
        cases
          .filter(({ alertname }) => alertname === alert)
          .map(({ exp_alerts: alerts }) => alerts.some(({ exp_labels: own }) => own.severity === severity)),
      )
      .filter((times) => times.length > 0);
    assert.ok(
      expected.some((times) => times[0] === false && times.includes(true) && times.at(-1) === false),
      'silent, firing, silent again',
    );
    assert.ok(
      expected.some((times) => !times.includes(true)),
      'silent throughout',
    );
  });
}

for (const file of files) {
  test(`this engine says of every case in ${file} what it expects`, async (t) => {
    for (const { name, expected, actual } of runUnitTests(read(file), rules)) {
      await t.test(name, () => assert.deepEqual(actual, expected));
    }
  });
}
