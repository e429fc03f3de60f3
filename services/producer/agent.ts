/**
 * The loop: at each multiple of the interval of the wall clock, so that all nodes are measured at the same moments, collect
 * and hand over one event. A tick that takes too long costs the ticks it covers, never more: none is made up for.
 *
 * The wall clock decides when the next tick is due and is asked anew each time; waiting is by a clock that never jumps. So
 * whatever happens to the wall clock, the next tick is between nothing and one interval away.
 */
import { EVENT_VERSION, type Metrics, type NodeEvent } from '#contract/event.ts';
import type { Clock } from './clock.ts';
import type { ProducerMetrics } from './metrics.ts';

export interface AgentOptions {
  readonly cluster: string;
  readonly node: string;
  /** Names this run of the producer. */
  readonly epoch: string;
  /** Milliseconds. */
  readonly interval: number;
  readonly clock: Clock;
  readonly collect: () => Metrics;
  readonly append: (event: NodeEvent) => void;
  readonly metrics: Pick<ProducerMetrics, 'ticks' | 'ticksSkipped'>;
}

export interface Agent {
  /** Until the signal aborts; a last event then says that this end is meant. */
  run(signal: AbortSignal): Promise<void>;
  /** Milliseconds since the last tick began, or since the start if there was none. */
  sinceTick(): number;
}

/** A timer may end this much before its time. What is so close to a multiple of the interval is there already. */
const EARLY_MS = 5;
/** A pod that is replaced is back within this. */
const PAUSE_MS = 3 * 60_000;

export function createAgent(options: AgentOptions): Agent {
  const { cluster, node, epoch, interval, clock, collect, append, metrics } = options;
  let last = clock.monotonic();
  let seq = 0;

  function tick(planned?: { readonly pause: number }): void {
    const time = clock.now();
    append({ v: EVENT_VERSION, cluster, node, epoch, seq: seq++, time, interval, ...planned, metrics: collect() });
    metrics.ticks.inc();
  }

  return {
    async run(signal) {
      for (;;) {
        await clock.wait(untilNext(clock.now(), interval), signal);
        if (signal.aborted) return tick({ pause: PAUSE_MS });
        const start = clock.monotonic();
        metrics.ticksSkipped.inc(Math.max(0, Math.round((start - last) / interval) - 1));
        last = start;
        tick();
      }
    },
    sinceTick: () => clock.monotonic() - last,
  };
}

/** From now to the next multiple of the interval. */
function untilNext(now: number, interval: number): number {
  return interval - ((now + EARLY_MS) % interval) + EARLY_MS;
}
