/**
 * How old events are that earlier runs have left. Clocks do not tell: one that somebody has set makes a fresh event look
 * days old. The numbers of a run do, since it measures once an interval, and a run is at least as old as all that came after
 * it. How long nobody was there to measure is not counted, and neither are ticks that a run missed: events may stay longer than they
 * should by as much, and never go before.
 */
import type { Envelope } from '#contract/event.ts';
import { isSameRun } from './run.ts';

/**
 * @param left in order, with other things among them
 * @returns milliseconds for each of them, up to the newest event
 */
export function agesOf(left: readonly ({ readonly envelope: Envelope } | object)[]): number[] {
  const ages: number[] = [];
  let age = 0;
  let later: Envelope | undefined;
  for (let i = left.length - 1; i >= 0; i--) {
    const item = left[i];
    if (item !== undefined && 'envelope' in item) {
      const { envelope } = item;
      if (later !== undefined) age += between(envelope, later);
      later = envelope;
    }
    ages[i] = age;
  }
  return ages;
}

function between(earlier: Envelope, later: Envelope): number {
  const ticks = isSameRun(earlier, later) ? later.seq - earlier.seq : later.seq;
  return Math.max(0, ticks) * later.interval;
}
