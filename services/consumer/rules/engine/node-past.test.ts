import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Metrics } from '#contract/event.ts';
import { HistoryRoom } from '../history-room.ts';
import { labelOf, type Sample } from '../labels.ts';
import { isScalar, type VectorExpr } from '../promql/ast.ts';
import { parsePromql } from '../promql/parse.ts';
import { type Measured, NodePast } from './node-past.ts';
import { Program } from './program.ts';

const LIMITS = { seriesPerNode: 1000, samplesPerSeries: 4096 };
const NODE = { cluster: 'c', node: 'n1' };
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function vector(text: string): VectorExpr {
  const parsed = parsePromql(text);
  assert.ok('expr' in parsed && !isScalar(parsed.expr), `${text}: ${JSON.stringify(parsed)}`);
  return parsed.expr;
}

/** A node whose past is what the expressions read. */
function nodeOf(...texts: readonly string[]) {
  const room = new HistoryRoom(2 ** 30);
  const program = new Program(texts.map(vector));
  const past = new NodePast(program, NODE, LIMITS, room);
  const at = (index: number) => program.rules[index] ?? assert.fail('no such expression');
  return {
    past,
    room,
    program,
    add: (time: number, metrics: Metrics) => past.add(event(time, metrics), time),
    values: (index = 0) => shown(past.evaluate(at(index))),
  };
}

function event(time: number, metrics: Metrics, interval = 15 * SECOND): Measured {
  return { time, interval, metrics };
}

/** By device, or the plain value of a metric without labels. */
function shown(samples: readonly Sample[] | undefined): unknown {
  if (samples === undefined) return 'no answer';
  return Object.fromEntries(samples.map(({ labels, value }) => [labelOf(labels, 'device'), value]));
}

const load = (value: number): Metrics => ({ node_load1: value });
const disks = (values: Readonly<Record<string, number>>): Metrics => ({ node_disk_io_now: Object.entries(values) });

test('offset looks at the last event before, as long as it is no older than five minutes and had the series', () => {
  const { add, values } = nodeOf('node_disk_io_now offset 2m');
  add(0, disks({ sda: 1, sdb: 1 }));
  add(MINUTE, disks({ sda: 2 }));
  add(2 * MINUTE - 1, disks({ sda: 3 }));
  assert.deepEqual(values(), {});
  add(2 * MINUTE, disks({}));
  assert.deepEqual(values(), { sda: 1, sdb: 1 });
  add(3 * MINUTE, disks({}));
  assert.deepEqual(values(), { sda: 2 });
  add(4 * MINUTE, disks({}));
  assert.deepEqual(values(), {}, 'the event at two minutes had none');
});

test('what was last heard five minutes ago is not there any more', () => {
  const steps = 'max_over_time(node_load1[10m:1m])';
  const { add, values } = nodeOf(`count_over_time(node_load1[1m:1m] offset 1m)`, steps);
  add(0, load(7));
  add(5 * MINUTE + SECOND, load(1));
  assert.deepEqual(values(0), { '': 1 }, 'four minutes after it was');
  add(6 * MINUTE + SECOND, load(1));
  assert.deepEqual(values(0), {}, 'five minutes after it was not');
});

test('a subquery is worked out at multiples of its step, from what was known then', () => {
  const { add, values } = nodeOf(
    'sum_over_time(node_load1[3m:1m])',
    'count_over_time((node_load1 > 2)[3m:1m])',
    'max_over_time(timestamp(node_load1)[1m:1m])',
    'max_over_time(sum_over_time(node_load1[2m:1m])[2m:1m])',
  );
  for (const [seconds, value] of [
    [30, 1],
    [90, 2],
    [130, 3],
    [180, 4],
    [200, 9],
  ] as const) {
    add(seconds * SECOND, load(value));
  }
  // At 60 s it was 1, at 120 s 2, at 180 s 4.
  assert.deepEqual(values(0), { '': 7 });
  assert.deepEqual(values(1), { '': 1 });
  assert.deepEqual(values(2), { '': 180 });
  assert.deepEqual(values(3), { '': 6 });
});

test('a subquery knows nothing of what was before the first event', () => {
  const { add, values } = nodeOf('count_over_time(node_load1[10m:1m])');
  add(10 * MINUTE, load(1));
  assert.deepEqual(values(), { '': 1 });
  add(12 * MINUTE, load(1));
  assert.deepEqual(values(), { '': 3 });
});

test('a rule has no answer while a step of its subquery had none', () => {
  const { add, values } = nodeOf(
    'max_over_time((node_load1 / on (instance) group_right () node_disk_io_now / on (instance) node_load1)[2m:1m])',
  );
  const both = (...names: readonly string[]): Metrics => ({
    ...load(2),
    node_disk_io_now: names.map((name) => [name, 1] as const),
  });
  add(0, both('sda'));
  assert.deepEqual(values(), { '': 1 });
  add(MINUTE, both('sda', 'sdb'));
  assert.equal(values(), 'no answer');
  add(2 * MINUTE, both('sda'));
  assert.equal(values(), 'no answer');
  add(3 * MINUTE, both('sda'));
  assert.deepEqual(values(), { '': 1 });
});

test('of a long range the samples are thinned evenly, and a straight line is still one', () => {
  const { add, values, room } = nodeOf('predict_linear(node_disk_io_now[6h], 3600)', 'count_over_time(node_load1[6h])');
  const end = 7 * HOUR;
  for (let time = 0; time <= end; time += 15 * SECOND) add(time, { ...disks({ sda: 5000 - time / HOUR }), ...load(1) });
  const { sda } = values(0) as { sda: number };
  assert.ok(Math.abs(sda - (5000 - 8)) < 1e-6, String(sda));
  assert.deepEqual(values(1), { '': 6 * 4 * 60 }, 'what counts samples sees all of them');
  assert.ok(room.bytes < 40_000, `${room.bytes} bytes`);
});

test('what a counter counted since it was first seen is the same over a day as over a quarter of an hour', () => {
  const { add, values } = nodeOf('increase(node_load1[1d])', 'increase(node_load1[15m])');
  for (let time = 0; time <= 10 * MINUTE; time += 15 * SECOND) {
    add(HOUR + time, load(1000 + time / SECOND));
    if (time >= 15 * SECOND) assert.deepEqual(values(0), values(1), `after ${time / SECOND} s`);
  }
  assert.deepEqual(values(0), { '': 600 + 7.5 });
});

test('a series that comes and goes keeps its samples for as long as a range covers them', () => {
  const { add, values, past } = nodeOf('sum_over_time(node_disk_io_now[1m])', 'rate(node_disk_io_now[1m])');
  add(0, disks({ sda: 1, sdb: 10 }));
  add(20 * SECOND, disks({ sdb: 20, sdc: 100 }));
  add(40 * SECOND, disks({ sdc: 200, sda: 2 }));
  assert.deepEqual(values(), { sdc: 300, sda: 3, sdb: 30 });
  add(60 * SECOND, disks({ sda: 3 }));
  assert.deepEqual(values(), { sda: 5, sdc: 300, sdb: 20 });
  add(90 * SECOND, disks({ sda: 4 }));
  assert.deepEqual(values(), { sda: 9, sdc: 200 });
  add(150 * SECOND, disks({ sda: 4 }));
  assert.deepEqual(values(), { sda: 4 });
  assert.equal(past.size, 1);
});

test('nodes with the same rows share what is worked out of them, and the last one to go takes it along', () => {
  const { past, program, room } = nodeOf('sum by (instance) (node_disk_io_now) > 0');
  const other = new NodePast(program, { cluster: 'c', node: 'n2' }, LIMITS, room);
  past.add(event(0, disks({ sda: 1, sdb: 2 })), 0);
  other.add(event(0, disks({ sda: 3, sdb: 4 })), 0);
  const rule = program.rules[0] ?? assert.fail();
  assert.deepEqual(
    [past, other].map((node) => node.evaluate(rule)?.map(({ labels, value }) => [...labels, value])),
    [[['instance', 'n1', 3]], [['instance', 'n2', 7]]],
  );
  assert.equal(past.layouts[0], other.layouts[0]);
  past.forget();
  other.forget();
  assert.equal(room.bytes, 0);
});

test('label_replace of what all series of a node share is of that node, and still meets the others', () => {
  const { past, program, room } = nodeOf(
    'label_replace(node_load1, "node", "$1", "instance", "(.*)") + node_load5',
    'label_replace(node_load1, "host", "$1-$$", "instance", "n(.)")',
  );
  const other = new NodePast(program, { cluster: 'c', node: 'n2' }, LIMITS, room);
  for (const node of [past, other]) node.add(event(0, { node_load1: 1, node_load5: 2 }), 0);
  const [sum, host] = program.rules;
  assert.ok(sum !== undefined && host !== undefined);
  assert.deepEqual(
    [past, other].map((node) => shown(node.evaluate(sum))),
    [{ '': 3 }, { '': 3 }],
  );
  const hosts = [past, other].map((node) => node.evaluate(host)?.map(({ labels }) => labelOf(labels, 'host')));
  assert.deepEqual(hosts, [['1-$'], ['2-$']]);
});

test('absent of one node is true on that node only, and only while it is so', () => {
  const { past, program, room } = nodeOf('absent(node_disk_io_now{instance="n2",device="sda"})');
  const other = new NodePast(program, { cluster: 'c', node: 'n2' }, LIMITS, room);
  const rule = program.rules[0] ?? assert.fail();
  for (const node of [past, other]) node.add(event(0, disks({ sdb: 1 })), 0);
  assert.deepEqual(past.evaluate(rule), []);
  assert.deepEqual(other.evaluate(rule), [{ name: undefined, labels: ['device', 'sda', 'instance', 'n2'], value: 1 }]);
  other.add(event(MINUTE, disks({ sda: 1 })), MINUTE);
  assert.deepEqual(other.evaluate(rule), []);
});

const READERS = [
  'rate(node_disk_io_now[2m])',
  'sum_over_time(node_disk_io_now[5m])',
  'predict_linear(node_disk_io_now[1h], 60)',
  'max_over_time(sum by (instance) (node_disk_io_now)[30m:1m])',
  'node_disk_io_now offset 20m',
];

test('a past that was filled later gives what it would give had it always been there', () => {
  const step = fc.record({
    // No two of them so near that one takes the place of the other.
    seconds: fc.integer({ min: 12, max: 120 }),
    values: fc.dictionary(fc.constantFrom('sda', 'sdb', 'sdc'), fc.integer({ min: 0, max: 1000 })),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 40 }), fc.nat(), (steps, cut) => {
      let time = 1_000_000 * SECOND;
      const events = steps.map(({ seconds, values }) => {
        time += seconds * SECOND;
        return event(time, disks(values));
      });
      const [always, later] = [nodeOf(...READERS), nodeOf(...READERS)];
      const middle = 1 + (cut % (events.length - 1));
      for (const one of events) always.past.add(one, one.time);
      for (const one of events.slice(middle)) later.past.add(one, one.time);
      fill(later.past, events.slice(0, middle + 1));
      for (const index of [0, 1, 2, 4])
        assert.deepEqual(sorted(later.values(index)), sorted(always.values(index)), READERS[index]);
      later.past.forget();
      assert.equal(later.room.bytes, 0);
    }),
  );
});

function fill(past: NodePast, events: readonly Measured[]): void {
  const older = past.older();
  for (const event of events) older.addOlder(event);
  past.prepend(older);
}

function sorted(values: unknown): unknown {
  return Object.entries(values as object).sort(([a], [b]) => (a < b ? -1 : 1));
}

test('what is filled must be older, and what is there stays', () => {
  const { past, values } = nodeOf('sum_over_time(node_load1[10m])');
  past.add(event(5 * MINUTE, load(5)), 5 * MINUTE);
  fill(past, [event(4 * MINUTE, load(4)), event(5 * MINUTE, load(500)), event(6 * MINUTE, load(600))]);
  assert.deepEqual(values(), { '': 9 });
});
