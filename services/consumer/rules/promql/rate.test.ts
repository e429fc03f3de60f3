import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RANGE_FUNCTIONS } from './range-functions.ts';

/** Samples as [seconds, value]; the rate of a range of 60 s that ends at a time in seconds. */
function rateOf(samples: readonly (readonly [number, number])[], at: number): number | undefined {
  const inRange = samples.filter(([seconds]) => seconds > at - 60 && seconds <= at);
  const times = Float64Array.from(inRange, ([seconds]) => seconds * 1000);
  const values = Float64Array.from(inRange, ([, value]) => value);
  const window = { startMs: (at - 60) * 1000, endMs: at * 1000, momentMs: at * 1000, spacingMs: 0 };
  const result = RANGE_FUNCTIONS.rate(values, times, values.length, window);
  return result && Number(result.toPrecision(12));
}

const row = (seconds: number, value: number) => [seconds, value] as const;

test('fewer than two samples in the range have no rate', () => {
  assert.equal(rateOf([], 60), undefined);
  assert.equal(rateOf([row(60, 5)], 60), undefined);
  assert.equal(rateOf([row(10, 5), row(40, 7)], 101), undefined);
});

test('a sample on the left edge is outside the range, one on the right edge inside', () => {
  assert.equal(rateOf([row(0, 1000), row(60, 1060)], 60), undefined);
  assert.equal(rateOf([row(1, 1000), row(60, 1059)], 60), 1);
});

test('a steady counter has its slope, wherever in the range its samples lie', () => {
  const samples = Array.from({ length: 20 }, (_, i) => row(i * 15 + 7, 10_000 + i * 30));
  for (const at of [292, 293, 297, 300, 306]) assert.equal(rateOf(samples, at), 2, `at ${at}`);
});

test('what a counter had before it started again is added', () => {
  // 15 + 10 + 15 in 45 s, and the 15 s before the first sample are like them.
  assert.equal(rateOf([row(15, 1000), row(30, 1015), row(45, 10), row(60, 25)], 60), Number((40 / 45).toPrecision(12)));
});

test('a range that begins long before the first sample is filled by half a spacing', () => {
  // 1 a second for 20 s, and for 5 s before.
  assert.equal(rateOf([row(80, 1000), row(90, 1010), row(100, 1020)], 100), Number((25 / 60).toPrecision(12)));
});

test('a range that ends long after the last sample is filled by half a spacing', () => {
  // 1 a second for 20 s, for the 10 s before, and for 5 s after.
  assert.equal(rateOf([row(50, 1000), row(60, 1010), row(70, 1020)], 100), Number((35 / 60).toPrecision(12)));
});

test('a counter is not taken to have been below zero', () => {
  // 1 a second for 20 s, and for the 2 s back to zero, which are less than half a spacing.
  assert.equal(rateOf([row(80, 2), row(90, 12), row(100, 22)], 100), Number((22 / 60).toPrecision(12)));
});

test('a counter that stands still has a rate of zero', () => {
  assert.equal(rateOf([row(45, 7), row(60, 7)], 60), 0);
});
