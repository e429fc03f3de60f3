/**
 * What the past of all nodes may take in memory. A series costs a hundred times what it takes to write down a new one, so
 * whoever makes up labels would fill any memory; and whoever does it under few names must not leave the others without a
 * past. So each node has a share that nobody else can take, and what goes beyond it comes out of a third that is everybody's.
 */

/** Of all, what one node has for itself. */
const SHARE = 1 / 1024;
/** Of all, what goes to nodes that have more. */
const COMMON = 1 / 3;

export class HistoryRoom {
  /** Times that a series was seen and had no room. */
  seriesRefused = 0;
  /** Samples forgotten although a range still covers them. */
  samplesLost = 0;

  readonly #maxBytes: number;
  #bytes = 0;
  #commonBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @param used what the node has already. @returns false if it cannot have `more`. */
  take(used: number, more: number): boolean {
    const common = this.#beyondShare(used + more) - this.#beyondShare(used);
    if (this.#bytes + more > this.#maxBytes) return false;
    if (common > 0 && this.#commonBytes + common > this.#maxBytes * COMMON) return false;
    this.#bytes += more;
    this.#commonBytes += common;
    return true;
  }

  /** @param used what the node has, with what it gives. */
  give(used: number, less: number): void {
    this.#bytes -= less;
    this.#commonBytes -= this.#beyondShare(used) - this.#beyondShare(used - less);
  }

  #beyondShare(bytes: number): number {
    return Math.max(0, bytes - this.#maxBytes * SHARE);
  }
}
