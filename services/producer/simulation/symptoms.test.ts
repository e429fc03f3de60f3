/** What each scenario does to what a node tells: something crosses a mark while it lasts, and neither before nor after. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeEvent, Row } from '#contract/event.ts';
import { createFleet, simulateFleet } from './fleet.ts';
import { parseScenarios, type ScenarioName } from './scenario.ts';

const FROM = Date.UTC(2026, 0, 5, 10);
const MINUTE = 60_000;
const NODES = 8;
/** Nodes of a fleet of that size by what they are: two CPUs and swap; eight CPUs; metal with an array and swap. */
const SMALL = 'node-0001';
const GENERAL = 'node-0004';
const STORAGE = 'node-0000';

/** From a minute of a node's life: what a figure is at its end, or how much it has grown in a second. */
type Figure = (first: NodeEvent, last: NodeEvent) => number;

function sum({ metrics }: NodeEvent, name: string, labels: readonly string[]): number {
  const series = metrics[name] ?? [];
  if (typeof series === 'number') return series;
  const chosen = series.filter((row: Row) => labels.every((label) => row.includes(label)));
  return chosen.reduce((all, row) => all + Number(row.at(-1)), 0);
}

const value =
  (name: string, ...labels: string[]): Figure =>
  (_, last) =>
    sum(last, name, labels);
const rate =
  (name: string, ...labels: string[]): Figure =>
  (first, last) =>
    (1000 * (sum(last, name, labels) - sum(first, name, labels))) / (last.time - first.time);
const part =
  (a: Figure, b: Figure): Figure =>
  (...events) =>
    a(...events) / b(...events);
const without =
  (figure: Figure): Figure =>
  (...events) =>
    1 - figure(...events);

const available = part(value('node_memory_MemAvailable_bytes'), value('node_memory_MemTotal_bytes'));
const root = (what: string, of: string) =>
  part(value(`node_filesystem_${what}`, '/'), value(`node_filesystem_${of}`, '/'));
const latency = (device: string) =>
  part(rate('node_disk_write_time_seconds_total', device), rate('node_disk_writes_completed_total', device));

const SYMPTOMS: readonly (readonly [ScenarioName, node: string, what: string, Figure, above: number])[] = [
  ['cpu-steal', GENERAL, 'a third of each CPU is stolen', rate('node_cpu_seconds_total', 'steal'), 8 * 0.33],
  [
    'cpu-shift',
    GENERAL,
    'a quarter more is worked',
    without(part(rate('node_cpu_seconds_total', 'idle'), () => 8)),
    0.45,
  ],
  ['memory-shift', GENERAL, 'a fifth less is available', without(available), 0.5],
  ['swap-storm', SMALL, 'pages go out', rate('node_vmstat_pswpout'), 1000],
  ['swap-storm', SMALL, 'pages come in', rate('node_vmstat_pswpin'), 1000],
  ['swap-storm', SMALL, 'tasks wait for pages', rate('node_vmstat_pgmajfault'), 500],
  ['swap-storm', SMALL, 'tasks wait for memory', rate('node_pressure_memory_waiting_seconds_total'), 0.3],
  ['oom-kill', GENERAL, 'programs are killed', rate('node_vmstat_oom_kill'), 0.005],
  ['disk-fill-slow', GENERAL, 'the root file system fills', without(root('avail_bytes', 'size_bytes')), 0.8],
  ['inode-leak', GENERAL, 'inodes run out', without(root('files_free', 'files')), 0.98],
  ['readonly-remount', GENERAL, 'the root file system cannot be written', value('node_filesystem_readonly', '/'), 0.5],
  ['io-stall', GENERAL, 'operations take long', latency('vda'), 0.19],
  ['io-stall', GENERAL, 'the disk is busy', rate('node_disk_io_time_seconds_total', 'vda'), 0.98],
  ['io-stall', GENERAL, 'many wait for it', rate('node_disk_io_time_weighted_seconds_total', 'vda'), 15],
  ['io-stall', GENERAL, 'CPUs wait for it', rate('node_cpu_seconds_total', 'iowait'), 8 * 0.4],
  ['io-stall', GENERAL, 'tasks wait for it', rate('node_pressure_io_waiting_seconds_total'), 0.6],
  ['disk-slow', STORAGE, 'operations take long', latency('nvme0n1'), 0.12],
  ['disk-shift', GENERAL, 'a disk works more', rate('node_disk_io_time_seconds_total', 'vdb'), 0.35],
  [
    'link-saturated',
    STORAGE,
    'a wire carries what it can',
    rate('node_network_receive_bytes_total', 'eno2'),
    0.92 * 3.125e9,
  ],
  ['network-shift', GENERAL, 'more traffic comes', rate('node_network_receive_bytes_total', 'eth0'), 14e6 * 0.6],
  [
    'tcp-retransmits',
    GENERAL,
    'TCP sends again',
    part(rate('node_netstat_Tcp_RetransSegs'), rate('node_netstat_Tcp_OutSegs')),
    0.11,
  ],
  ['listen-overflow', GENERAL, 'connections are refused', rate('node_netstat_TcpExt_ListenOverflows'), 20],
  [
    'conntrack-full',
    GENERAL,
    'the table is full',
    part(value('node_nf_conntrack_entries'), value('node_nf_conntrack_entries_limit')),
    0.98,
  ],
  ['conntrack-full', GENERAL, 'packets are dropped', rate('node_nf_conntrack_stat_drop'), 50],
  ['fd-leak', SMALL, 'descriptors run out', part(value('node_filefd_allocated'), value('node_filefd_maximum')), 0.96],
  ['hung-task', GENERAL, 'tasks hang', rate('node_kernel_hung_tasks_total'), 0.01],
  ['overheat', STORAGE, 'the CPU is hot', value('node_hwmon_temp_celsius', 'pci0000:00_0000:00_18_3'), 100],
  ['raid-degraded', STORAGE, 'an array lacks a disk', value('node_md_disks', 'failed'), 0.5],
];

for (const [name, node, what, figure, above] of SYMPTOMS) {
  test(`${name}: ${what} while it lasts`, () => {
    const fleet = createFleet({
      cluster: 'c',
      nodes: NODES,
      seed: 1,
      interval: MINUTE,
      from: FROM,
      scenarios: parseScenarios(`${name}@${node}+10m/20m`),
    });
    const index = Number(node.slice('node-'.length));
    const at = (minute: number) => {
      const event = fleet.measure((Math.floor(FROM / MINUTE) + minute) * NODES + index);
      assert.ok(event?.node === node);
      return event;
    };
    const figures = [5, 26, 40].map((minute) => figure(at(minute), at(minute + 2)));
    assert.deepEqual(
      figures.map((number) => number > above),
      [false, true, false],
      `expected more than ${above} in the middle only, got ${figures}`,
    );
  });
}

test('a scenario that no node of the fleet can have is refused, with nodes that can', () => {
  const simulate = (scenarios: string, nodes: number) =>
    simulateFleet({
      cluster: 'c',
      nodes,
      seed: 1,
      interval: 5000,
      from: FROM,
      scenarios: parseScenarios(scenarios),
    }).next();
  assert.throws(() => simulate(`raid-degraded@${GENERAL}`, NODES), {
    code: 'CONFIG',
    message: `SCENARIOS: "raid-degraded@${GENERAL}": expected a node of the fleet that has an array, such as ${STORAGE}, node-0007`,
  });
  assert.throws(() => simulate('cpu-steal@*', 1), {
    message: 'SCENARIOS: "cpu-steal@*": expected a node of the fleet that is virtual, and there is none',
  });
});
