/**
 * Whether a member of a group may still act as the owner of its partitions: whether the group has confirmed it so recently
 * that the coordinator cannot have given them to another yet. A confirmation counts from when the request was sent, which
 * is before the coordinator started its clock. The clock is monotonic and runs on while the process is frozen, so one
 * that wakes up too late knows it from its first instruction.
 *
 * While a rebalance gathers its members, all of them still own what they owned. From when the coordinator has answered to
 * the joining until it has told what this member owns now, others may own it already.
 */
export class Freshness {
  readonly #now: () => number;
  readonly #session: number;
  readonly #rebalance: number;
  readonly #joining: number;
  #until = Number.NEGATIVE_INFINITY;
  /** When the coordinator was last known not to be gathering members for a rebalance. */
  #stable = Number.NEGATIVE_INFINITY;

  /**
   * @param now monotonic, ms
   * @param session how long after a confirmation the membership holds, less a margin
   * @param rebalance how long the coordinator waits for a member to join again, less a margin
   * @param joining how long to trust that an answer to the joining would have come by now, had it been given
   */
  constructor(now: () => number, { session, rebalance, joining }: Record<'session' | 'rebalance' | 'joining', number>) {
    this.#now = now;
    this.#session = session;
    this.#rebalance = rebalance;
    this.#joining = joining;
  }

  get fresh(): boolean {
    return this.#now() < this.#until;
  }

  /** The coordinator has answered that nothing has changed, or what this member owns. */
  confirmed(sentAt: number): void {
    this.#stable = sentAt;
    this.#until = sentAt + this.#session;
  }

  /** The coordinator has answered that this is a member, and that it waits for it to join again. */
  awaited(sentAt: number): void {
    this.#until = Math.min(sentAt + this.#session, this.#stable + this.#rebalance);
  }

  /** The member asks to join again. */
  joining(sentAt: number): void {
    this.#until = Math.min(this.#until, sentAt + this.#joining);
  }

  /** The coordinator does not know this member, or is about to tell it what it owns. */
  ended(): void {
    this.#until = Number.NEGATIVE_INFINITY;
  }
}
