import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RANGE_FUNCTIONS, type RangeFunction } from './range-functions.ts';

/** Of values that were sampled every 10 s, the last one at 100 s, over the minute that ends there. */
function of(name: RangeFunction, values: readonly number[], parameter = Number.NaN): number | undefined {
  const times = values.map((_, i) => (100 - 10 * (values.length - 1 - i)) * 1000);
  const window = { startMs: 40_000, endMs: 100_000, momentMs: 100_000, spacingMs: 0 };
  return RANGE_FUNCTIONS[name](Float64Array.from(values), Float64Array.from(times), values.length, window, parameter);
}

const [INF, NAN] = [Number.POSITIVE_INFINITY, Number.NaN];

test('functions of ranges give what their definition says', () => {
  for (const [name, values, expected, parameter] of [
    // 50 in 50 s, and 10 s more to the beginning of the minute.
    ['rate', [100, 110, 120, 130, 140, 150], 1],
    ['increase', [100, 110, 120, 130, 140, 150], 60],
    ['increase', [100, 110, 5, 15, 25, 35], 54],
    ['delta', [100, 110, 5, 15, 25, 35], -78],
    ['rate', [5], undefined],
    ['delta', [5], undefined],
    ['irate', [100, 110, 130], 2],
    ['irate', [100, 110, 30], 3],
    ['irate', [5], undefined],
    ['idelta', [100, 110, 30], -80],
    ['idelta', [5], undefined],
    ['deriv', [1, 3, 5, 7], 0.2],
    ['deriv', [4, 4, 4], 0],
    ['deriv', [INF, INF], NAN],
    ['deriv', [5], undefined],
    ['predict_linear', [1, 3, 5, 7], 13, 30],
    ['predict_linear', [4, 4], 4, 3600],
    ['predict_linear', [5], undefined, 3600],
    ['resets', [1, 2, 1, 5, 0, 0], 2],
    ['changes', [1, 1, 2, NAN, NAN, 2], 3],
    ['avg_over_time', [1, 2, 6], 3],
    ['avg_over_time', [1e308, 1e308, 1e308], 1e308],
    ['avg_over_time', [INF, 1], INF],
    ['avg_over_time', [INF, -INF], NAN],
    ['min_over_time', [3, 1, 2], 1],
    ['min_over_time', [NAN, 1, 2], 1],
    ['max_over_time', [3, NAN, 2], 3],
    ['max_over_time', [NAN, NAN], NAN],
    ['sum_over_time', [1, 1e100, 1, -1e100], 2],
    ['sum_over_time', [INF, 1], INF],
    ['count_over_time', [7, 7, 7], 3],
    ['stddev_over_time', [2, 4, 4, 4, 5, 5, 7, 9], 2],
    ['stdvar_over_time', [2, 4, 4, 4, 5, 5, 7, 9], 4],
    ['stddev_over_time', [5], 0],
    ['quantile_over_time', [4, 1, 3, 2], 2.5, 0.5],
    ['quantile_over_time', [4, 1, 3, 2], 4, 1],
    ['quantile_over_time', [4, 1, 3, 2], -INF, -1],
    ['quantile_over_time', [4, 1, 3, 2], INF, 2],
    ['quantile_over_time', [4, 1], NAN, NAN],
    ['last_over_time', [1, 2, 3], 3],
    ['present_over_time', [0], 1],
  ] as const) {
    const result = of(name, values, parameter);
    const shown = result === undefined ? undefined : Number(result.toPrecision(12));
    assert.deepEqual(shown, expected, `${name}(${values.join()})`);
  }
});

const series = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 6 });

test('a quantile lies between the least and the most, and rises with its order', () => {
  fc.assert(
    fc.property(series, fc.double({ min: 0, max: 1, noNaN: true }), (values, phi) => {
      const at = (order: number) => of('quantile_over_time', values, order) ?? NAN;
      assert.equal(at(0), Math.min(...values));
      assert.equal(at(1), Math.max(...values));
      assert.ok(at(phi) <= at(Math.min(1, phi + 0.1)) + 1e-9);
    }),
  );
});

test('a variance is the mean of the squares less the square of the mean', () => {
  fc.assert(
    fc.property(series, (values) => {
      const mean = of('avg_over_time', values) ?? NAN;
      const squares =
        of(
          'avg_over_time',
          values.map((value) => value ** 2),
        ) ?? NAN;
      assert.ok(Math.abs((of('stdvar_over_time', values) ?? NAN) - (squares - mean ** 2)) < 1e-6);
    }),
  );
});

test('samples on a straight line are predicted on it', () => {
  const whole = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(whole, whole, fc.integer({ min: 2, max: 6 }), whole, (start, slope, count, ahead) => {
      const values = Array.from({ length: count }, (_, i) => start + slope * 10 * (i - count + 1));
      const expected = start + slope * ahead;
      const predicted = of('predict_linear', values, ahead) ?? NAN;
      assert.ok(Math.abs(predicted - expected) <= 1e-9 * (1 + Math.abs(expected) + Math.abs(slope * 1000)));
    }),
  );
});
