import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandValues } from './values.ts';

const none = undefined;

test('values are single, repeated, rising, falling, gaps and ends', () => {
  for (const [text, values] of [
    ['', []],
    ['1 -2.5 +3 .5 1e3', [1, -2.5, 3, 0.5, 1000]],
    ['NaN Inf -Inf +inf', [Number.NaN, Infinity, -Infinity, Infinity]],
    ['7x3', [7, 7, 7, 7]],
    ['1+2x3', [1, 3, 5, 7]],
    ['1-2x2 -1-1x1', [1, -1, -3, -1, -2]],
    ['0.5-0.25x2', [0.5, 0.25, 0]],
    ['Inf+1x1', [Infinity, Infinity]],
    ['_ _x2 5 stale _', [none, none, none, 5, 'stale', none]],
    ['  1\n 2\t3 ', [1, 2, 3]],
    ['010', [8]],
  ] as const) {
    assert.deepEqual(expandValues(text), { values }, text);
  }
});

test('a step is added again and again, as promtool does', () => {
  const expanded = expandValues('0+0.1x3');
  assert.deepEqual(expanded, { values: [0, 0.1, 0.2, 0.30000000000000004] });
});

test('what is no value is told with its place', () => {
  for (const [text, offset, message] of [
    ['1 2y 3', 2, /^"2y": expected values such as 1, 1\+2x3/],
    ['1 Stale', 2, /^"Stale": expected/],
    ['Infx3', 0, /^"Infx3": expected/],
    ['1+-2x3', 0, /expected/],
    ['1 x 3', 2, /expected/],
    ['1_000', 0, /expected/],
    ['5m', 0, /expected/],
    ['stalex3', 0, /expected/],
    ['0 {{schema:1 sum:3}}', 2, /histograms are not supported/],
    ['1x99999999', 0, /no more than 1000000 values/],
    ['1x999999 _x999999', 9, /no more than 1000000 values/],
  ] as const) {
    const expanded = expandValues(text);
    assert.ok('mistake' in expanded, text);
    assert.equal(expanded.mistake.offset, offset, text);
    assert.match(expanded.mistake.message, message);
  }
});
