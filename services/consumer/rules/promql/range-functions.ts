/**
 * PromQL's functions of what one series was over a range. They get its samples, oldest first, in arrays whose first
 * `count` places count. What each step is for: https://github.com/prometheus/prometheus/blob/main/promql/functions.go
 */
import { quantileOf } from './quantile.ts';
import { increaseOf } from './rate.ts';
import { carryOf, meanOf } from './sum.ts';

/** A window: left-open, as all ranges of Prometheus 3. */
export interface Window {
  readonly startMs: number;
  readonly endMs: number;
  /** The moment of the whole expression, which `offset` sets apart from the window's end. */
  readonly momentMs: number;
  /** How far apart samples were taken, if only some of them are left; 0 if all are. */
  readonly spacingMs: number;
}

/**
 * `undefined` with too few samples; it is never called without any.
 * @param parameter the scalar that the function is given besides.
 */
export type OfRange = (
  values: Float64Array,
  times: Float64Array,
  count: number,
  window: Window,
  parameter: number,
) => number | undefined;

export const RANGE_FUNCTIONS = {
  rate(values, times, count, window) {
    return increaseOf(values, times, count, window, true, (window.endMs - window.startMs) / 1000);
  },
  increase: (values, times, count, window) => increaseOf(values, times, count, window, true),
  delta: (values, times, count, window) => increaseOf(values, times, count, window, false),
  irate: (values, times, count) => lastStep(values, times, count, true),
  idelta: (values, times, count) => lastStep(values, times, count, false),
  deriv(values, times, count) {
    if (count < 2) return undefined;
    return regress(values, times, count, times[0] as number).slope;
  },
  predict_linear(values, times, count, { momentMs }, parameter) {
    if (count < 2) return undefined;
    const { slope, intercept } = regress(values, times, count, momentMs);
    return slope * parameter + intercept;
  },
  resets(values, _times, count) {
    let resets = 0;
    for (let i = 1; i < count; i++) if ((values[i] as number) < (values[i - 1] as number)) resets++;
    return resets;
  },
  changes(values, _times, count) {
    let changes = 0;
    for (let i = 1; i < count; i++) {
      const [before, value] = [values[i - 1] as number, values[i] as number];
      if (value !== before && !(Number.isNaN(value) && Number.isNaN(before))) changes++;
    }
    return changes;
  },
  avg_over_time: (values, _times, count) => meanOf(values, count),
  min_over_time(values, _times, count) {
    let least = values[0] as number;
    for (let i = 1; i < count; i++) {
      const value = values[i] as number;
      if (value < least || Number.isNaN(least)) least = value;
    }
    return least;
  },
  max_over_time(values, _times, count) {
    let most = values[0] as number;
    for (let i = 1; i < count; i++) {
      const value = values[i] as number;
      if (value > most || Number.isNaN(most)) most = value;
    }
    return most;
  },
  sum_over_time(values, _times, count) {
    let sum = 0;
    let carry = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i] as number;
      carry = carryOf(sum, value, carry);
      sum += value;
    }
    return sum + carry;
  },
  count_over_time: (_values, _times, count) => count,
  stddev_over_time: (values, _times, count) => Math.sqrt(variance(values, count)),
  stdvar_over_time: (values, _times, count) => variance(values, count),
  quantile_over_time: (values, _times, count, _window, parameter) => quantileOf(parameter, values.slice(0, count)),
  last_over_time: (values, _times, count) => values[count - 1] as number,
  present_over_time: () => 1,
} as const satisfies Readonly<Record<string, OfRange>>;

export type RangeFunction = keyof typeof RANGE_FUNCTIONS;

/**
 * Those whose value changes little when most samples of a long range are left out evenly. The others would count, or miss
 * what stood out.
 */
export const OF_EVEN_SAMPLES: ReadonlySet<RangeFunction> = new Set([
  'rate',
  'increase',
  'delta',
  'deriv',
  'predict_linear',
  'avg_over_time',
  'stddev_over_time',
  'stdvar_over_time',
  'quantile_over_time',
  'last_over_time',
  'present_over_time',
] as const);

/** Those that take a scalar, and whether it stands before the range. */
export const PARAMETER_FIRST: Readonly<Partial<Record<RangeFunction, boolean>>> = {
  quantile_over_time: true,
  predict_linear: false,
};

/** Of the last two samples. */
function lastStep(values: Float64Array, times: Float64Array, count: number, isRate: boolean): number | undefined {
  if (count < 2) return undefined;
  const [before, last] = [values[count - 2] as number, values[count - 1] as number];
  if (!isRate) return last - before;
  const seconds = ((times[count - 1] as number) - (times[count - 2] as number)) / 1000;
  return (last < before ? last : last - before) / seconds;
}

/** Welford's, with what rounding loses carried along. */
function variance(values: Float64Array, count: number): number {
  let mean = 0;
  let meanCarry = 0;
  let squares = 0;
  let squaresCarry = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    const delta = value - (mean + meanCarry);
    const step = delta / (i + 1);
    meanCarry = carryOf(mean, step, meanCarry);
    mean += step;
    const square = delta * (value - (mean + meanCarry));
    squaresCarry = carryOf(squares, square, squaresCarry);
    squares += square;
  }
  return (squares + squaresCarry) / count;
}

/** The straight line that fits best: its slope per second, and its value at a time. */
function regress(
  values: Float64Array,
  times: Float64Array,
  count: number,
  atMs: number,
): { readonly slope: number; readonly intercept: number } {
  const first = values[0] as number;
  let constant = true;
  let [x, y, xy, xx] = [0, 0, 0, 0];
  let [xCarry, yCarry, xyCarry, xxCarry] = [0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    const time = ((times[i] as number) - atMs) / 1000;
    if (value !== first) constant = false;
    xCarry = carryOf(x, time, xCarry);
    x += time;
    yCarry = carryOf(y, value, yCarry);
    y += value;
    xyCarry = carryOf(xy, time * value, xyCarry);
    xy += time * value;
    xxCarry = carryOf(xx, time * time, xxCarry);
    xx += time * time;
  }
  if (constant) {
    return Number.isFinite(first) ? { slope: 0, intercept: first } : { slope: Number.NaN, intercept: Number.NaN };
  }
  [x, y, xy, xx] = [x + xCarry, y + yCarry, xy + xyCarry, xx + xxCarry];
  const slope = (xy - (x * y) / count) / (xx - (x * x) / count);
  return { slope, intercept: y / count - (slope * x) / count };
}
