/**
 * `rate` as Prometheus 3 has it: the samples of a left-open range (time − range, time], resets of the counter added
 * back, extrapolated to the ends of the range as far as the samples' spacing makes likely, and never to below zero.
 * What each step is for: https://github.com/prometheus/prometheus/blob/main/promql/functions.go (extrapolatedRate).
 */
import type { Ring } from '../ring.ts';

/** An end of the range further away than so many average spacings is taken for the series' own beginning or end. */
const FAR_AWAY = 1.1;

/** Increase per second; `undefined` with fewer than two samples. `time` is no earlier than the newest of them. */
export function rate(ring: Ring, rangeMs: number, time: number): number | undefined {
  const rangeStart = time - rangeMs;
  const first = ring.indexAfter(rangeStart);
  const last = ring.length - 1;
  if (last <= first) return undefined;

  let increase = ring.valueAt(last) - ring.valueAt(first);
  for (let i = first + 1, before = ring.valueAt(first); i <= last; i++) {
    const value = ring.valueAt(i);
    if (value < before) increase += before;
    before = value;
  }

  const sampled = (ring.timeAt(last) - ring.timeAt(first)) / 1000;
  const spacing = sampled / (last - first);
  let toStart = (ring.timeAt(first) - rangeStart) / 1000;
  let toEnd = (time - ring.timeAt(last)) / 1000;
  if (toStart >= spacing * FAR_AWAY) toStart = spacing / 2;
  if (increase > 0 && ring.valueAt(first) >= 0) {
    const toZero = sampled * (ring.valueAt(first) / increase);
    if (toZero < toStart) toStart = toZero;
  }
  if (toEnd >= spacing * FAR_AWAY) toEnd = spacing / 2;
  return increase * ((sampled + toStart + toEnd) / sampled / (rangeMs / 1000));
}
