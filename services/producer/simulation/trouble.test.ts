import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeEvent, Row } from '#contract/event.ts';
import { type FleetOptions, simulateFleet } from './fleet.ts';
import { parseScenarios } from './scenario.ts';

const START = Date.UTC(2026, 0, 5, 10);
const MINUTE = 60_000;
const COLLECTORS = [
  'cpu',
  'loadavg',
  'stat',
  'meminfo',
  'vmstat',
  'pressure',
  'filesystem',
  'netdev',
  'netstat',
  'time',
];

/** The events of node-0001, by milliseconds since the start of the moment that they were made in. */
function play(scenarios: string, minutes: number, more: Partial<FleetOptions> = {}): NodeEvent[] {
  const events: NodeEvent[] = [];
  const parsed = scenarios === '' ? [] : parseScenarios(scenarios);
  const options = { cluster: 'c', nodes: 2, seed: 1, interval: 5000, from: START, collectors: COLLECTORS, ...more };
  for (const event of simulateFleet({ ...options, scenarios: parsed })) {
    if (event.node === 'node-0000' && event.time >= START + minutes * MINUTE) break;
    if (event.node === 'node-0001') events.push(event);
  }
  return events;
}

const usual = play('', 12);
const at = (events: readonly NodeEvent[], minute: number) => {
  const time = START + minute * MINUTE;
  return events.find((event) => event.time >= time && event.time < time + 5000) as NodeEvent;
};
const gauge = (event: NodeEvent, name: string) => event.metrics[name] as number;
const rows = (event: NodeEvent, name: string) => event.metrics[name] as readonly Row[];
const sum = (event: NodeEvent, name: string, ...labels: string[]) =>
  rows(event, name).reduce(
    (all, row) => (labels.every((label) => row.includes(label)) ? all + Number(row.at(-1)) : all),
    0,
  );

/** How a figure of an event grew from one minute to another, by the minute. */
const growth = (events: readonly NodeEvent[], from: number, to: number, of: (event: NodeEvent) => number) =>
  (of(at(events, to)) - of(at(events, from))) / (to - from);

/** Gauges as they are, counters by what they grow: before its scenario a node is as ever, and after it again. */
function assertUsual(events: readonly NodeEvent[], from: number, to: number): void {
  for (const name of ['node_load1', 'node_memory_MemAvailable_bytes', 'node_procs_running']) {
    assert.equal(gauge(at(events, to), name), gauge(at(usual, to), name), name);
  }
  const idle = (event: NodeEvent) => sum(event, 'node_cpu_seconds_total', 'idle');
  assert.ok(Math.abs(growth(events, from, to, idle) - growth(usual, from, to, idle)) < 0.1);
  for (const name of ['node_network_receive_drop_total', 'node_network_receive_errs_total']) {
    const drops = (event: NodeEvent) => sum(event, name);
    assert.ok(Math.abs(growth(events, from, to, drops) - growth(usual, from, to, drops)) <= 2);
  }
  assert.deepEqual(
    rows(at(events, to), 'node_filesystem_avail_bytes'),
    rows(at(usual, to), 'node_filesystem_avail_bytes'),
  );
  assert.equal(at(events, to).time, at(usual, to).time);
}

test('cpu-spike keeps all CPUs at work, with a queue, and no longer', () => {
  const events = play('cpu-spike@node-0001+2m/3m', 12);
  const cpus = new Set(rows(at(events, 0), 'node_cpu_seconds_total').map(([cpu]) => cpu)).size;
  const idle = (event: NodeEvent) => sum(event, 'node_cpu_seconds_total', 'idle');
  assert.ok(growth(events, 2.5, 4.5, idle) < 0.02 * 60 * cpus);
  assert.ok(gauge(at(events, 4), 'node_load1') > 2 * cpus);
  assert.ok(growth(events, 2.5, 4.5, (event) => gauge(event, 'node_pressure_cpu_waiting_seconds_total')) > 40);
  assertUsual(events, 0, 1.5);
  assertUsual(events, 7, 11);
});

test('memory-leak takes the memory away until the kernel kills the program', () => {
  const events = play('memory-leak@node-0001+2m/4m', 12);
  const part = (minute: number) => {
    const event = at(events, minute);
    return gauge(event, 'node_memory_MemAvailable_bytes') / gauge(event, 'node_memory_MemTotal_bytes');
  };
  assert.ok(part(3) < part(2) && part(3.7) < part(3) && part(5) < 0.04);
  assert.ok(growth(events, 4.5, 5.5, (event) => gauge(event, 'node_pressure_memory_waiting_seconds_total')) > 10);
  assert.deepEqual(
    [1, 5.5, 6.5].map((minute) => gauge(at(events, minute), 'node_vmstat_oom_kill')),
    [0, 0, 1],
  );
  assertUsual(events, 0, 1.5);
  assertUsual(events, 7, 11);
});

test('disk-fill fills the root file system and no other', () => {
  const events = play('disk-fill@node-0001+2m/4m', 12);
  const part = (minute: number, mountpoint: string) => {
    const event = at(events, minute);
    return sum(event, 'node_filesystem_avail_bytes', mountpoint) / sum(event, 'node_filesystem_size_bytes', mountpoint);
  };
  assert.ok(part(2.5, '/') < part(1, '/') && part(4, '/') < 0.03 && part(4, '/') > 0);
  assert.ok(Math.abs(part(4, '/run') - part(1, '/run')) < 0.01);
  assertUsual(events, 0, 1.5);
  assertUsual(events, 7, 11);
});

test('packet-loss drops packets and breaks some, so that TCP sends again', () => {
  const events = play('packet-loss@node-0001+2m/3m', 12);
  assert.ok(growth(events, 2.5, 4.5, (event) => sum(event, 'node_network_receive_drop_total')) > 60 * 60);
  assert.ok(growth(events, 2.5, 4.5, (event) => sum(event, 'node_network_receive_errs_total')) > 60 * 5);
  const again = (event: NodeEvent) => gauge(event, 'node_netstat_Tcp_RetransSegs');
  assert.ok(growth(events, 2.5, 4.5, again) > 20 * growth(usual, 2.5, 4.5, again));
  assertUsual(events, 0, 1.5);
  assertUsual(events, 6, 11);
});

test('node-silent publishes nothing meanwhile, and goes on as the same run', () => {
  const events = play('node-silent@node-0001+2m/3m', 12);
  const silent = events.filter(({ time }) => time >= START + 2 * MINUTE && time < START + 5 * MINUTE);
  assert.equal(silent.length, 0);
  assert.equal(events.length, usual.length - 36);
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, i) => i),
  );
  assert.equal(new Set(events.map(({ epoch }) => epoch)).size, 1);
  assertUsual(events, 0, 1.5);
  assertUsual(events, 5.5, 11);
});

test('reboot is silence, then a new epoch with counters that begin again', () => {
  const events = play('reboot@node-0001+2m/1m,reboot@node-0001+6m/1m', 12);
  const epochs = [...new Set(events.map(({ epoch }) => epoch))];
  assert.equal(epochs.length, 3);
  const [, second = [], third = []] = epochs.map((epoch) => events.filter((event) => event.epoch === epoch));
  for (const [run, minute] of [
    [second, 3],
    [third, 7],
  ] as const) {
    const [first] = run;
    assert.ok(first !== undefined && first.seq === 0 && first.time >= START + minute * MINUTE);
    const uptime = first.time / 1000 - gauge(first, 'node_boot_time_seconds');
    assert.ok(uptime > 10 && uptime < 30, `uptime ${uptime}`);
    assert.ok(sum(first, 'node_cpu_seconds_total', '0', 'idle') < 30);
    assert.ok(gauge(first, 'node_context_switches_total') < 1e6);
  }
  const silent = events.filter(({ time }) => time >= START + 2 * MINUTE && time < START + 3 * MINUTE);
  assert.equal(silent.length, 0);
});

test("clock-skew shifts the event's time and the node's clock by two minutes, and what it measures by nothing", () => {
  const events = play('clock-skew@node-0001+2m/3m', 12);
  const shifts = events.map(({ time }, i) => (time - (usual[i]?.time ?? 0)) / 1000);
  assert.deepEqual([...new Set(shifts)], [0, 120]);
  assert.equal(shifts.filter((shift) => shift === 120).length, 36);
  for (const [i, event] of events.entries()) {
    assert.equal(gauge(event, 'node_time_seconds'), event.time / 1000);
    assert.equal(
      gauge(event, 'node_context_switches_total'),
      gauge(usual[i] as NodeEvent, 'node_context_switches_total'),
    );
  }
});

test('flapping is a load that falls for ten seconds whenever it has been high for a hundred', () => {
  const events = play('flapping@node-0001+2m/6m', 12);
  const running = events.map((event) => gauge(event, 'node_procs_running'));
  const busiest = Math.max(...running);
  const during = events.filter(({ time }) => time >= START + 2 * MINUTE && time < START + 8 * MINUTE);
  const low = during.filter((event) => gauge(event, 'node_procs_running') < busiest / 2);
  assert.equal(low.length, 6);
  assertUsual(events, 0, 1.5);
  assertUsual(events, 10, 11.5);
});

test('a scenario is about the nodes that it names', () => {
  const other = play('cpu-spike@node-0000+1m/5m', 12);
  const figures = (events: readonly NodeEvent[]) => events.map(({ metrics }) => metrics.node_cpu_seconds_total);
  assert.deepEqual(figures(other), figures(usual));
});
