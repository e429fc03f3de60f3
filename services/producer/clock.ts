/** Time as an argument. Nothing here but `systemClock` looks at a real clock, so tests decide what time it is. */
import { setTimeout } from 'node:timers/promises';

export interface Clock {
  /** What the wall clock shows, milliseconds since the Unix epoch. It jumps when somebody sets it. */
  now(): number;
  /** Milliseconds since some moment. It never jumps: spans are measured with it. */
  monotonic(): number;
  /** Fulfilled after a span of monotonic time, or as soon as the signal aborts. Never rejected. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  wait: (ms, signal) =>
    setTimeout(ms, undefined, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    }),
};
