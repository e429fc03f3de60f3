/** The simulated fleet before the default rules: calm nodes raise no alert, and each scenario raises the one that it deserves. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createJudge } from '../services/consumer/rules/judge.ts';
import { parseRuleFile } from '../services/consumer/rules/rule-file.ts';
import { DEFAULT_RULES } from '../services/consumer/settings.ts';
import { type FleetOptions, simulateFleet } from '../services/producer/simulation/fleet.ts';
import { parseScenarios, SCENARIO_NAMES, type ScenarioName } from '../services/producer/simulation/scenario.ts';

const { rules } = parseRuleFile(readFileSync(DEFAULT_RULES, 'utf8'), DEFAULT_RULES);
/** A Wednesday. */
const START = Date.UTC(2026, 0, 7);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Rules read none of the others, and a day of them takes time. */
const COLLECTORS = [
  'cpu',
  'stat',
  'loadavg',
  'meminfo',
  'vmstat',
  'pressure',
  'diskstats',
  'filesystem',
  'netdev',
  'time',
];

/** The alerts that fire: node, name, severity and what of the node, with the times at which they did, in minutes since the start. */
function alertsOf(options: Partial<FleetOptions>, forMs: number): Map<string, number[]> {
  const refuse = (what: unknown) => assert.fail(`refused: ${what}`);
  const judge = createJudge(rules, { overflow: refuse, failed: refuse });
  const fired = new Map<string, number[]>();
  const fleet = { cluster: 'c', nodes: 20, seed: 1, interval: 5000, from: START, collectors: COLLECTORS };
  for (const event of simulateFleet({ ...fleet, ...options })) {
    if (event.time >= START + forMs) break;
    for (const { node, alertname, severity, labels, state, time } of judge.judge(event)) {
      const alert = [node, alertname, severity, labels.device ?? ''].join(' ').trim();
      if (state === 'firing') fired.set(alert, [...(fired.get(alert) ?? []), (time - START) / MINUTE]);
    }
  }
  return fired;
}

test('12 calm nodes raise no alert in 24 hours', () => {
  assert.deepEqual([...alertsOf({ nodes: 12, interval: 30_000 }, DAY).keys()], []);
});

test('60 other calm nodes raise none in the busiest quarter of an hour, measured every 5 seconds', () => {
  assert.deepEqual(
    [...alertsOf({ nodes: 60, seed: 2, from: START + 14 * 60 * MINUTE }, 14.25 * 60 * MINUTE).keys()],
    [],
  );
});

/** What fires on the node, and the latest minute after the scenario's beginning. */
const DESERVED: Readonly<Record<ScenarioName, readonly (readonly [alert: string, within: number])[]>> = {
  'cpu-spike': [
    ['CpuBusy warning', 2],
    ['CpuPressure warning', 3],
    ['LoadHigh info', 10],
  ],
  'memory-leak': [
    ['MemoryLow warning', 9],
    ['MemoryLow critical', 9],
    ['MemoryPressure warning', 10],
  ],
  'disk-fill': [
    ['FilesystemAlmostFull warning', 9],
    ['FilesystemAlmostFull critical', 9],
  ],
  'packet-loss': [
    ['NetworkErrors warning', 3],
    ['NetworkDrops warning', 3],
  ],
  'node-silent': [],
  reboot: [],
  'clock-skew': [],
  flapping: [
    ['CpuBusy warning', 2],
    ['CpuPressure warning', 3],
    ['LoadHigh info', 10],
  ],
};

for (const name of SCENARIO_NAMES) {
  const deserved = DESERVED[name];
  const alerts = deserved.length === 0 ? 'no alert' : deserved.map(([alert]) => alert).join(', ');
  test(`${name} raises ${alerts} on every node that it is about, once, and nothing on the others`, () => {
    const scenarios = parseScenarios(`${name}@node-000*+5m`);
    const fired = alertsOf({ nodes: 16, interval: 5000, scenarios }, 45 * MINUTE);
    const told = new Set<string>();
    for (const [alert, [minute = 0, ...again]] of fired) {
      const [node = '', alertname, severity] = alert.split(' ');
      const within = deserved.find(([expected]) => expected === `${alertname} ${severity}`)?.[1] ?? 0;
      assert.ok(node.startsWith('node-000') && minute > 5 && minute <= 5 + within, `${alert}: minute ${minute}`);
      assert.deepEqual(again, [], `${alert} once more`);
      told.add(`${node} ${alertname} ${severity}`);
    }
    assert.equal(told.size, 10 * deserved.length);
  });
}
