import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Metrics, Row } from '#contract/event.ts';
import { createJudge, type Judge } from './judge.ts';
import { parseRuleFile } from './rule-file.ts';

const INTERVAL_S = 5;
const { rules } = parseRuleFile(
  readFileSync(new URL('default.rules.yaml', import.meta.url), 'utf8'),
  'default.rules.yaml',
);

/** What the rules say of one node for so many seconds: each alert's name, severity, state, and the second since the start. */
function play(metrics: (second: number) => Metrics, seconds: number, judge: Judge = createJudge(rules)): string[] {
  return Array.from({ length: seconds / INTERVAL_S }, (_, seq) => {
    const second = seq * INTERVAL_S;
    const time = 1_700_000_000_000 + second * 1000;
    const event = { v: 1, cluster: 'c', node: 'n', epoch: 'e', seq, time, interval: INTERVAL_S * 1000 } as const;
    return judge
      .judge({ ...event, metrics: metrics(second) })
      .filter(({ state }) => state !== 'pending')
      .map(({ alertname, severity, state }) => `${alertname} ${severity} ${state} ${second}`);
  }).flat();
}

/** What a counter has gathered by a second, at one rate until `from`, another until `to`, and the first again. */
function gathered(second: number, usual: number, from: number, to: number, then: number): number {
  const busy = Math.max(0, Math.min(second, to) - from);
  return 1000 + (second - busy) * usual + busy * then;
}

test('every rule has a severity that is known, a summary and a description', () => {
  for (const { alert, labels, annotations } of rules) {
    const severity = new Map(labels).get('severity')?.constant ?? '';
    assert.ok(['info', 'warning', 'critical'].includes(severity), alert);
    assert.deepEqual(annotations.map(([name]) => name).sort(), ['description', 'summary'], alert);
  }
});

test('all CPUs busy is told within two minutes, and resolves after', () => {
  const told = play((second) => {
    const user = gathered(second, 0.1, 120, 300, 0.9);
    const system = gathered(second, 0.01, 120, 300, 0.09);
    return {
      node_cpu_seconds_total: ['0', '1'].flatMap((cpu): Row[] => [
        [cpu, 'user', user],
        [cpu, 'system', system],
        [cpu, 'idle', 2 * second - user - system],
      ]),
    };
  }, 600);
  assert.equal(told.length, 2);
  assert.match(told[0] ?? '', /^CpuBusy warning firing (20\d|21\d|22\d)$/);
  assert.match(told[1] ?? '', /^CpuBusy warning resolved 3\d\d$/);
});

test('CPUs are not taken for busy, not even pending, when a range has just begun', () => {
  const judge = createJudge(rules);
  for (let seq = 0; seq < 5; seq++) {
    const second = seq * INTERVAL_S;
    const half: Row[] = ['user', 'idle'].map((mode) => ['0', mode, 1000 + second / 2]);
    const event = { v: 1, cluster: 'c', node: 'n', epoch: 'e', seq, time: second * 1000, interval: 5000 } as const;
    assert.deepEqual(judge.judge({ ...event, metrics: { node_cpu_seconds_total: half } }), []);
  }
});

test('one busy CPU of four is no alert', () => {
  const cpu = (second: number, busy: boolean) => gathered(second, 0.1, 120, 600, busy ? 1 : 0.1);
  const told = play((second) => {
    return { node_cpu_seconds_total: [0, 1, 2, 3].map((i) => [String(i), 'user', cpu(second, i === 0)]) };
  }, 600);
  assert.deepEqual(told, []);
});

test('memory that runs out is told twice: as a warning, then as critical', () => {
  const told = play((second) => {
    const available = second < 60 || second >= 300 ? 50 : second < 200 ? 8 : 2;
    return { node_memory_MemTotal_bytes: 100e9, node_memory_MemAvailable_bytes: available * 1e9 };
  }, 420);
  assert.deepEqual(told, [
    'MemoryLow warning firing 120',
    'MemoryLow critical firing 215',
    'MemoryLow warning resolved 360',
    'MemoryLow critical resolved 360',
  ]);
});

test('a file system that fills up is told, a read-only one and an empty one are not', () => {
  const told = play((second) => {
    const rows = (a: number, image: number, none: number): [string, string, string, string, number][] => [
      ['/dev/sda1', '/', 'ext4', '', a],
      ['/dev/loop0', '/snap/x', 'squashfs', '', image],
      ['none', '/x', 'tmpfs', '', none],
    ];
    return {
      node_filesystem_avail_bytes: rows(second < 60 ? 50 : 5, 0, 0),
      node_filesystem_size_bytes: rows(100, 100, 0),
      node_filesystem_files: rows(100, 100, 0),
      node_filesystem_files_free: rows(50, 0, 0),
      node_filesystem_readonly: rows(0, 1, 0),
    };
  }, 300);
  assert.deepEqual(told, ['FilesystemAlmostFull warning firing 180']);
});

test('pressure, a busy disk and a troubled network are told and resolve', () => {
  const during = (usual: number, then: number) => (second: number) => gathered(second, usual, 120, 360, then);
  for (const [alert, metric, counter, labelled] of [
    ['CpuPressure warning', 'node_pressure_cpu_waiting_seconds_total', during(0.1, 0.9), false],
    ['MemoryPressure warning', 'node_pressure_memory_waiting_seconds_total', during(0, 0.3), false],
    ['DiskBusy warning', 'node_disk_io_time_seconds_total', during(0.2, 1), true],
    ['NetworkErrors warning', 'node_network_receive_errs_total', during(0, 20), true],
    ['NetworkDrops warning', 'node_network_receive_drop_total', during(1, 300), true],
    ['NetworkTrafficHigh info', 'node_network_receive_bytes_total', during(1e6, 120e6), true],
  ] as const) {
    const told = play((second) => {
      const partner = metric.replace('receive', 'transmit');
      if (!labelled) return { [metric]: counter(second) };
      return {
        [partner]: [
          ['eth0', 0],
          ['lo', 0],
        ],
        [metric]: [
          ['eth0', counter(second)],
          ['lo', 0],
        ],
      };
    }, 720);
    const shown = told.map((line) => line.replace(/ \d+$/, ''));
    assert.deepEqual(shown, [`${alert} firing`, `${alert} resolved`], alert);
    const [fired, resolved] = told.map((line) => Number(line.split(' ').at(-1)));
    assert.ok((fired ?? 0) > 120 && (fired ?? 0) <= 300, `${alert} fired at ${fired}`);
    assert.ok((resolved ?? 0) > 360 && (resolved ?? 0) <= 660, `${alert} resolved at ${resolved}`);
  }
});
