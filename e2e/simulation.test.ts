/**
 * Each scenario of the simulated fleet raises what it deserves, on every node that it is about and on no other, once, and it
 * ends; no default rule is without a scenario; calm nodes raise nothing. docs/SIMULATION.md has the table in words.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeEvent } from '#contract/event.ts';
import { parseScenarios, SCENARIO_NAMES, type ScenarioName } from '../services/producer/simulation/scenario.ts';
import { ALERTS, HOUR, MINUTE, START, watchFleet } from './simulation.ts';

test('24 calm nodes raise no alert in 24 hours', () => {
  const { lives } = watchFleet({ nodes: 24, seed: 1, interval: 30_000, from: START }, 24 * HOUR);
  assert.deepEqual(lives, []);
});

test('60 other calm nodes raise none in the busiest half hour, measured every 5 seconds', () => {
  const { lives } = watchFleet({ nodes: 60, seed: 2, interval: 5000, from: START + 14 * HOUR }, HOUR / 2);
  assert.deepEqual(lives, []);
});

/** Where it can be seen. */
const KINDS = {
  all: () => true,
  virtual: ({ metrics }: NodeEvent) => !('node_hwmon_temp_celsius' in metrics),
  metal: ({ metrics }: NodeEvent) => 'node_hwmon_temp_celsius' in metrics,
  'with swap': ({ metrics }: NodeEvent) => metrics.node_memory_SwapTotal_bytes !== 0,
  'with an array': ({ metrics }: NodeEvent) => 'node_md_degraded' in metrics,
} as const;

type Deserved = readonly [alert: string, within: number, nodes?: keyof typeof KINDS];

const BUSY: readonly Deserved[] = [
  ['CpuBusy warning', 4],
  ['CpuPressure warning', 5],
  ['LoadHigh info', 10],
  ['CpuUnusual info', 5],
];

/** What fires on which nodes, and the latest minute after the scenario's beginning. */
const DESERVED: Readonly<Record<ScenarioName, readonly Deserved[]>> = {
  'cpu-spike': BUSY,
  'cpu-steal': [['CpuSteal warning', 7, 'virtual']],
  'cpu-shift': [['CpuUnusual info', 6]],
  flapping: BUSY,
  'memory-leak': [
    ['MemoryLow warning', 9],
    ['MemoryLow critical', 9],
    ['MemoryPressure warning', 10],
    ['MemoryMajorFaults warning', 15],
    ['MemorySwapping warning', 12, 'with swap'],
    ['MemoryUnusual info', 9],
    ['OomKill warning', 16],
  ],
  'memory-shift': [['MemoryUnusual info', 4]],
  'swap-storm': [
    ['MemorySwapping warning', 5, 'with swap'],
    ['MemoryPressure warning', 5, 'with swap'],
    ['MemoryMajorFaults warning', 9, 'with swap'],
    ['MemoryUnusual info', 5, 'with swap'],
  ],
  'oom-kill': [['OomKill warning', 2]],
  'disk-fill': [
    ['FilesystemAlmostFull warning', 9],
    ['FilesystemAlmostFull critical', 9],
  ],
  'disk-fill-slow': [
    ['FilesystemFilling warning', 360],
    ['FilesystemFilling critical', 420],
    ['FilesystemAlmostFull warning', 420],
    ['FilesystemAlmostFull critical', 440],
  ],
  'inode-leak': [['FilesystemInodesLow warning', 9]],
  'inode-leak-slow': [
    ['FilesystemInodesFilling warning', 400],
    ['FilesystemInodesLow warning', 440],
  ],
  'readonly-remount': [['FilesystemReadOnly critical', 2]],
  'io-stall': [
    ['DiskSaturated warning', 8],
    ['DiskReadsSlow warning', 8],
    ['DiskWritesSlow warning', 8],
    ['IoPressure warning', 8],
    ['DiskUnusual info', 4],
  ],
  'disk-slow': [
    ['DiskReadsSlow warning', 8],
    ['DiskWritesSlow warning', 8],
  ],
  'disk-shift': [['DiskUnusual info', 5]],
  'packet-loss': [
    ['NetworkErrors warning', 3],
    ['NetworkDrops warning', 3],
    ['TcpRetransmits warning', 6],
  ],
  'link-saturated': [
    ['NetworkSaturated warning', 9],
    ['NetworkUnusual info', 4],
  ],
  'network-shift': [['NetworkUnusual info', 4]],
  'tcp-retransmits': [['TcpRetransmits warning', 6]],
  'listen-overflow': [['TcpListenOverflows warning', 3]],
  'conntrack-full': [
    ['ConntrackAlmostFull warning', 7],
    ['ConntrackAlmostFull critical', 7],
  ],
  'fd-leak': [
    ['FileDescriptorsLow warning', 9],
    ['FileDescriptorsLow critical', 9],
  ],
  'hung-task': [['HungTasks warning', 3]],
  overheat: [
    ['TemperatureHigh warning', 10, 'metal'],
    ['TemperatureHigh critical', 6, 'metal'],
  ],
  'raid-degraded': [
    ['RaidDegraded critical', 2, 'with an array'],
    ['RaidDiskFailed warning', 2, 'with an array'],
  ],
  'clock-skew': [['ClockStepped warning', 3]],
  reboot: [['NodeRebooted info', 2]],
  // What the consumer itself tells of a node that is silent is not among the rules of the file.
  'node-silent': [],
};

/** A past of which something may deviate comes first. */
const BEFORE = 30 * MINUTE;
/** So long nothing is held back any more: `keep_firing_for`, and ranges that still reach back. */
const AFTER = 30 * MINUTE;
const AFTER_HOURS = 45 * MINUTE;

for (const name of SCENARIO_NAMES) {
  const deserved = DESERVED[name];
  const alerts = deserved.length === 0 ? 'no alert' : deserved.map(([alert]) => alert).join(', ');
  test(`${name} raises ${alerts} on every node that it is about, once, until it is over, and nothing on the others`, () => {
    const scenarios = parseScenarios(`${name}@node-000*+${BEFORE / MINUTE}m`);
    const { start, length } = scenarios[0] ?? assert.fail();
    const hours = length > 2 * HOUR;
    const fleet = { nodes: 11, seed: 1, interval: hours ? MINUTE : 15_000, from: START, scenarios };
    const { lives, nodes } = watchFleet(fleet, start + length + (hours ? AFTER_HOURS : AFTER));

    const expected = new Set<string>();
    for (const [node, event] of nodes) {
      if (!node.startsWith('node-000')) continue;
      for (const [alert, , kind = 'all'] of deserved) if (KINDS[kind](event)) expected.add(`${node} ${alert}`);
    }
    assert.deepEqual(
      [...new Set(lives.map(({ node, alert }) => `${node} ${alert}`))].toSorted(),
      [...expected].toSorted(),
    );
    const once = new Set(lives.map(({ node, labels }) => node + labels));
    assert.equal(once.size, lives.length, 'once each');
    for (const { node, alert, fired, resolved } of lives) {
      const within = deserved.find(([candidate]) => candidate === alert)?.[1] ?? 0;
      assert.ok(
        fired >= start && fired <= start + within * MINUTE,
        `${node} ${alert}: fired at ${fired / MINUTE} minutes`,
      );
      assert.ok(resolved !== undefined, `${node} ${alert}: resolved`);
    }
  });
}

test('every default rule is raised by a scenario', () => {
  const raised = new Set(Object.values(DESERVED).flatMap((deserved) => deserved.map(([alert]) => alert)));
  assert.deepEqual([...raised].toSorted(), [...ALERTS].toSorted());
});
