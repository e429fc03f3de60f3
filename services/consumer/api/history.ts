/**
 * The short past of many things in bounded memory: points of a few numbers each, in blocks of 4 KiB that all share one bound.
 * When it is reached, the block that was written to the longest ago makes room, so all go back about equally far, and what has
 * fallen silent goes first. Values are kept to seven digits, and told in hundredths. Pure.
 */

const BLOCK_BYTES = 4096;
/** What a block takes besides its content, measured. */
const BLOCK_OVERHEAD_BYTES = 400;
const TIME_BYTES = 8;
const VALUE_BYTES = 4;

/** Whose block may be taken away. */
interface Owner {
  leave(block: Block): void;
}

interface Block {
  readonly of: Owner;
  readonly times: Float64Array;
  /** Value c of point i stands at i * columns + c. NaN is unknown. */
  readonly values: Float32Array;
  length: number;
}

export interface Points {
  /** 0 if each point is as it was added. */
  readonly stepMs: number;
  readonly times: readonly number[];
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
}

/** A bound that series share. */
export class HistoryRoom {
  readonly #blocks: number;
  /** The longest unwritten first. */
  readonly #used = new Set<Block>();

  constructor(bytes: number) {
    this.#blocks = Math.floor(bytes / (BLOCK_BYTES + BLOCK_OVERHEAD_BYTES));
  }

  get bytes(): number {
    return this.#used.size * (BLOCK_BYTES + BLOCK_OVERHEAD_BYTES);
  }

  /** A block for the series, taken from another if need be; `undefined` if there is room for none at all. */
  take(of: Owner, columns: number): Block | undefined {
    if (this.#blocks === 0) return undefined;
    if (this.#used.size >= this.#blocks) {
      const [oldest] = this.#used;
      if (oldest !== undefined) {
        oldest.of.leave(oldest);
        this.#used.delete(oldest);
      }
    }
    const points = Math.floor(BLOCK_BYTES / (TIME_BYTES + VALUE_BYTES * columns));
    const buffer = new ArrayBuffer(BLOCK_BYTES);
    const times = new Float64Array(buffer, 0, points);
    const values = new Float32Array(buffer, points * TIME_BYTES, points * columns);
    const block = { of, times, values, length: 0 };
    this.#used.add(block);
    return block;
  }

  written(block: Block): void {
    this.#used.delete(block);
    this.#used.add(block);
  }

  free(block: Block): void {
    this.#used.delete(block);
  }
}

/** The past of one node, or of all together. */
export class Series<Column extends string> implements Owner {
  readonly #room: HistoryRoom;
  readonly #columns: readonly Column[];
  #blocks: Block[] = [];
  #newest = Number.NEGATIVE_INFINITY;

  constructor(room: HistoryRoom, columns: readonly Column[]) {
    this.#room = room;
    this.#columns = columns;
  }

  /** A time that goes back begins anew: the node's clock was set, and what was is at times that are yet to come. */
  add(time: number, point: { readonly [C in Column]?: number | undefined }): void {
    if (time === this.#newest) return;
    if (time < this.#newest) this.clear();
    this.#newest = time;
    let block = this.#blocks.at(-1);
    if (block === undefined || block.length === block.times.length) {
      block = this.#room.take(this, this.#columns.length);
      if (block === undefined) return;
      this.#blocks.push(block);
    } else this.#room.written(block);
    block.times[block.length] = time;
    let at = block.length++ * this.#columns.length;
    for (const column of this.#columns) block.values[at++] = point[column] ?? Number.NaN;
  }

  clear(): void {
    for (const block of this.#blocks) this.#room.free(block);
    this.#blocks = [];
    this.#newest = Number.NEGATIVE_INFINITY;
  }

  /** Told by the room: the block is another's now. */
  leave(block: Block): void {
    this.#blocks = this.#blocks.filter((other) => other !== block);
  }

  /**
   * The points since a moment; if there are more than `most`, the highest value of each step of equal length. Where the next
   * point is more than `gapMs` away, one of unknown values stands between.
   */
  read(since: number, columns: readonly Column[], most: number, gapMs: number): Points {
    const found = this.#blocks.flatMap((block) =>
      Array.from({ length: block.length }, (_, i) => ({ block, i })).filter(({ i }) => timeAt(block, i) >= since),
    );
    const [first, last] = [found[0], found.at(-1)];
    const span =
      first === undefined || last === undefined ? 0 : timeAt(last.block, last.i) - timeAt(first.block, first.i);
    const stepMs = found.length > most ? Math.ceil(span / most) + 1 : 0;
    const times: number[] = [];
    const values = columns.map((): (number | null)[] => []);
    const places = columns.map((column) => this.#columns.indexOf(column));
    const start = first === undefined ? 0 : timeAt(first.block, first.i);
    let step = -1;
    let previous = Number.POSITIVE_INFINITY;
    for (const { block, i } of found) {
      const time = timeAt(block, i);
      if (time - previous > Math.max(gapMs, stepMs)) {
        times.push((previous + time) / 2);
        for (const of of values) of.push(null);
      }
      const inStep = stepMs === 0 ? Number.NaN : Math.floor((time - start) / stepMs);
      const same = inStep === step;
      if (!same) times.push(time);
      for (const [c, place] of places.entries()) {
        const of = values[c] as (number | null)[];
        const value = exact(block.values[i * this.#columns.length + place] as number);
        if (!same) of.push(Number.isNaN(value) ? null : value);
        else if (!Number.isNaN(value)) of.push(Math.max(of.pop() ?? Number.NEGATIVE_INFINITY, value));
      }
      step = inStep;
      previous = time;
    }
    return {
      stepMs,
      times,
      values: Object.fromEntries(columns.map((column, c) => [column, values[c] ?? []])),
    };
  }
}

function timeAt(block: Block, i: number): number {
  return block.times[i] as number;
}

/** Without the digits that are there because a value was kept in 32 bits. */
function exact(value: number): number {
  return Math.round(value * 100) / 100;
}
