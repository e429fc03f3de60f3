/** Spans of time in which something is otherwise than usual, and what a total gathers inside or outside of them. */

/** Seconds since the Unix epoch, the end excluded. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** What a quantity has gathered up to a moment. */
export type Total = (seconds: number) => number;

export function isWithin(windows: readonly Window[], seconds: number): boolean {
  return windowAt(windows, seconds) !== undefined;
}

export function windowAt<W extends Window>(windows: readonly W[], seconds: number): W | undefined {
  for (const window of windows) if (seconds >= window.start && seconds < window.end) return window;
  return undefined;
}

/**
 * A total as if nothing had been gathered within the windows, which are in order and apart. While a window lasts the answer is
 * the same to the last bit: a counter that stands still must not tremble.
 */
export function outside(total: Total, windows: readonly Window[], seconds: number): number {
  if (windows.length === 0) return total(seconds);
  let within = 0;
  for (const { start, end } of windows) {
    if (seconds <= start) break;
    if (seconds <= end) return total(start) - within;
    within += total(end) - total(start);
  }
  return total(seconds) - within;
}

/** What was gathered within the windows alone. */
export function inside(total: Total, windows: readonly Window[], seconds: number): number {
  let within = 0;
  for (const { start, end } of windows) {
    if (seconds <= start) break;
    within += total(Math.min(seconds, end)) - total(start);
  }
  return within;
}

/** The time that was spent within the windows. */
export function timeInside(windows: readonly Window[], seconds: number): number {
  return windows.length === 0 ? 0 : inside((time) => time, windows, seconds);
}

/** In order and apart: what overlaps an earlier window begins where that ends, if anything is left of it. */
export function apart<W extends Window>(windows: readonly W[]): W[] {
  const result: W[] = [];
  for (const window of windows.toSorted((a, b) => a.start - b.start)) {
    const start = Math.max(window.start, result.at(-1)?.end ?? Number.NEGATIVE_INFINITY);
    if (start < window.end) result.push({ ...window, start });
  }
  return result;
}
