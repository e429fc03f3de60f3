/**
 * The time by which a node's past is measured: event time that never goes back.
 *
 * A node's clock may be set back while alerts are pending and ranges are filled. Taken literally, ranges would be empty
 * until the clock has caught up with itself (so firing alerts would resolve), or `for` would run backwards. So when a
 * newer event bears an older time, the node's past moves along with its clock: the event counts as one interval later
 * than the one before, or as many as its `seq` says. A clock set forward looks like a time without events, and is taken
 * for one, as Prometheus does.
 */
import type { NodeEvent } from '#contract/event.ts';

export class Timeline {
  #epoch: string | undefined;
  #seq = -1;
  #newest = Number.NEGATIVE_INFINITY;
  /** What the clock was set back by in all. */
  #shift = 0;

  /** The moment of an event; `undefined` for one that came before: it has been judged. */
  advance({ epoch, seq, time, interval }: NodeEvent): number | undefined {
    const sameRun = epoch === this.#epoch;
    if (sameRun && seq <= this.#seq) return undefined;
    let moment = time + this.#shift;
    if (moment <= this.#newest) {
      const expected = this.#newest + interval * (sameRun ? seq - this.#seq : 1);
      this.#shift += expected - moment;
      moment = expected;
    }
    this.#epoch = epoch;
    this.#seq = seq;
    this.#newest = moment;
    return moment;
  }
}
