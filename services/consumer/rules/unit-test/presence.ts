/**
 * When a node of a test is heard. At a step at which everything is missing that it had, and has not been `stale` since, it
 * sends no event. If only some of it is missing there is no answer: promtool would look for that in the 5 minutes before,
 * and an event says all that a node knows.
 */
import type { Value } from './values.ts';

/** Of a series at a step: it has a value, it is not there, or it is missing without a word. */
type Presence = 'there' | 'away' | 'missing';

export function presenceOf(values: readonly Value[], steps: number): Presence[] {
  let known = false;
  return Array.from({ length: steps }, (_, step) => {
    const value = values[step];
    if (value !== undefined) known = value !== 'stale';
    if (!known) return 'away';
    return value === undefined ? 'missing' : 'there';
  });
}

/** Whether a node is heard at each step; for a series that is missing alone, which it is and when. */
export function heardAt(
  series: readonly (readonly Value[])[],
  steps: number,
): { readonly heard: readonly boolean[] } | { readonly missing: number; readonly step: number } {
  const presences = series.map((values) => presenceOf(values, steps));
  const heard: boolean[] = [];
  for (let step = 0; step < steps; step++) {
    const missing = presences.findIndex((presence) => presence[step] === 'missing');
    if (missing >= 0 && presences.some((presence) => presence[step] === 'there')) return { missing, step };
    heard.push(missing < 0);
  }
  return { heard };
}
