/** One range at one moment, as all functions that look at it share it: where in a table it begins and ends. */
import type { Window } from '../promql/range-functions.ts';
import { Extrapolation } from '../promql/rate.ts';
import type { Columns } from './columns.ts';
import type { Moment } from './operation.ts';
import type { Table, TableSpec } from './table.ts';

export class Frame {
  table!: Table;
  columns!: Columns;
  /** The first slot, and the one behind the last. */
  from = 0;
  to = 0;
  /** Where in the data the first and the last slot begin, if there is one. */
  firstAt = 0;
  lastAt = 0;
  firstMs = 0;
  /** Whether nothing that is read for its ends was missing or went down in between. */
  steady = false;
  readonly window = { startMs: 0, endMs: 0, momentMs: 0, spacingMs: 0 } satisfies Window;
  /** `undefined` with fewer than two slots. */
  extrapolation: Extrapolation | undefined;
  readonly rangeMs: number;
  readonly #spec: TableSpec;
  readonly #offsetMs: number;
  /** One for all moments: most of what an event would leave behind would be these. */
  readonly #extrapolation = new Extrapolation();
  #stamp = -1;

  constructor(spec: TableSpec, rangeMs: number, offsetMs: number) {
    this.#spec = spec;
    this.rangeMs = rangeMs;
    this.#offsetMs = offsetMs;
  }

  /** @returns whether there are any samples. */
  at({ node, timeMs, stamp }: Moment): boolean {
    if (this.#stamp === stamp) return this.from < this.to;
    this.#stamp = stamp;
    const table = node.tables[this.#spec.index] as Table;
    const { columns } = table;
    const endMs = timeMs - this.#offsetMs;
    const startMs = endMs - this.rangeMs;
    this.table = table;
    this.columns = columns;
    this.window.startMs = startMs;
    this.window.endMs = endMs;
    this.window.momentMs = timeMs;
    this.window.spacingMs = this.#spec.spacingMs > 0 ? node.intervalMs : 0;
    // A table keeps little more than the longest range on it, and most ranges end now: both ends are seldom looked for.
    this.from = columns.length > 0 && columns.timeAt(0) > startMs ? 0 : columns.indexAfter(startMs);
    this.to = endMs >= columns.newest ? columns.length : columns.indexAfter(endMs);
    this.extrapolation = undefined;
    if (this.from >= this.to) return false;
    this.firstAt = columns.at(this.from);
    this.lastAt = columns.at(this.to - 1);
    this.firstMs = columns.data[this.firstAt] as number;
    this.steady = table.unsteadyMs <= this.firstMs;
    const count = this.to - this.from;
    if (count > 1) {
      this.extrapolation = this.#extrapolation;
      this.extrapolation.between(this.firstMs, columns.data[this.lastAt] as number, count, this.window);
    }
    return true;
  }
}
