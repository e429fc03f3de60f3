/** Functions of ranges: over the samples that a node's past has of a metric, or of a subquery at its steps. */
import type { Selector } from '../promql/ast.ts';
import { type OfRange, RANGE_FUNCTIONS, type RangeFunction } from '../promql/range-functions.ts';
import type { Columns } from './columns.ts';
import type { Frame } from './frame.ts';
import { MatchingError, type ScalarOperation, VectorOperation } from './operation.ts';
import { partOf } from './select.ts';
import { ABSENT, Derivation } from './shape.ts';
import type { Source } from './table.ts';

/** The samples of one series at a time. */
let sampledTimes = new Float64Array(256);
let sampledValues = new Float64Array(256);

export interface OverTimeOptions {
  readonly function: RangeFunction;
  readonly source: Source;
  readonly frame: Frame;
  /** `undefined` for a subquery. */
  readonly selector: Selector | undefined;
  readonly parameter: ScalarOperation;
}

/** Those that look at the first and the last sample, unless a counter was reset between them. */
export const OF_ENDS: readonly RangeFunction[] = ['rate', 'increase', 'delta'];

export function overTime({ function: name, source, frame, selector, parameter }: OverTimeOptions): VectorOperation {
  const parts = new Derivation((shape) => partOf(shape, [selector ?? { matchers: [] }]));
  const always = selector === undefined || selector.nodeMatchers.length === 0;
  const ofRange = RANGE_FUNCTIONS[name];
  const ofEnds = OF_ENDS.includes(name);
  const counter = name !== 'delta';
  const perSeconds = name === 'rate' ? frame.rangeMs / 1000 : 1;
  const nameOf = selector === undefined ? source.operation.nameAt : () => selector.metric.name;
  return new VectorOperation({
    cost: ofEnds ? 20 : 50 + frame.rangeMs / 10_000,
    nameAt: name === 'last_over_time' ? nameOf : () => undefined,
    run(into, moment) {
      into.takeNone();
      if (!always && !moment.node.isSelectedBy(selector)) return;
      const some = frame.at(moment);
      const { table } = frame;
      const failedMs = table.failedAt(source);
      if (failedMs > frame.window.startMs && failedMs <= frame.window.endMs) {
        throw new MatchingError('a subquery had no answer at one of its steps');
      }
      if (!some) return;
      const { base, shape: all } = table.placeOf(source);
      const { shape, rows } = parts.of(all);
      const values = into.take(shape);
      const { columns } = frame;
      if (!ofEnds) {
        const scalar = parameter.at(moment);
        for (let i = 0; i < shape.count; i++) {
          values[i] = ofColumn(ofRange, frame, 1 + base + (rows === undefined ? i : (rows[i] as number)), scalar);
        }
        return;
      }
      // Series that were in every event, and never went down, need no more than their first and last sample.
      const { data } = columns;
      const { firstAt, lastAt, extrapolation, from, to } = frame;
      const steady = frame.steady || frame.firstMs >= table.steadySince(source);
      for (let i = 0; i < shape.count; i++) {
        const column = 1 + base + (rows === undefined ? i : (rows[i] as number));
        const first = data[firstAt + column] as number;
        const last = data[lastAt + column] as number;
        if (first === ABSENT || last === ABSENT || !(steady || isSteady(columns, from, to, column, counter))) {
          values[i] = ofColumn(ofRange, frame, column, Number.NaN);
        } else if (extrapolation === undefined) values[i] = ABSENT;
        else values[i] = extrapolation.of(last - first, first, counter, perSeconds);
      }
    },
  });
}

/** From all samples of one series. */
function ofColumn(ofRange: OfRange, { columns, from, to, window }: Frame, column: number, parameter: number): number {
  if (sampledValues.length < to - from) {
    sampledTimes = new Float64Array(2 * (to - from));
    sampledValues = new Float64Array(2 * (to - from));
  }
  const times = sampledTimes;
  const values = sampledValues;
  const { data, stride } = columns;
  const end = columns.capacity * stride;
  let count = 0;
  for (let i = from, at = columns.at(from); i < to; i++) {
    const value = data[at + column] as number;
    if (value !== ABSENT) {
      times[count] = data[at] as number;
      values[count++] = value;
    }
    at += stride;
    if (at === end) at = 0;
  }
  return count === 0 ? ABSENT : (ofRange(values, times, count, window, parameter) ?? ABSENT);
}

function isSteady(columns: Columns, from: number, to: number, column: number, counter: boolean): boolean {
  const { data, stride } = columns;
  const end = columns.capacity * stride;
  let before = Number.NEGATIVE_INFINITY;
  for (let i = from, at = columns.at(from); i < to; i++) {
    const value = data[at + column] as number;
    if (value === ABSENT || (counter && value < before)) return false;
    before = value;
    at += stride;
    if (at === end) at = 0;
  }
  return true;
}
