/**
 * The recent values of many series that are sampled together: a ring of slots, oldest first, each a time and behind it one
 * value for every series. One array for all, so that a new event is one stretch of memory, and the ends of a range are found
 * once for all series.
 */

export const FIRST_CAPACITY = 4;
export const VALUE_BYTES = 8;

export class Columns {
  /** A slot is its time and `width` values. */
  data: Float64Array;
  readonly width: number;
  readonly stride: number;
  capacity: number;
  length = 0;
  #start = 0;

  constructor(width: number, capacity: number) {
    this.width = width;
    this.stride = width + 1;
    this.capacity = capacity;
    this.data = new Float64Array(capacity * this.stride);
  }

  /** The time of the newest slot. */
  get newest(): number {
    return this.length === 0 ? Number.NEGATIVE_INFINITY : this.timeAt(this.length - 1);
  }

  /** Where slot 0 to length − 1 begins in `data`. */
  at(index: number): number {
    let slot = this.#start + index;
    if (slot >= this.capacity) slot -= this.capacity;
    return slot * this.stride;
  }

  timeAt(index: number): number {
    return this.data[this.at(index)] as number;
  }

  /** The first slot that is later than `time`; the length if there is none. */
  indexAfter(time: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.timeAt(middle) > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** A slot for a new time, if there is room. @returns where it begins. */
  push(time: number): number {
    const at = this.at(this.length);
    this.length++;
    this.data[at] = time;
    return at;
  }

  /** Gives the newest slot a later time. @returns where it begins. */
  renew(time: number): number {
    const at = this.at(this.length - 1);
    this.data[at] = time;
    return at;
  }

  dropOldest(): void {
    this.#start++;
    if (this.#start === this.capacity) this.#start = 0;
    this.length--;
  }

  grow(capacity: number): void {
    const data = new Float64Array(capacity * this.stride);
    for (let i = 0; i < this.length; i++) {
      const from = this.at(i);
      data.set(this.data.subarray(from, from + this.stride), i * this.stride);
    }
    this.data = data;
    this.capacity = capacity;
    this.#start = 0;
  }
}
