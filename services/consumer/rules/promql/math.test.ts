import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MATH_FUNCTIONS, type MathFunction } from './math.ts';

const [INF, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];

test('functions of one value give what their definition says', () => {
  for (const [name, args, expected] of [
    ['abs', [-2], 2],
    ['ceil', [1.2], 2],
    ['floor', [-1.2], -2],
    ['exp', [0], 1],
    ['ln', [Math.E], 1],
    ['ln', [0], -INF],
    ['ln', [-1], NAN],
    ['log2', [8], 3],
    ['log10', [1000], 3],
    ['sqrt', [16], 4],
    ['sqrt', [-1], NAN],
    ['sgn', [-0.5], -1],
    ['sgn', [7], 1],
    ['sgn', [0], 0],
    ['sgn', [NAN], NAN],
    ['round', [2.5, 1], 3],
    ['round', [-2.5, 1], -2],
    ['round', [13, 5], 15],
    ['round', [0.126, 0.01], 0.13],
    ['clamp', [5, 1, 3], 3],
    ['clamp', [0, 1, 3], 1],
    ['clamp', [2, 1, 3], 2],
    ['clamp', [2, 3, 1], undefined],
    ['clamp', [NAN, 1, 3], NAN],
    ['clamp', [2, NAN, 3], NAN],
    ['clamp_min', [2, 3], 3],
    ['clamp_max', [2, 1], 1],
  ] as const) {
    const [value, a = NAN, b = NAN]: readonly number[] = args;
    assert.deepEqual(MATH_FUNCTIONS[name](value as number, a, b), expected, `${name}(${args})`);
  }
});

test('date functions agree with the calendar, before and after the epoch', () => {
  const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });
  fc.assert(
    fc.property(seconds, (at) => {
      const date = new Date(at * 1000);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      const first = new Date(at * 1000).setUTCMonth(0, 1);
      const expected: Partial<Record<MathFunction, number>> = {
        minute: date.getUTCMinutes(),
        hour: date.getUTCHours(),
        day_of_week: date.getUTCDay(),
        day_of_month: date.getUTCDate(),
        day_of_year: Math.round((at * 1000 - first) / 86_400_000) + 1,
        days_in_month: new Date(Date.UTC(2000 + (((year % 400) + 400) % 400), month + 1, 0)).getUTCDate(),
        month: month + 1,
        year,
      };
      for (const [name, value] of Object.entries(expected)) {
        assert.equal(MATH_FUNCTIONS[name as MathFunction](at, NAN, NAN), value, `${name} of ${date.toISOString()}`);
      }
    }),
  );
});
