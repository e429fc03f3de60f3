/**
 * What came of the events of one node, told from (epoch, seq): an epoch counts its events from 0 without a gap, so what is
 * missing was lost. Every event that arrives and every number that was given out is exactly one of these:
 *
 *   arrives  in order    newer than all before
 *            reordered   after a newer one, and was still awaited
 *            duplicated  has been before, or comes when nobody awaits it any more
 *   number   received    it arrived, in order or reordered
 *            awaited     one of the last 32, and has not arrived
 *            lost        not arrived when waiting ended: 32 numbers later, or as soon as it is known that it will not
 *                        come (its producer says so, its record was deleted, another epoch began)
 *
 * Counters never go down, which is why there is waiting at all. Accounting begins with the first number that is seen of a
 * node, since what was before it went to somebody else. Later epochs begin at 0.
 *
 * An epoch ends when another begins, and what is seen of it again, up to its highest number, is duplicated. A higher one
 * proves that its producer has not ended: two claim to be this node, or what came between was forged, or sent again by a
 * third. Nobody can tell here which of them is right, so none of them is muted: the epoch goes on where it was, and
 * the conflict is counted.
 *
 * Anybody may write any number. One that is too far ahead to be true is none of the above: it changes nothing.
 */

import { GAP_REASONS, type GapReason } from '#contract/gap.ts';
import { EndedEpochs } from './ended-epochs.ts';

/** What the producer says; `skipped`: the topic had dropped them before they were read; `unknown`: nobody says. */
export const LOSS_REASONS = [...GAP_REASONS, 'skipped', 'unknown'] as const;
export type LossReason = (typeof LOSS_REASONS)[number];

/** `implausible`: so far ahead that it is not believed. */
export type Arrival = 'in order' | 'reordered' | 'duplicated' | 'implausible';

/** Told once for all that is lost at a time. */
export type Losses = (reason: LossReason, count: number) => void;

/** As many numbers as an integer has bits. */
export const AWAITED = 32;
/** Completeness is that of the last one to two times as many events: half an hour to an hour, at one in five seconds. */
export const COMPLETENESS_EVENTS = 360;
/**
 * So many numbers may be missing at once: what an agent counts in four months, at one a second, the shortest interval. The topic
 * remembers a day. Some 900 million such steps are within what a counter adds up exactly.
 */
export const MAX_STEP = 10_000_000;

const ALL = -1;

export class Account {
  received = 0;
  lost = 0;
  duplicated = 0;
  reordered = 0;
  /** Times that an epoch went on that another had ended, or began where none begins. */
  conflicts = 0;

  readonly #losses: Losses;
  #epoch: string | undefined;
  readonly #ended = new EndedEpochs();
  /** The newest number that is settled or has arrived. */
  #newest = -1;
  /** Bit n: whether `#newest - n` is settled, received or lost. What is below all bits is settled. */
  #settled = ALL;
  /** Since the last event, records of the partition were deleted before they were read. */
  #skipped = false;
  #recent = { received: 0, lost: 0 };
  #earlier = { received: 0, lost: 0 };

  constructor(losses: Losses) {
    this.#losses = losses;
  }

  /** Of the node's recent events, the part that arrived, from 0 to 1. */
  get completeness(): number {
    const received = this.#recent.received + this.#earlier.received;
    const lost = this.#recent.lost + this.#earlier.lost;
    return received + lost === 0 ? 1 : received / (received + lost);
  }

  /** An event has arrived. */
  arrive(epoch: string, seq: number): Arrival {
    const otherwise = this.#enter(epoch, seq, seq);
    if (otherwise !== undefined) return otherwise === 'duplicated' ? this.#duplicate() : otherwise;
    if (seq > this.#newest) {
      this.#lose(this.#reason(), this.#advance(seq));
      this.#settled |= 1;
      if (this.#skipped) this.#settle();
      this.#receive();
      return 'in order';
    }
    const age = this.#newest - seq;
    if (age >= AWAITED || (this.#settled & (1 << age)) !== 0) return this.#duplicate();
    this.#settled |= 1 << age;
    this.#receive();
    this.reordered++;
    return 'reordered';
  }

  /**
   * The producer says that these events will not come, `from` and `to` included. What has arrived or was lost stays so.
   * @returns false if that is not believed.
   */
  miss(epoch: string, from: number, to: number, reason: GapReason): boolean {
    const otherwise = this.#enter(epoch, from, to);
    if (otherwise !== undefined) return otherwise === 'duplicated';
    let missed = 0;
    for (let seq = Math.max(from, this.#newest - AWAITED + 1); seq <= Math.min(to, this.#newest); seq++) {
      const bit = 1 << (this.#newest - seq);
      if ((this.#settled & bit) === 0) missed++;
      this.#settled |= bit;
    }
    if (to > this.#newest) {
      const before = Math.max(from - 1, this.#newest);
      let unaccounted = before > this.#newest ? this.#advance(before) : 0;
      missed += to - before;
      unaccounted += this.#advance(to);
      // Of what that found lost, the numbers from `from` on are the producer's.
      const passed = Math.max(0, to - before - AWAITED);
      this.#lose(this.#reason(), unaccounted - passed);
      this.#settled |= to - before >= AWAITED ? ALL : (1 << (to - before)) - 1;
      if (this.#skipped) this.#settle();
    }
    this.#lose(reason, missed);
    return true;
  }

  /** Records of the partition were deleted before they were read: what is missing when this node is next heard went with them. */
  skip(): void {
    this.#skipped = true;
  }

  /** Makes the epoch the current one if these numbers of it may be news. @returns what they are otherwise. */
  #enter(epoch: string, from: number, to: number): 'duplicated' | 'implausible' | undefined {
    if (epoch === this.#epoch) return to - this.#newest > MAX_STEP ? 'implausible' : undefined;
    const ended = this.#epoch === undefined ? undefined : this.#ended.newestOf(epoch);
    if (ended !== undefined && to <= ended) return 'duplicated';
    // None begins so late: its beginning was seen by somebody else, as was that of the first.
    const late = ended === undefined && from >= MAX_STEP;
    const before = ended ?? (late || this.#epoch === undefined ? from - 1 : -1);
    if (to - before > MAX_STEP) return 'implausible';
    if (this.#epoch !== undefined) {
      const skipped = this.#skipped;
      this.#settle();
      this.#skipped = skipped;
      this.#ended.end(this.#epoch, this.#newest);
      if (late || ended !== undefined) this.conflicts++;
    }
    this.#epoch = epoch;
    this.#newest = before;
    return undefined;
  }

  /** Makes `seq` the newest, not settled. @returns how many numbers nobody awaits any more, and are not settled. */
  #advance(seq: number): number {
    const steps = seq - this.#newest;
    const passed = steps >= AWAITED ? this.#settled : this.#settled >>> (AWAITED - steps);
    this.#settled = steps >= AWAITED ? 0 : this.#settled << steps;
    this.#newest = seq;
    return steps - bitsOf(passed);
  }

  /** Waits no longer. */
  #settle(): void {
    this.#lose(this.#reason(), AWAITED - bitsOf(this.#settled));
    this.#settled = ALL;
    this.#skipped = false;
  }

  #reason(): LossReason {
    return this.#skipped ? 'skipped' : 'unknown';
  }

  #receive(): void {
    this.received++;
    this.#recent.received++;
    this.#turn();
  }

  #lose(reason: LossReason, count: number): void {
    if (count === 0) return;
    this.lost += count;
    this.#recent.lost += count;
    this.#turn();
    this.#losses(reason, count);
  }

  #duplicate(): 'duplicated' {
    this.duplicated++;
    return 'duplicated';
  }

  #turn(): void {
    if (this.#recent.received + this.#recent.lost < COMPLETENESS_EVENTS) return;
    this.#earlier = this.#recent;
    this.#recent = { received: 0, lost: 0 };
  }
}

/** How many bits of an integer are set. */
function bitsOf(integer: number): number {
  let n = integer - ((integer >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
