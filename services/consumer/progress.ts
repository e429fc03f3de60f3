/**
 * Whether the consumer makes progress, which is what its liveness means. It is looked at once a second, and only looks count: so
 * a process that was frozen, or a machine that slept, has not stood still. Nor has one that waits for the bus: a broker that is
 * away is no reason to start anew.
 */

/** Hundreds of records are handled in a moment; nothing that is handled may take as long. */
const HANDLING_MS = 30_000;
/** Longer than kafkajs tries in vain, one time-out after the other, before it says that something is wrong. */
const READING_MS = 60_000;
/** What a look counts for at most. */
const LONGEST_STEP_MS = 3_000;

export class Progress {
  readonly #monotonic: () => number;
  #lookedAt: number | undefined;
  #stillMs = 0;
  #moved = false;
  #inHand = 0;
  #waiting = 0;
  #read: string | undefined;

  /** @param monotonic milliseconds by a clock that nobody sets. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Some of what is in hand has been handled. */
  step(): void {
    this.#moved = true;
  }

  /** Handles a batch. */
  async handling<T>(handle: () => Promise<T>): Promise<T> {
    this.step();
    this.#inHand++;
    try {
      return await handle();
    } finally {
      this.#inHand--;
      this.step();
    }
  }

  /** Waits for the bus, with a batch in hand. */
  async waiting<T>(wait: () => Promise<T>): Promise<T> {
    this.#waiting++;
    try {
      return await wait();
    } finally {
      this.#waiting--;
      this.step();
    }
  }

  /** @param read how far everything was read, if there is anything to read and nothing known that hinders it. */
  look(read: string | undefined): void {
    const now = this.#monotonic();
    const step = Math.min(now - (this.#lookedAt ?? now), LONGEST_STEP_MS);
    const idle = this.#inHand === 0 && (read === undefined || read !== this.#read);
    this.#stillMs = this.#moved || this.#waiting > 0 || idle ? 0 : this.#stillMs + step;
    this.#lookedAt = now;
    this.#read = read;
    this.#moved = false;
  }

  /** Why it is taken for stuck, if so. */
  trouble(): string | undefined {
    if (this.#inHand > 0) return this.#stillMs > HANDLING_MS ? 'a batch takes too long' : undefined;
    return this.#stillMs > READING_MS ? 'nothing is read, and nothing says why' : undefined;
  }
}
