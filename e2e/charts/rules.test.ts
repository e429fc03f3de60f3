/** promtool judges the rules as the charts render them, by the unit tests that stand beside their source. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { skipWithout } from '../debian.ts';
import { outcome } from '../tools/process.ts';
import { skipWithoutTool } from '../tools/tools.ts';
import { CASES, groupsIn, objectsOf, parseObjects, type Rule, render, ruleGroupsOf, title } from './charts.ts';
import type { KubernetesObject } from './object.ts';

const SOURCES = join(import.meta.dirname, '../../cdk8s');
/** chart → the unit tests of its rules, as they are with default values. */
const UNIT_TESTS = {
  'system-monitoring': join(SOURCES, 'monitoring/rules.test.yaml'),
  kafka: join(SOURCES, 'kafka/rules.test.yaml'),
};
const skip = skipWithout('promtool', 'prometheus');

/** Runs promtool in a directory that has the rules as `rules.yaml`. */
async function promtool(groups: readonly object[], args: readonly string[], unitTests?: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'rules-'));
  try {
    const [rules, tests] = [join(directory, 'rules.yaml'), join(directory, 'rules.test.yaml')];
    writeFileSync(rules, stringify({ groups }));
    if (unitTests !== undefined) copyFileSync(unitTests, tests);
    const { status, stdout, stderr } = await outcome('promtool', [...args, unitTests === undefined ? rules : tests]);
    return status === 0 ? '' : `${stdout}${stderr}`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

for (const each of CASES) {
  const groups = ruleGroupsOf(each);
  if (groups.length === 0) continue;
  test(`${title(each)}: promtool finds nothing wrong with the rules`, { skip }, async () => {
    assert.equal(await promtool(groups, ['check', 'rules', '--lint=all', '--lint-fatal']), '');
  });
}

for (const [chart, unitTests] of Object.entries(UNIT_TESTS)) {
  test(`${chart}: each rule does what its unit tests say`, { skip }, async () => {
    const byDefault = CASES.find((each) => each.chart === chart && each.values === 'default');
    assert.ok(byDefault);
    assert.equal(await promtool(ruleGroupsOf(byDefault), ['test', 'rules'], unitTests), '');
  });
}

/** Alerts that something is absent, each with the switch of what tells Prometheus of it: chart → switch → alerts. */
const ABSENCE = {
  'system-monitoring': {
    'podMonitor.enabled': ['SystemMonitoringProducersAbsent'],
    'serviceMonitor.enabled': ['SystemMonitoringConsumerAbsent'],
  },
  kafka: { 'podMonitor.enabled': ['KafkaAbsent'] },
};

for (const [chart, switches] of Object.entries(ABSENCE)) {
  for (const [enabled, alerts] of Object.entries(switches)) {
    test(`${chart}: nothing is called absent that Prometheus is not told to ask: --set ${enabled}=false`, {
      skip: skipWithoutTool('helm4'),
    }, async () => {
      const byDefault = CASES.find((each) => each.chart === chart && each.values === 'default');
      assert.ok(byDefault);
      const rendered = parseObjects(await render('helm4', byDefault, { set: [`${enabled}=false`] }), chart);
      const left = new Set(rulesIn(rendered).map(({ alert }) => alert));
      const gone = rulesIn(objectsOf(byDefault)).filter(({ alert }) => !left.has(alert));
      assert.deepEqual(
        gone.map(({ alert }) => alert),
        alerts,
      );
      // A sum of nothing that is taken for none says the same.
      for (const { alert, expr } of enabled === 'podMonitor.enabled' ? rulesIn(rendered) : []) {
        assert.doesNotMatch(expr, /vector\(0\)/, alert);
      }
    });
  }
}

function rulesIn(objects: readonly KubernetesObject[]): readonly Rule[] {
  return groupsIn(objects).flatMap(({ rules }) => rules);
}

test('charts with rules have unit tests of them', () => {
  const charts = new Set(CASES.filter((each) => ruleGroupsOf(each).length > 0).map(({ chart }) => chart));
  assert.deepEqual([...charts].toSorted(), Object.keys(UNIT_TESTS).toSorted());
  for (const file of Object.values(UNIT_TESTS)) assert.ok(existsSync(file), file);
});
