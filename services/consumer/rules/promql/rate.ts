/**
 * How much a series went up over a range, as Prometheus 3 has it: the samples of a left-open range (start, end], resets of a
 * counter added back, extrapolated to the ends of the range as far as the samples' spacing makes likely, and a counter never
 * to below zero. What each step is for:
 * https://github.com/prometheus/prometheus/blob/main/promql/functions.go (extrapolatedRate).
 */
import type { Window } from './range-functions.ts';

/** An end of the range further away than so many average spacings is taken for the series' own beginning or end. */
const FAR_AWAY = 1.1;

/**
 * `undefined` with fewer than two samples.
 * @param perSeconds what it is divided by, for a rate.
 */
export function increaseOf(
  values: Float64Array,
  times: Float64Array,
  count: number,
  window: Window,
  counter: boolean,
  perSeconds = 1,
): number | undefined {
  if (count < 2) return undefined;
  const [first, last] = [values[0] as number, values[count - 1] as number];
  let increase = last - first;
  if (counter) {
    for (let i = 1; i < count; i++) {
      const before = values[i - 1] as number;
      if ((values[i] as number) < before) increase += before;
    }
  }
  const extrapolation = new Extrapolation();
  extrapolation.between(times[0] as number, times[count - 1] as number, count, window);
  return extrapolation.of(increase, first, counter, perSeconds);
}

/** What all series have in common that were sampled at the same times. */
export class Extrapolation {
  #sampled = 0;
  #toStart = 0;
  #toEnd = 0;

  /** @param count of samples, at least 2. */
  between(firstMs: number, lastMs: number, count: number, { startMs, endMs, spacingMs }: Window): void {
    this.#sampled = (lastMs - firstMs) / 1000;
    const apart = this.#sampled / (count - 1);
    const spacing = spacingMs > 0 ? Math.min(spacingMs / 1000, apart) : apart;
    const [toStart, toEnd] = [(firstMs - startMs) / 1000, (endMs - lastMs) / 1000];
    this.#toStart = toStart >= spacing * FAR_AWAY ? spacing / 2 : toStart;
    this.#toEnd = toEnd >= spacing * FAR_AWAY ? spacing / 2 : toEnd;
  }

  of(increase: number, first: number, counter: boolean, perSeconds: number): number {
    let toStart = this.#toStart;
    if (counter && increase > 0 && first >= 0) {
      const toZero = this.#sampled * (first / increase);
      if (toZero < toStart) toStart = toZero;
    }
    return increase * ((this.#sampled + toStart + this.#toEnd) / this.#sampled / perSeconds);
  }
}
