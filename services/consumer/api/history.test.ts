import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HistoryRoom, Series } from './history.ts';

const COLUMNS = ['a', 'b'] as const;
const GAP_MS = 15_000;

function series(room = new HistoryRoom(2 ** 20)): Series<(typeof COLUMNS)[number]> {
  return new Series(room, COLUMNS);
}

test('what was added is read, from a moment on, unknown as null', () => {
  const of = series();
  of.add(1000, { a: 1, b: 2 });
  of.add(2000, { a: 1.23456 });
  of.add(3000, { b: 0 });
  const { stepMs, times, values } = of.read(2000, ['b', 'a'], 100, GAP_MS);
  assert.deepEqual(
    { stepMs, times, values },
    { stepMs: 0, times: [2000, 3000], values: { b: [null, 0], a: [1.23, null] } },
  );
});

test('a gap is a point of which nothing is known', () => {
  const of = series();
  of.add(0, { a: 1 });
  of.add(5000, { a: 2 });
  of.add(25_000, { a: 3 });
  assert.deepEqual(of.read(0, ['a'], 100, GAP_MS), {
    stepMs: 0,
    times: [0, 5000, 15_000, 25_000],
    values: { a: [1, 2, null, 3] },
  });
});

test('of more points than are asked for each step shows its highest, so that no spike is lost', () => {
  const of = series();
  for (let i = 0; i < 1000; i++) of.add(i * 1000, { a: i === 777 ? 99 : 1 });
  const { stepMs, times, values } = of.read(0, ['a', 'b'], 100, GAP_MS);
  assert.ok(times.length <= 101 && times.length > 90, `${times.length} points`);
  assert.ok(stepMs >= 9_990);
  assert.deepEqual(new Set(values.a), new Set([1, 99]));
  assert.deepEqual(new Set(values.b), new Set([null]));
});

test('a clock that is set back begins anew, and a moment that comes again changes nothing', () => {
  const of = series();
  of.add(5000, { a: 1 });
  of.add(5000, { a: 2 });
  assert.deepEqual(of.read(0, ['a'], 10, GAP_MS).values.a, [1]);
  of.add(4000, { a: 3 });
  assert.deepEqual(of.read(0, ['a'], 10, GAP_MS).times, [4000]);
});

test('all series together stay within the bound; what was written to the longest ago makes room', () => {
  const room = new HistoryRoom(100_000);
  const [silent, ...others] = Array.from({ length: 10 }, () => series(room));
  silent?.add(0, { a: 1 });
  for (let i = 1; i < 5000; i++) {
    for (const of of others) of.add(i * 1000, { a: i, b: i });
    assert.ok(room.bytes <= 100_000);
  }
  assert.deepEqual(silent?.read(0, ['a'], 10, GAP_MS).times, []);
  const spans = others.map((of) => of.read(0, ['a'], 10_000, GAP_MS).times.length);
  assert.ok(Math.max(...spans) - Math.min(...spans) <= 256, spans.join());
  assert.ok(Math.min(...spans) > 256, spans.join());
});

test('what is cleared leaves its room to others, and a bound of 0 keeps nothing', () => {
  const room = new HistoryRoom(100_000);
  const of = series(room);
  of.add(0, { a: 1 });
  assert.ok(room.bytes > 0);
  of.clear();
  assert.equal(room.bytes, 0);
  const none = series(new HistoryRoom(0));
  none.add(0, { a: 1 });
  assert.deepEqual(none.read(0, ['a'], 10, GAP_MS).times, []);
});
