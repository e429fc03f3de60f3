/**
 * How long a partition has been listened to: a clock that runs only while the partition is fetched and nothing in it waits to
 * be handled. Silence is measured by it, so a broker that is away, a backlog, a rebalance or a process that was frozen
 * makes no node silent. It needs no clock of its own: it is told as of when all was handled, again and again, and takes a
 * long step between two of these moments, or one back, for a time in which nobody listened.
 *
 * After such a time it starts again only when the producers have had their time to come back: each waits up to 10 s
 * between two attempts to publish, and then has to connect.
 */

/**
 * Longer than a fetch waits for records (half a second) with the second between two looks, and not much longer: in that time
 * a producer that cannot publish does not yet wait for long, either.
 */
const LONGEST_STEP_MS = 3_000;
const PRODUCERS_RETURN_MS = 15_000;

export class ListeningClock {
  #ms = 0;
  #asOf: number | undefined;
  #standsFor = PRODUCERS_RETURN_MS;

  /** Milliseconds listened, as of when it was told last. */
  get ms(): number {
    return this.#ms;
  }

  /** @param asOf the moment as of which everything had been handled; `undefined` if that was never so yet. */
  listen(asOf: number | undefined): void {
    if (asOf === undefined || asOf === this.#asOf) return;
    const step = asOf - (this.#asOf ?? asOf);
    this.#asOf = asOf;
    if (step < 0 || step > LONGEST_STEP_MS) {
      this.#standsFor = PRODUCERS_RETURN_MS;
      return;
    }
    this.#ms += Math.max(0, step - this.#standsFor);
    this.#standsFor = Math.max(0, this.#standsFor - step);
  }

  /** What it will show if all goes well until now: what is heard now is heard then. */
  at(now: number): number {
    const since = now - (this.#asOf ?? now);
    return this.#ms + (since < 0 || since > LONGEST_STEP_MS ? 0 : Math.max(0, since - this.#standsFor));
  }
}
