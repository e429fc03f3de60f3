/** Functions of ranges: over the samples that a node's past has of a metric, or of a subquery at its steps. */
import type { Selector } from '../promql/ast.ts';
import { type OfRange, RANGE_FUNCTIONS, type RangeFunction, type Window } from '../promql/range-functions.ts';
import { Extrapolation } from '../promql/rate.ts';
import type { Columns } from './columns.ts';
import { type Moment, type ScalarOperation, VectorOperation } from './operation.ts';
import { type Part, partOf } from './select.ts';
import { ABSENT, Derivation } from './shape.ts';
import type { Source, Table } from './table.ts';

/** The samples of one series at a time. */
let times = new Float64Array(256);
let values = new Float64Array(256);

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

export class OverTimeOperation extends VectorOperation {
  readonly cost: number;
  readonly #options: OverTimeOptions;
  readonly #part: Derivation<Part>;
  readonly #ofRange: OfRange;

  constructor(options: OverTimeOptions) {
    super();
    this.#options = options;
    const { selector } = options;
    this.#part = new Derivation((shape) => partOf(shape, [selector ?? { matchers: [] }]));
    this.#ofRange = RANGE_FUNCTIONS[options.function];
    this.cost = OF_ENDS.includes(options.function) ? 20 : 50 + options.rangeMs / 10_000;
  }

  override nameAt(row: number): string | undefined {
    const { selector, source } = this.#options;
    if (this.#options.function !== 'last_over_time') return undefined;
    return selector === undefined ? source.operation.nameAt(row) : selector.metric.name;
  }

  protected run(moment: Moment): void {
    const { source, selector, rangeMs, offsetMs, parameter } = this.#options;
    const { node, timeMs } = moment;
    this.takeNone();
    if (selector !== undefined && !node.isSelectedBy(selector)) return;
    const table = node.tables[source.table.index] as Table;
    const { columns } = table;
    const endMs = timeMs - offsetMs;
    const from = columns.indexAfter(endMs - rangeMs);
    const to = endMs >= columns.newest ? columns.length : columns.indexAfter(endMs);
    if (from >= to) return;
    const window = { startMs: endMs - rangeMs, endMs, momentMs: timeMs, parameter: parameter.at(moment) };
    const place = table.placeOf(source);
    const part = this.#part.of(place.shape);
    this.take(part.shape);
    if (OF_ENDS.includes(this.#options.function)) this.#ofEnds(table, from, to, window, place, part);
    else this.#ofAll(table, from, to, window, place.base, part);
  }

  #ofAll({ columns }: Table, from: number, to: number, window: Window, base: number, { shape, rows }: Part): void {
    for (let i = 0; i < shape.count; i++) {
      const column = 1 + base + (rows === undefined ? i : (rows[i] as number));
      this.values[i] = this.#ofColumn(columns, from, to, window, column);
    }
  }

  /** From all samples of one series. */
  #ofColumn(columns: Columns, from: number, to: number, window: Window, column: number): number {
    if (values.length < to - from) {
      times = new Float64Array(2 * (to - from));
      values = new Float64Array(2 * (to - from));
    }
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
    return count === 0 ? ABSENT : (this.#ofRange(values, times, count, window) ?? ABSENT);
  }

  /** Series that were in every event, and never went down, need no more than their first and last sample. */
  #ofEnds(
    { columns }: Table,
    from: number,
    to: number,
    window: Window,
    { base, unsteadyMs }: ReturnType<Table['placeOf']>,
    { shape, rows }: Part,
  ): void {
    const { data } = columns;
    const [firstAt, lastAt] = [columns.at(from), columns.at(to - 1)];
    const count = to - from;
    const counter = this.#options.function !== 'delta';
    const perSeconds = this.#options.function === 'rate' ? this.#options.rangeMs / 1000 : 1;
    const steady = (data[firstAt] as number) >= unsteadyMs;
    const firstMs = data[firstAt] as number;
    const extrapolation = count < 2 ? undefined : new Extrapolation(firstMs, data[lastAt] as number, count, window);
    for (let i = 0; i < shape.count; i++) {
      const column = 1 + base + (rows === undefined ? i : (rows[i] as number));
      const first = data[firstAt + column] as number;
      const last = data[lastAt + column] as number;
      if (first === ABSENT || last === ABSENT || !(steady || isSteady(columns, from, to, column, counter))) {
        this.values[i] = this.#ofColumn(columns, from, to, window, column);
      } else if (extrapolation === undefined) this.values[i] = ABSENT;
      else this.values[i] = extrapolation.of(last - first, first, counter, perSeconds);
    }
  }
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
