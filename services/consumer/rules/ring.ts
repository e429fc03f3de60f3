/**
 * The recent samples of one series, oldest first, times strictly rising. It grows by doubling for as long as it may, and then
 * forgets its oldest sample for each new one. It begins small, since whoever makes up series never comes back to them.
 */

/** A power of two, as every later one, so that a bit mask wraps an index. */
export const FIRST_CAPACITY = 4;
/** A time and a value. */
export const SAMPLE_BYTES = 16;

export class Ring {
  /** Times at even places, each with its value behind it: one array of plain numbers is a third of two typed ones. */
  #samples: number[] = emptyOf(FIRST_CAPACITY);
  #start = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** How many samples there is room for. */
  get capacity(): number {
    return this.#samples.length / 2;
  }

  /** Milliseconds; of index 0 to length − 1. */
  timeAt(index: number): number {
    return this.#samples[(2 * (this.#start + index)) & (this.#samples.length - 1)] as number;
  }

  valueAt(index: number): number {
    return this.#samples[(2 * (this.#start + index) + 1) & (this.#samples.length - 1)] as number;
  }

  /** When the newest sample was taken. */
  get newest(): number {
    return this.#length === 0 ? Number.NEGATIVE_INFINITY : this.timeAt(this.#length - 1);
  }

  /** The first index whose time is later than `time`; the length if there is none. */
  indexAfter(time: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.timeAt(middle) > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /**
   * Adds a sample unless it is not later than the newest, and forgets those that are not later than `horizon`.
   * @param mayGrow is asked when it is full, whether it may have room for as many samples as it has now once more.
   * @returns how many samples were forgotten that `horizon` would have kept.
   */
  push(time: number, value: number, horizon: number, mayGrow: (samples: number) => boolean): number {
    if (time <= this.newest) return 0;
    while (this.#length > 0 && this.timeAt(0) <= horizon) this.#dropOldest();
    let lost = 0;
    if (this.#length === this.capacity) {
      if (mayGrow(this.#length)) this.#grow();
      else {
        this.#dropOldest();
        lost = 1;
      }
    }
    const at = (2 * (this.#start + this.#length)) & (this.#samples.length - 1);
    this.#samples[at] = time;
    this.#samples[at + 1] = value;
    this.#length++;
    return lost;
  }

  #dropOldest(): void {
    this.#start = (this.#start + 1) & (this.capacity - 1);
    this.#length--;
  }

  #grow(): void {
    const samples = emptyOf(2 * this.capacity);
    for (let i = 0; i < this.#length; i++) {
      samples[2 * i] = this.timeAt(i);
      samples[2 * i + 1] = this.valueAt(i);
    }
    [this.#samples, this.#start] = [samples, 0];
  }
}

/** Of numbers that are no integers from the beginning: the engine keeps such arrays flat. */
function emptyOf(capacity: number): number[] {
  return new Array<number>(2 * capacity).fill(Number.NaN);
}
