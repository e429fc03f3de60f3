import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apart, inside, isWithin, outside, timeInside } from './window.ts';

const WINDOWS = [
  { start: 10, end: 20 },
  { start: 30, end: 35 },
];
const double = (seconds: number) => 2 * seconds;

test('a window has its start and not its end', () => {
  assert.deepEqual(
    [9, 10, 19.9, 20, 30, 35].map((seconds) => isWithin(WINDOWS, seconds)),
    [false, true, true, false, true, false],
  );
});

test('what is inside and what is outside of windows are the whole', () => {
  for (const [seconds, within] of [
    [5, 0],
    [15, 10],
    [25, 20],
    [32, 24],
    [50, 30],
  ] as const) {
    assert.equal(inside(double, WINDOWS, seconds), within);
    assert.equal(outside(double, WINDOWS, seconds), double(seconds) - within);
    assert.equal(timeInside(WINDOWS, seconds), within / 2);
  }
});

test('what stands still during a window does so to the last bit', () => {
  const total = (seconds: number) => 1e9 / 3 + Math.sqrt(2) * seconds;
  const values = [30, 31.1, 32.7, 34.99, 35].map((seconds) => outside(total, WINDOWS, seconds));
  assert.equal(new Set(values).size, 1);
});

test('windows that overlap become windows in a row', () => {
  assert.deepEqual(
    apart([
      { start: 5, end: 9 },
      { start: 0, end: 6 },
      { start: 7, end: 8 },
      { start: 20, end: 21 },
    ]),
    [
      { start: 0, end: 6 },
      { start: 6, end: 9 },
      { start: 20, end: 21 },
    ],
  );
});
