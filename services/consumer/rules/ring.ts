/**
 * The recent samples of one series, oldest first, times strictly rising. It grows by doubling up to a hard limit and then
 * forgets its oldest sample for each new one.
 */

/** A power of two, as every later one, so that a bit mask wraps an index. */
const INITIAL_CAPACITY = 16;

export class Ring {
  #times = new Float64Array(INITIAL_CAPACITY);
  #values = new Float64Array(INITIAL_CAPACITY);
  #start = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Milliseconds; of index 0 to length − 1. */
  timeAt(index: number): number {
    return this.#times[(this.#start + index) & (this.#times.length - 1)] as number;
  }

  valueAt(index: number): number {
    return this.#values[(this.#start + index) & (this.#values.length - 1)] as number;
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
   * Returns how many samples the limit cost that `horizon` would have kept.
   */
  push(time: number, value: number, horizon: number, limit: number): number {
    if (time <= this.newest) return 0;
    while (this.#length > 0 && this.timeAt(0) <= horizon) this.#dropOldest();
    let lost = 0;
    if (this.#length >= limit) {
      this.#dropOldest();
      lost = 1;
    } else if (this.#length === this.#times.length) this.#grow();
    const at = (this.#start + this.#length) & (this.#times.length - 1);
    this.#times[at] = time;
    this.#values[at] = value;
    this.#length++;
    return lost;
  }

  #dropOldest(): void {
    this.#start = (this.#start + 1) & (this.#times.length - 1);
    this.#length--;
  }

  #grow(): void {
    const [times, values] = [new Float64Array(this.#length * 2), new Float64Array(this.#length * 2)];
    for (let i = 0; i < this.#length; i++) {
      times[i] = this.timeAt(i);
      values[i] = this.valueAt(i);
    }
    [this.#times, this.#values, this.#start] = [times, values, 0];
  }
}
