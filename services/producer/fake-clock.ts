/** A clock for tests: time passes when told to, and only then. */
import type { Clock } from './clock.ts';

export interface FakeClock extends Clock {
  /** Lets time pass: whoever waits less is woken, one after the other, and does all it can before the next. */
  advance(ms: number): Promise<void>;
  /** Time that passes while somebody works, instead of waiting. */
  spend(ms: number): void;
  /** Somebody sets the wall clock. */
  jump(ms: number): void;
  /** The waits that are under way, in milliseconds from now. */
  waits(): readonly number[];
}

interface Waiter {
  readonly until: number;
  readonly wake: () => void;
}

export function createFakeClock(start: number): FakeClock {
  let monotonic = 0;
  let offset = start;
  const waiters = new Set<Waiter>();
  return {
    now: () => monotonic + offset,
    monotonic: () => monotonic,
    wait(ms, signal) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = () => resolve();
      const waiter = { until: monotonic + ms, wake };
      if (signal.aborted) return Promise.resolve();
      waiters.add(waiter);
      signal.addEventListener('abort', wake);
      return promise.finally(() => {
        waiters.delete(waiter);
        signal.removeEventListener('abort', wake);
      });
    },
    async advance(ms) {
      const end = monotonic + ms;
      await settle();
      for (;;) {
        const [next] = [...waiters].filter(({ until }) => until <= end).sort((a, b) => a.until - b.until);
        if (next === undefined) break;
        monotonic = Math.max(monotonic, next.until);
        waiters.delete(next);
        next.wake();
        await settle();
      }
      monotonic = Math.max(monotonic, end);
    },
    spend(ms) {
      monotonic += ms;
    },
    jump(ms) {
      offset += ms;
    },
    waits: () => [...waiters].map(({ until }) => until - monotonic),
  };
}

/** Lets everything happen that can happen without time passing. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
