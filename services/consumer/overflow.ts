/**
 * What there is no room for, counted and told. Nothing is left out in silence, and whoever floods the topic does not flood the
 * log, too.
 */
import type { Log } from '#runtime/log.ts';
import type { ConsumerMetrics } from './metrics.ts';
import type { JudgeOverflow } from './rules/judge.ts';
import type { Overflow } from './state.ts';

/** Overflows within as long of each other are told as one. */
const EPISODE_MS = 60_000;

/** @param monotonic milliseconds by a clock that nobody sets. */
export function tellOverflows(
  metrics: () => Pick<ConsumerMetrics, 'overflow'>,
  log: Pick<Log, 'error'>,
  monotonic: () => number,
): (reason: Overflow | JudgeOverflow, count?: number) => void {
  const lasts = new Map<Overflow | JudgeOverflow, number>();
  return (reason, count = 1) => {
    metrics().overflow.inc({ reason }, count);
    const now = monotonic();
    const last = lasts.get(reason) ?? Number.NEGATIVE_INFINITY;
    lasts.set(reason, now);
    if (now - last > EPISODE_MS) log.error({ reason }, MESSAGES[reason]);
  };
}

const EVENTS = 'events are not applied: there is no room for more';
const MESSAGES: Readonly<Record<Overflow | JudgeOverflow, string>> = {
  nodes: EVENTS,
  series_per_node: EVENTS,
  series: EVENTS,
  history: 'rules do not see all of the past that they read: there is no room for more',
  alerts: 'alerts are left out: there is no room for more',
};
