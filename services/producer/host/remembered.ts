/**
 * What rarely changes (which hardware there is, how fast it may run) is not looked at in each tick, which so stays cheap even on
 * machines with hundreds of devices.
 */
import type { Host } from './proc.ts';

export const A_MINUTE_MS = 60_000;
export const FIVE_MINUTES_MS = 5 * A_MINUTE_MS;

/**
 * Looks, and gives the same answer until it is old. A failure is not remembered, and neither is what was found before it.
 *
 * @param now the wall clock, in milliseconds: when it was set back, nobody knows how old the answer is.
 * @param forMs how long an answer is good for.
 */
export function remembered<T>(now: () => number, forMs: number, look: (host: Host) => T): (host: Host) => T {
  let last: { readonly answer: T; readonly at: number } | undefined;
  return (host) => {
    const at = now();
    if (last === undefined || at < last.at || at - last.at >= forMs) {
      last = undefined;
      last = { answer: look(host), at };
    }
    return last.answer;
  };
}
