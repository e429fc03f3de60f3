/**
 * The time by which a node's past is measured: event time that never goes back.
 *
 * A node's clock may be set back while alerts are pending and ranges are filled. Taken literally, ranges would be empty
 * until the clock has caught up with itself (so firing alerts would resolve), or `for` would run backwards. So when a
 * newer event bears an older time, the node's past moves along with its clock: the event counts as one interval later
 * than the one before, or as many as its `seq` says. A clock set forward looks like a time without events, and is taken
 * for one, as Prometheus does.
 *
 * Two agents that claim to be one node have a clock each, and so has whoever repeats old events: what theirs is set back
 * by is theirs. A run that goes on after another has begun goes on by its own clock, and is said to be back.
 */
import type { NodeEvent } from '#contract/event.ts';

/** So many runs of which others are remembered, since two that take turns are the case. */
const REMEMBERED_RUNS = 4;

interface Run {
  readonly epoch: string;
  seq: number;
  /** What its clock was set back by in all. */
  shift: number;
}

export class Timeline {
  /** Whether the newest event is of a run that another had followed. */
  back = false;

  #run: Run | undefined;
  /** Those before it, the last one first. */
  #others: readonly Run[] = [];
  #newest = Number.NEGATIVE_INFINITY;

  /** What moments are later than event times, in the newest event's run; milliseconds. */
  get shift(): number {
    return this.#run?.shift ?? 0;
  }

  /** The moment so many milliseconds after that of the newest event; `undefined` if there was none. */
  after(ms: number): number | undefined {
    return this.#run === undefined ? undefined : this.#newest + Math.max(0, ms);
  }

  /** The moment of an event; `undefined` for one that came before: it has been judged. */
  advance({ epoch, seq, time, interval }: NodeEvent): number | undefined {
    const last = this.#run;
    const known = last?.epoch === epoch ? last : this.#others.find((run) => run.epoch === epoch);
    if (known !== undefined && seq <= known.seq) return undefined;
    const run = known ?? { epoch, seq, shift: last?.shift ?? 0 };
    let moment = time + run.shift;
    if (moment <= this.#newest) {
      const expected = this.#newest + interval * (run === last ? seq - last.seq : 1);
      run.shift += expected - moment;
      moment = expected;
    }
    if (last !== undefined && run !== last) {
      this.#others = [last, ...this.#others.filter((other) => other !== run)].slice(0, REMEMBERED_RUNS);
    }
    this.back = known !== undefined && run !== last;
    this.#run = run;
    run.seq = seq;
    this.#newest = moment;
    return moment;
  }
}
