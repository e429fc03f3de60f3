/**
 * The loop of a fleet, in the place of one node's: each measurement that is due makes an event, in slices short enough that
 * the rest of the process is not held up.
 *
 * At speed 1 the wall clock says what is due, as it does for a real node: what a busy machine could not do in time is left
 * out and counted. At a higher speed nothing is left out. A fleet that the machine, or the bus, cannot follow runs slower
 * than it was told, because rules and load tests need each event more than they need the hour.
 */
import type { NodeEvent } from '#contract/event.ts';
import type { Agent } from '../agent.ts';
import type { Clock } from '../clock.ts';
import type { ProducerMetrics } from '../metrics.ts';
import type { Fleet } from './fleet.ts';

export interface FleetAgentOptions {
  readonly fleet: Fleet;
  /** How many seconds of the fleet's time pass in a second. */
  readonly speed: number;
  readonly clock: Clock;
  readonly append: (event: NodeEvent) => void;
  /** Whether there is room for more events. Asked at a higher speed only. */
  readonly hasRoom: () => boolean;
  readonly metrics: Pick<ProducerMetrics, 'ticks' | 'ticksSkipped'>;
}

/** Measurements are made together that are due within so many milliseconds. */
const TOGETHER_MS = 20;
/** The longest time that they take the process for themselves. */
const SLICE_MS = 25;
/** So long is waited for room. */
const ROOM_MS = 20;

export function createFleetAgent({ fleet, speed, clock, append, hasRoom, metrics }: FleetAgentOptions): Agent {
  const { interval } = fleet;
  /** The fleet's time was `began` at `start` of the monotonic clock. */
  let began = clock.now();
  let start = clock.monotonic();
  let last = start;
  let tick = fleet.firstFrom(began);

  const time = () => (speed === 1 ? clock.now() : began + (clock.monotonic() - start) * speed);

  /** What is due by now. After a jump of the clock that is something else than what comes next. */
  function catchUp(): void {
    const late = time() - fleet.dueAt(tick);
    if (Math.abs(late) <= interval) return;
    if (speed === 1) {
      const next = fleet.firstFrom(time());
      metrics.ticksSkipped.inc(Math.max(0, next - tick));
      tick = next;
    } else {
      began = fleet.dueAt(tick);
      start = clock.monotonic();
    }
  }

  function slice(): void {
    const end = clock.monotonic() + SLICE_MS;
    const due = time();
    while (fleet.dueAt(tick) <= due && clock.monotonic() < end) {
      if (speed !== 1 && !hasRoom()) return;
      const event = fleet.measure(tick++);
      if (event === undefined) continue;
      append(event);
      metrics.ticks.inc();
    }
  }

  function pause(): number {
    const left = (fleet.dueAt(tick) - time()) / speed;
    if (speed !== 1 && !hasRoom()) return ROOM_MS;
    return left <= 0 ? 1 : Math.ceil(Math.min(Math.max(left, TOGETHER_MS), interval));
  }

  return {
    async run(signal) {
      for (;;) {
        await clock.wait(pause(), signal);
        if (signal.aborted) return;
        last = clock.monotonic();
        catchUp();
        slice();
      }
    },
    sinceTick: () => clock.monotonic() - last,
  };
}
