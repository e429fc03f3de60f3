import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Metrics } from '#contract/event.ts';
import { HistoryRoom } from '../history-room.ts';
import type { Labels } from '../labels.ts';
import { isScalar, type VectorExpr } from '../promql/ast.ts';
import { parsePromql } from '../promql/parse.ts';
import { NodePast } from './node-past.ts';
import { Program } from './program.ts';

const LIMITS = { seriesPerNode: 1000, samplesPerSeries: 1000 };
/** A Monday. */
const TIME = Date.UTC(2026, 5, 15, 13, 45, 30);

const METRICS: Metrics = {
  node_load1: 3,
  node_load5: 2,
  node_boot_time_seconds: TIME / 1000 - 600,
  node_disk_io_now: [
    ['sda', 1],
    ['sdb', 5],
    ['nvme0n1', 9],
  ],
  node_disk_reads_completed_total: [
    ['sdb', 10],
    ['sda', 20],
    ['dm-0', 30],
  ],
  node_cpu_seconds_total: [
    ['0', 'idle', 4],
    ['0', 'user', 6],
    ['1', 'idle', 8],
    ['1', 'user', 2],
  ],
  node_filesystem_avail_bytes: [['/dev/a', '/', 'ext4', '', 7]],
  node_disk_info: [['sda', '8', '0', '', '', 'Fast', '', '', '', 1]],
};

function evaluate(text: string): string[] | undefined {
  const parsed = parsePromql(text);
  assert.ok('expr' in parsed && !isScalar(parsed.expr), `${text}: ${JSON.stringify(parsed)}`);
  const program = new Program([parsed.expr as VectorExpr]);
  const past = new NodePast(program, { cluster: 'c', node: 'n1' }, LIMITS, new HistoryRoom(2 ** 30));
  past.add({ metrics: METRICS, time: TIME, interval: 15_000 }, TIME);
  const samples = past.evaluate(program.rules[0] ?? assert.fail());
  return samples
    ?.map(({ name, labels, value }) => `${name ?? ''}{${shown(labels)}} ${Number(value.toPrecision(6))}`)
    .sort();
}

/** Without what all series of the node have. */
function shown(labels: Labels): string {
  const all = { cluster: 'c', instance: 'n1', job: 'node-exporter', node: 'n1' };
  const own = Object.fromEntries(
    Array.from({ length: labels.length / 2 }, (_, i) => [labels[2 * i], labels[2 * i + 1]]),
  );
  const missing = Object.entries(all)
    .filter(([name]) => own[name] === undefined)
    .map(([name]) => `-${name}`);
  const others = Object.entries(own).filter(([name, value]) => all[name as keyof typeof all] !== value);
  return [...others.map(([name, value]) => `${name}=${value}`), ...missing].join();
}

test('expressions give what they give in Prometheus', () => {
  for (const [text, ...expected] of [
    [
      'node_disk_io_now',
      'node_disk_io_now{device=nvme0n1} 9',
      'node_disk_io_now{device=sda} 1',
      'node_disk_io_now{device=sdb} 5',
    ],
    [
      'node_disk_io_now{device=~"sd.", instance="n1"}',
      'node_disk_io_now{device=sda} 1',
      'node_disk_io_now{device=sdb} 5',
    ],
    ['node_disk_io_now{node="n2"}'],
    ['-node_load1', '{} -3'],
    ['node_load1 ^ 2 % 5', '{} 4'],
    ['10 - node_load1', '{} 7'],
    ['node_load1 > 2', 'node_load1{} 3'],
    ['2 < node_load1', 'node_load1{} 3'],
    ['node_load1 > bool 5', '{} 0'],
    ['node_disk_io_now > 1 < 9', 'node_disk_io_now{device=sdb} 5'],
    ['node_load1 * node_load5', '{} 6'],
    ['node_disk_reads_completed_total / node_disk_io_now', '{device=sda} 20', '{device=sdb} 2'],
    [
      'node_disk_reads_completed_total > node_disk_io_now',
      'node_disk_reads_completed_total{device=sda} 20',
      'node_disk_reads_completed_total{device=sdb} 10',
    ],
    ['node_load1 > on (instance) node_load5', '{-cluster,-job,-node} 3'],
    ['node_load1 > ignoring (job) node_load5', 'node_load1{-job} 3'],
    [
      'node_disk_io_now + on (instance) group_left () node_load1',
      '{device=nvme0n1} 12',
      '{device=sda} 4',
      '{device=sdb} 8',
    ],
    [
      'node_load1 - ignoring (device) group_right () node_disk_io_now',
      '{device=nvme0n1} -6',
      '{device=sda} 2',
      '{device=sdb} -2',
    ],
    [
      'node_load1 < on (instance) group_right () node_disk_io_now',
      'node_disk_io_now{device=nvme0n1} 3',
      'node_disk_io_now{device=sdb} 3',
    ],
    ['node_disk_io_now * on (instance, device) group_left (model) node_disk_info', '{device=sda,model=Fast} 1'],
    [
      'node_disk_io_now and node_disk_reads_completed_total',
      'node_disk_io_now{device=sda} 1',
      'node_disk_io_now{device=sdb} 5',
    ],
    ['node_disk_io_now unless node_disk_reads_completed_total', 'node_disk_io_now{device=nvme0n1} 9'],
    [
      'node_disk_io_now > 5 or node_disk_reads_completed_total > 20',
      'node_disk_io_now{device=nvme0n1} 9',
      'node_disk_reads_completed_total{device=dm-0} 30',
    ],
    [
      'node_disk_io_now or on (instance) node_load1',
      'node_disk_io_now{device=nvme0n1} 9',
      'node_disk_io_now{device=sda} 1',
      'node_disk_io_now{device=sdb} 5',
    ],
    ['node_load1 and on () hour() == 13', 'node_load1{} 3'],
    ['node_load1 and on () hour() < 13'],
    ['node_load1 * on () group_left () vector(2)', '{} 6'],
    [
      'sum by (instance, mode) (node_cpu_seconds_total)',
      '{mode=idle,-cluster,-job,-node} 12',
      '{mode=user,-cluster,-job,-node} 8',
    ],
    ['avg without (cpu) (node_cpu_seconds_total)', '{mode=idle} 6', '{mode=user} 4'],
    ['min without (cpu, mode) (node_cpu_seconds_total)', '{} 2'],
    ['max without (cpu, mode) (node_cpu_seconds_total)', '{} 8'],
    ['count without (cpu, mode) (node_cpu_seconds_total > 4)', '{} 2'],
    ['count without (cpu, mode) (node_cpu_seconds_total > 100)'],
    ['group without (cpu, mode) (node_cpu_seconds_total)', '{} 1'],
    ['stddev without (cpu, mode) (node_cpu_seconds_total)', '{} 2.23607'],
    ['stdvar without (cpu, mode) (node_cpu_seconds_total)', '{} 5'],
    ['quantile without (cpu, mode) (0.5, node_cpu_seconds_total)', '{} 5'],
    [
      'topk without (device) (2, node_disk_io_now)',
      'node_disk_io_now{device=nvme0n1} 9',
      'node_disk_io_now{device=sdb} 5',
    ],
    ['bottomk without (device) (1, node_disk_io_now)', 'node_disk_io_now{device=sda} 1'],
    ['topk without (device) (0, node_disk_io_now)'],
    ['clamp(node_disk_io_now, 2, 6)', '{device=nvme0n1} 6', '{device=sda} 2', '{device=sdb} 5'],
    ['clamp(node_load1, 6, 2)'],
    ['round(node_load1 / 2)', '{} 2'],
    ['round(node_load1 * 7, 5)', '{} 20'],
    ['sort_desc(node_load1)', 'node_load1{} 3'],
    ['time() - node_boot_time_seconds', '{} 600'],
    ['timestamp(node_load1) - time()', '{} 0'],
    ['day_of_week(node_boot_time_seconds)', '{} 1'],
    ['node_load1 * scalar(vector(2))', '{} 6'],
    [
      'label_replace(node_disk_io_now, "kind", "disk-$1", "device", "sd(.)")',
      'node_disk_io_now{device=nvme0n1} 9',
      'node_disk_io_now{device=sda,kind=disk-a} 1',
      'node_disk_io_now{device=sdb,kind=disk-b} 5',
    ],
    ['label_replace(node_load1, "job", "", "job", ".*")', 'node_load1{-job} 3'],
    [
      'label_join(node_filesystem_avail_bytes, "what", ":", "device", "fstype", "nothing")',
      'node_filesystem_avail_bytes{device=/dev/a,fstype=ext4,mountpoint=/,what=/dev/a:ext4:} 7',
    ],
    ['absent(node_disk_io_now{instance="n1",device="sdx"})', '{device=sdx,-cluster,-job,-node} 1'],
    ['absent_over_time(node_disk_io_now{instance="n1",device="sda"}[5m])'],
    ['present_over_time(node_disk_io_now{device="sda"}[5m])', '{device=sda} 1'],
    ['last_over_time(node_load1[5m])', 'node_load1{} 3'],
  ] as const) {
    assert.deepEqual(evaluate(text), expected, text);
  }
});

test('where two series would be one, there is no answer', () => {
  for (const text of [
    'node_disk_io_now + on (instance) node_load1',
    'node_load1 + on (instance) node_disk_io_now',
    'node_load1 + on (instance) group_left () node_disk_io_now',
    'label_replace(node_disk_io_now, "device", "x", "device", ".*")',
    'node_cpu_seconds_total * on (instance, mode) group_left (cpu) (node_cpu_seconds_total{cpu="0"})',
  ]) {
    assert.equal(evaluate(text), undefined, text);
  }
  // Only what is there counts.
  assert.deepEqual(evaluate('node_load1 + on (instance) (node_disk_io_now > 5)'), ['{-cluster,-job,-node} 12']);
});

test('what two rules have in common is worked out once', () => {
  const texts = ['rate(node_disk_io_now[5m]) > 1', 'rate(node_disk_io_now[5m]) > 2', 'rate(node_disk_io_now[1m]) > 2'];
  const queries = texts.map((text) => (parsePromql(text) as { expr: VectorExpr }).expr);
  const program = new Program(queries);
  assert.equal(program.tables.length, 1);
  assert.equal(program.tables[0]?.sources.length, 1);
  assert.equal(program.tables[0]?.spanMs, 300_000);
});
