import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomOf } from './random.ts';
import { noise, Wave, WEEK } from './wave.ts';

const near = (a: number, b: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(a - b) <= tolerance, `expected ${b}, got ${a}`);

test('a wave goes through its values in straight lines, and begins again', () => {
  const wave = new Wave([0, 10, 4], 5);
  for (const [seconds, value] of [
    [0, 0],
    [2.5, 5],
    [5, 10],
    [7.5, 7],
    [10, 4],
    [12.5, 2],
    [15, 0],
    [17.5, 5],
    [-2.5, 2],
    [1.5e9 + 2.5, 5],
  ] as const) {
    near(wave.at(seconds), value);
  }
});

test('the total is the integral, over any span and before the beginning, too', () => {
  const wave = noise(randomOf(1), 31, 7);
  for (const [from, to] of [
    [0, 3],
    [3, 1000],
    [-500, 20],
    [1.7e9, 1.7e9 + 300],
  ] as const) {
    let sum = 0;
    const step = 0.01;
    for (let i = 0; i < Math.round((to - from) / step); i++) sum += wave.at(from + (i + 0.5) * step) * step;
    near(wave.total(to) - wave.total(from), sum, 0.01);
  }
});

test('noise is from -1 to 1, adds up to nothing, and moves smoothly', () => {
  const wave = noise(randomOf(2), 101, 10);
  near(wave.total(1010 * 5) - wave.total(0), 0);
  let largestStep = 0;
  for (let seconds = 0; seconds < 1010; seconds++) {
    assert.ok(Math.abs(wave.at(seconds)) <= 1);
    largestStep = Math.max(largestStep, Math.abs(wave.at(seconds + 1) - wave.at(seconds)));
  }
  assert.ok(largestStep <= 0.2);
});

test('a working day is busier than its night, and than a Sunday', () => {
  const at = (day: number, hour: number) => WEEK.at(Date.UTC(2026, 0, day, hour) / 1000);
  const [monday, sunday] = [5, 4];
  assert.ok(at(monday, 14) > 4 * at(monday, 4));
  assert.ok(at(monday, 14) > 2 * at(sunday, 14));
  near(at(monday, 10), at(monday + 7, 10), 1e-9);
});
