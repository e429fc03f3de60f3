/**
 * The runs whose events are in the spool. A run begins at the position that is next, and each of its events has that position
 * and its own number added, whether it comes to disk or not: so every position says which event it is, even where nothing is left
 * but the positions around it.
 */
import type { Envelope } from '#contract/event.ts';

export type RunName = Pick<Envelope, 'cluster' | 'node' | 'epoch'>;

export interface Run extends RunName {
  /** The position of its event 0. */
  readonly base: number;
}

export function isSameRun(a: RunName, b: RunName): boolean {
  return a.epoch === b.epoch && a.node === b.node && a.cluster === b.cluster;
}

/** @param runs in their order */
export function positionIn(runs: readonly Run[], name: RunName, seq: number): number | undefined {
  const run = runs.findLast((run) => isSameRun(run, name));
  return run === undefined ? undefined : run.base + seq;
}

/** Those that have positions from this one on. */
export function runsFrom(runs: readonly Run[], position: number): readonly Run[] {
  const first = runs.findLastIndex(({ base }) => base <= position);
  return runs.slice(Math.max(0, first));
}
