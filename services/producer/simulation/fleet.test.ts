import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEvent, encodeEvent } from '#contract/codec.ts';
import { headersOf, keyOf, type NodeEvent } from '#contract/event.ts';
import { metricOf } from '#contract/metrics.ts';
import { standardCollectors } from '../collectors/index.ts';
import { NOT_SIMULATED } from './collectors/index.ts';
import { createFleet, type FleetOptions, simulateFleet } from './fleet.ts';
import { parseScenarios, SCENARIO_NAMES, type ScenarioName } from './scenario.ts';

const START = Date.UTC(2026, 0, 5, 10);
const STANDARD = standardCollectors({ nodename: '', machine: '', now: () => 0 }).map(({ name }) => name);
const MINUTE = 60_000;

function eventsOf(options: Partial<FleetOptions>, forMs: number): NodeEvent[] {
  const events: NodeEvent[] = [];
  for (const event of simulateFleet({ cluster: 'c', nodes: 3, seed: 1, interval: 5000, from: START, ...options })) {
    if (event.time >= START + forMs) break;
    events.push(event);
  }
  return events;
}

const measured = (scenarios: string, forMs: number, more: Partial<FleetOptions> = {}) =>
  eventsOf({ scenarios: parseScenarios(scenarios), ...more }, forMs);

/** Every series of an event: name and labels as one text, and its value. */
function* seriesOf({ metrics }: NodeEvent): Generator<[series: string, value: number]> {
  for (const [name, series] of Object.entries(metrics)) {
    if (typeof series === 'number') yield [name, series];
    else for (const row of series) yield [`${name} ${row.slice(0, -1).join(' ')}`, Number(row.at(-1))];
  }
}

const figureOf = (event: NodeEvent, series: string): number => new Map(seriesOf(event)).get(series) ?? Number.NaN;

/** Whole gauges and counters, which later tests compare; not how long it took. */
const figures = (events: readonly NodeEvent[]) =>
  events.map((event) => [event.node, event.seq, event.time, [...seriesOf(event)]]);

test('the same seed is the same fleet, event for event', () => {
  assert.deepEqual(eventsOf({ nodes: 8 }, MINUTE), eventsOf({ nodes: 8 }, MINUTE));
});

test('another seed is another fleet', () => {
  const [one, other] = [eventsOf({}, 5000), eventsOf({ seed: 2 }, 5000)];
  assert.notDeepEqual(figures(one), figures(other));
  const load = (event: NodeEvent | undefined) => event?.metrics.node_load1;
  assert.notEqual(load(one[0]), load(other[0]));
});

test('a node is the same in a larger fleet, and at the same moment of a fleet that began earlier', () => {
  const ofFirst = (events: readonly NodeEvent[]) => events.filter(({ node }) => node === 'node-0000');
  const metrics = (event: NodeEvent | undefined) =>
    [...(event === undefined ? [] : seriesOf(event))].filter(([series]) => !series.startsWith('node_scrape'));
  const small = ofFirst(eventsOf({ nodes: 1 }, MINUTE)).at(-1);
  const large = ofFirst(eventsOf({ nodes: 9 }, MINUTE)).at(-1);
  const earlier = ofFirst(eventsOf({ nodes: 1, from: START - 10 * MINUTE }, MINUTE)).at(-1);
  assert.deepEqual(metrics(large), metrics(small));
  assert.deepEqual(metrics(earlier), metrics(small));
});

test('each run of a fleet has epochs of its own', () => {
  const epochs = (run: number) => new Set(eventsOf({ run }, 10_000).map(({ epoch }) => epoch));
  assert.equal(epochs(1).size, 3);
  assert.equal(new Set([...epochs(1), ...epochs(2)]).size, 6);
});

test('nodes take turns within the interval, each at moments one interval apart, in the order of time', () => {
  const events = eventsOf({ nodes: 4 }, 15_000);
  assert.deepEqual(
    events.slice(0, 6).map(({ node, seq, time, interval }) => [node, seq, time - START, interval]),
    [
      ['node-0000', 0, 0, 5000],
      ['node-0001', 0, 1250, 5000],
      ['node-0002', 0, 2500, 5000],
      ['node-0003', 0, 3750, 5000],
      ['node-0000', 1, 5000, 5000],
      ['node-0001', 1, 6250, 5000],
    ],
  );
  const fleet = createFleet({ cluster: 'c', nodes: 7, seed: 1, interval: 5000, from: START });
  for (const time of [START, START + 1, START + 4999]) {
    const tick = fleet.firstFrom(time);
    assert.ok(fleet.dueAt(tick) >= time && fleet.dueAt(tick - 1) < time);
  }
});

test('only the metrics that are asked for are told', () => {
  const [event] = eventsOf(
    { collectors: ['loadavg', 'arp'], metrics: new Set(['node_load5', 'node_time_seconds']) },
    5000,
  );
  assert.deepEqual(
    Object.keys(event?.metrics ?? {}).filter((name) => !name.startsWith('node_scrape')),
    ['node_load5'],
  );
});

test('every event decodes, of every shape, with nothing that the catalogue does not know', () => {
  const shapes = new Set<number>();
  for (const event of eventsOf({ nodes: 60 }, 5000)) {
    const headers = Object.fromEntries(
      Object.entries(headersOf(event, event.time)).map(([name, value]) => [name, Buffer.from(value)]),
    );
    const decoded = decodeEvent({ key: Buffer.from(keyOf(event)), value: encodeEvent(event), headers });
    assert.ok('event' in decoded, JSON.stringify(decoded));
    assert.equal(decoded.unknownMetrics, 0);
    assert.deepEqual(decoded.event, event);
    shapes.add(decoded.samples);
  }
  assert.equal(shapes.size, 4);
});

test('every standard collector is simulated, or is not for a reason', () => {
  const [event] = eventsOf({}, 5000);
  const rows = event?.metrics.node_scrape_collector_success;
  const simulated = Array.isArray(rows) ? rows.map(([name]) => name) : [];
  const missing = STANDARD.filter((name) => !simulated.includes(name));
  assert.deepEqual(missing.toSorted(), Object.keys(NOT_SIMULATED).toSorted());
});

test('only the collectors that are asked for run', () => {
  const [event] = eventsOf({ collectors: ['loadavg', 'arp', 'unknown'] }, 5000);
  assert.deepEqual(
    Object.keys(event?.metrics ?? {})
      .filter((name) => !name.startsWith('node_scrape'))
      .toSorted(),
    ['node_arp_entries', 'node_load1', 'node_load15', 'node_load5'],
  );
});

/** Each for a while, of those that exclude each other one after the other. */
function everythingBut(...names: readonly ScenarioName[]): string {
  const all = SCENARIO_NAMES.filter((name) => !names.includes(name));
  return all.map((name, i) => `${name}@*+${20 * i}s/${30 + 10 * (i % 4)}s`).join(',');
}

const counters = new Map<string, boolean>();
function isCounter(name: string): boolean {
  const known = counters.get(name) ?? (metricOf(name)?.type === 'counter' || name.startsWith('node_vmstat_'));
  counters.set(name, known);
  return known;
}

test('counters never go back, whatever happens, and fractions of a second are no exception', () => {
  for (const interval of [2000, 7000]) {
    const last = new Map<string, number>();
    for (const event of measured(everythingBut('reboot'), 11 * MINUTE, { nodes: 5, interval })) {
      for (const [series, value] of seriesOf(event)) {
        if (!isCounter(series.split(' ', 1)[0] ?? '')) continue;
        const id = `${event.node} ${series}`;
        assert.ok(value >= (last.get(id) ?? 0), `${id} went from ${last.get(id)} to ${value}`);
        last.set(id, value);
      }
    }
  }
});

test('the modes of a CPU add up to a second each second', () => {
  const sums = (event: NodeEvent) => {
    const byCpu = new Map<string, number>();
    for (const row of event.metrics.node_cpu_seconds_total as [string, string, number][]) {
      assert.ok(row[2] >= 0);
      byCpu.set(row[0], (byCpu.get(row[0]) ?? 0) + row[2]);
    }
    return byCpu;
  };
  const last = new Map<string, { time: number; sums: Map<string, number> }>();
  let compared = 0;
  for (const event of measured(everythingBut('reboot', 'clock-skew'), 11 * MINUTE, {
    nodes: 12,
    collectors: ['cpu'],
  })) {
    const before = last.get(event.node);
    const now = { time: event.time, sums: sums(event) };
    for (const [cpu, sum] of now.sums) {
      if (before === undefined) continue;
      const seconds = (now.time - before.time) / 1000;
      assert.ok(Math.abs(sum - (before.sums.get(cpu) ?? 0) - seconds) < 0.081, `${event.node} CPU ${cpu}`);
      compared++;
    }
    last.set(event.node, now);
  }
  assert.ok(compared > 1000);
});

test('the parts of memory are no more than the whole, and add up to nearly all of it', () => {
  for (const event of measured('memory-leak@*+1m/5m,memory-shift@*+5m/2m,swap-storm@*+7m/3m', 12 * MINUTE, {
    nodes: 16,
    collectors: ['meminfo'],
  })) {
    const field = (name: string) => figureOf(event, `node_memory_${name}_bytes`);
    for (const [name, value] of seriesOf(event)) assert.ok(value >= 0, `${name} ${value}`);
    const parts =
      field('MemFree') + field('Buffers') + field('Cached') + field('AnonPages') + field('Slab') + field('PageTables');
    const all = parts + field('KernelStack') + field('Percpu');
    assert.ok(Math.abs(all - field('MemTotal')) < 64 * 1024, `${all} of ${field('MemTotal')}`);
    assert.ok(field('MemFree') < field('MemAvailable') + 0.01 * field('MemTotal'));
    assert.ok(field('MemAvailable') < field('MemTotal'));
    assert.ok(field('SwapFree') <= field('SwapTotal'));
    assert.equal(field('Active') + field('Inactive'), field('AnonPages') + field('Cached') + field('Buffers'));
  }
});

test('a file system has no more free than there is, fills for days, and is emptied', () => {
  const day = 24 * 60 * MINUTE;
  const fullest = new Map<string, number>();
  let emptied = 0;
  for (const event of eventsOf({ nodes: 5, interval: 30 * MINUTE, collectors: ['filesystem'] }, 12 * day)) {
    const values = new Map(seriesOf(event));
    for (const [series, size] of values) {
      if (!series.startsWith('node_filesystem_size_bytes ')) continue;
      const id = series.slice('node_filesystem_size_bytes '.length);
      const free = values.get(`node_filesystem_free_bytes ${id}`) ?? Number.NaN;
      const available = values.get(`node_filesystem_avail_bytes ${id}`) ?? Number.NaN;
      assert.ok(available <= free && free <= size && available > 0.15 * size, `${id}: ${available} of ${size}`);
      const used = (size - free) / size;
      const most = fullest.get(event.node + id) ?? used;
      if (used < most - 0.08) {
        emptied++;
        fullest.delete(event.node + id);
      } else fullest.set(event.node + id, Math.max(most, used));
    }
  }
  assert.ok(emptied > 4, `emptied ${emptied} times`);
});

test('a node that works more also switches, sends and writes more', () => {
  const rates = (hour: number) => {
    const from = Date.UTC(2026, 0, 6, hour);
    const [first, last] = [0, 1].map((i) => {
      const fleet = createFleet({ cluster: 'c', nodes: 1, seed: 4, interval: 600_000, from });
      return fleet.measure(fleet.firstFrom(from) + i);
    });
    assert.ok(first && last);
    const rate = (prefix: string) =>
      [...seriesOf(last)].reduce(
        (sum, [series, value]) => (series.startsWith(prefix) ? sum + value - figureOf(first, series) : sum),
        0,
      );
    return [
      'node_context_switches_total',
      'node_network_transmit_bytes_total',
      'node_disk_written_bytes_total',
      'node_forks_total',
    ].map(rate);
  };
  const [day, night] = [rates(14), rates(4)];
  for (const [i, rate] of day.entries()) assert.ok(rate > 1.2 * (night[i] ?? 0));
});

test('each node booted long ago, its uptime being the age of its counters', () => {
  for (const event of eventsOf({ nodes: 40, collectors: ['stat', 'cpu', 'time'] }, 5000)) {
    const uptime = event.time / 1000 - figureOf(event, 'node_boot_time_seconds');
    assert.ok(uptime >= 3600 && uptime < 91 * 86_400);
    const counted = [...seriesOf(event)].reduce(
      (sum, [series, value]) => (series.startsWith('node_cpu_seconds_total 0 ') ? sum + value : sum),
      0,
    );
    assert.ok(Math.abs(counted - uptime) < 2, `${counted} ${uptime}`);
    assert.equal(figureOf(event, 'node_time_seconds'), event.time / 1000);
  }
});

test('a scenario about no node of the fleet is refused', () => {
  assert.throws(() => measured('reboot@node-0003', 1000), {
    code: 'CONFIG',
    message: 'SCENARIOS: "reboot@node-0003": expected a node of the fleet, node-0000 to node-0002',
  });
});
