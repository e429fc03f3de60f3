/** Functions of ranges: over the samples that a node's past has of a metric, or of a subquery at its steps. */
import type { Selector } from '../promql/ast.ts';
import { type OfRange, RANGE_FUNCTIONS, type RangeFunction, type Window } from '../promql/range-functions.ts';
import { Extrapolation } from '../promql/rate.ts';
import type { Columns } from './columns.ts';
import { MatchingError, type ScalarOperation, VectorOperation } from './operation.ts';
import { partOf } from './select.ts';
import { ABSENT, Derivation } from './shape.ts';
import type { Source, Table } from './table.ts';

/** The samples of one series at a time. */
let sampledTimes = new Float64Array(256);
let sampledValues = new Float64Array(256);

export interface OverTimeOptions {
  readonly function: RangeFunction;
  readonly source: Source;
  /** `undefined` for a subquery. */
  readonly selector: Selector | undefined;
  readonly rangeMs: number;
  readonly offsetMs: number;
  readonly parameter: ScalarOperation;
}

/** Those that look at the first and the last sample, unless a counter was reset between them. */
const OF_ENDS: readonly RangeFunction[] = ['rate', 'increase', 'delta'];

export function overTime(options: OverTimeOptions): VectorOperation {
  const { function: name, source, selector, rangeMs, offsetMs, parameter } = options;
  const parts = new Derivation((shape) => partOf(shape, [selector ?? { matchers: [] }]));
  const ofRange = RANGE_FUNCTIONS[name];
  const ofEnds = OF_ENDS.includes(name);
  const counter = name !== 'delta';
  const perSeconds = name === 'rate' ? rangeMs / 1000 : 1;
  const nameOf = selector === undefined ? source.operation.nameAt : () => selector.metric.name;
  return new VectorOperation({
    cost: ofEnds ? 20 : 50 + rangeMs / 10_000,
    nameAt: name === 'last_over_time' ? nameOf : () => undefined,
    run(into, moment) {
      const { node, timeMs } = moment;
      into.takeNone();
      if (selector !== undefined && !node.isSelectedBy(selector)) return;
      const table = node.tables[source.table.index] as Table;
      const { columns } = table;
      const endMs = timeMs - offsetMs;
      if (table.failedMs > endMs - rangeMs && table.failedMs <= endMs) {
        throw new MatchingError('a subquery had no answer at one of its steps');
      }
      const from = columns.indexAfter(endMs - rangeMs);
      const to = endMs >= columns.newest ? columns.length : columns.indexAfter(endMs);
      if (from >= to) return;
      const window = { startMs: endMs - rangeMs, endMs, momentMs: timeMs, parameter: parameter.at(moment) };
      const { base, shape: all } = table.placeOf(source);
      const { shape, rows } = parts.of(all);
      const values = into.take(shape);
      if (!ofEnds) {
        for (let i = 0; i < shape.count; i++) {
          const column = 1 + base + (rows === undefined ? i : (rows[i] as number));
          values[i] = ofColumn(ofRange, columns, from, to, window, column);
        }
        return;
      }
      // Series that were in every event, and never went down, need no more than their first and last sample.
      const { data } = columns;
      const firstAt = columns.at(from);
      const lastAt = columns.at(to - 1);
      const firstMs = data[firstAt] as number;
      const steady = firstMs >= table.steadySince(source);
      const extrapolation =
        to - from < 2 ? undefined : new Extrapolation(firstMs, data[lastAt] as number, to - from, window);
      for (let i = 0; i < shape.count; i++) {
        const column = 1 + base + (rows === undefined ? i : (rows[i] as number));
        const first = data[firstAt + column] as number;
        const last = data[lastAt + column] as number;
        if (first === ABSENT || last === ABSENT || !(steady || isSteady(columns, from, to, column, counter))) {
          values[i] = ofColumn(ofRange, columns, from, to, window, column);
        } else if (extrapolation === undefined) values[i] = ABSENT;
        else values[i] = extrapolation.of(last - first, first, counter, perSeconds);
      }
    },
  });
}

/** From all samples of one series. */
function ofColumn(
  ofRange: OfRange,
  columns: Columns,
  from: number,
  to: number,
  window: Window,
  column: number,
): number {
  if (sampledValues.length < to - from) {
    sampledTimes = new Float64Array(2 * (to - from));
    sampledValues = new Float64Array(2 * (to - from));
  }
  const [times, values] = [sampledTimes, sampledValues];
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
  return count === 0 ? ABSENT : (ofRange(values, times, count, window) ?? ABSENT);
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
