/**
 * A curve that comes round again: straight lines between equidistant values. Its integral is known in closed form, which is
 * what makes a counter: the count at any moment follows from the moment alone, without a state and without the steps between.
 */
import type { Random } from './random.ts';

export class Wave {
  readonly #values: Float64Array;
  /** The integral from the first value to each, in spacings. */
  readonly #sums: Float64Array;
  readonly #spacing: number;
  readonly #round: number;

  /** @param spacing seconds from one value to the next. */
  constructor(values: readonly number[], spacing: number) {
    const length = values.length;
    this.#values = Float64Array.from([...values, values[0] ?? 0]);
    this.#sums = new Float64Array(length + 1);
    for (let i = 0; i < length; i++) this.#sums[i + 1] = this.#sum(i) + (this.#value(i) + this.#value(i + 1)) / 2;
    this.#spacing = spacing;
    this.#round = length;
  }

  /** @param seconds since any moment; it is the same one for `total`. */
  at(seconds: number): number {
    const place = seconds / this.#spacing;
    const whole = Math.floor(place);
    const i = whole - Math.floor(whole / this.#round) * this.#round;
    return this.#value(i) + (this.#value(i + 1) - this.#value(i)) * (place - whole);
  }

  /** The integral up to a moment, value times seconds. */
  total(seconds: number): number {
    const place = seconds / this.#spacing;
    const whole = Math.floor(place);
    const rounds = Math.floor(whole / this.#round);
    const i = whole - rounds * this.#round;
    const part = place - whole;
    const within = this.#value(i) * part + ((this.#value(i + 1) - this.#value(i)) * part * part) / 2;
    return (rounds * this.#sum(this.#round) + this.#sum(i) + within) * this.#spacing;
  }

  #value(i: number): number {
    return this.#values[i] as number;
  }

  #sum(i: number): number {
    return this.#sums[i] as number;
  }
}

/** Values from −1 to 1 whose sum is 0: what a curve of them adds to a rate, it takes away again. */
export function noise(random: Random, length: number, spacing: number): Wave {
  const values = Array.from({ length }, () => random() * 2 - 1);
  const mean = values.reduce((sum, value) => sum + value, 0) / length;
  const centred = values.map((value) => value - mean);
  const largest = Math.max(...centred.map(Math.abs));
  return new Wave(
    centred.map((value) => value / largest),
    spacing,
  );
}

/** Percent of the day's top in each hour from midnight: the night's backups, two tops with a lunch between, an evening. */
const WORKDAY = [16, 13, 22, 14, 9, 11, 18, 36, 66, 88, 97, 94, 80, 86, 100, 96, 89, 76, 60, 50, 44, 37, 29, 21];
const SATURDAY = [15, 12, 21, 13, 8, 8, 9, 12, 18, 26, 34, 38, 38, 36, 35, 34, 33, 33, 35, 37, 34, 28, 22, 17];
const SUNDAY = [13, 11, 20, 12, 7, 7, 8, 9, 13, 18, 24, 28, 29, 28, 28, 29, 31, 34, 38, 41, 39, 31, 24, 18];

/** The hours of a week, UTC, from 0 to 1. The first of January 1970 was a Thursday. */
export const WEEK = new Wave(
  [WORKDAY, WORKDAY, SATURDAY, SUNDAY, WORKDAY, WORKDAY, WORKDAY].flat().map((percent) => percent / 100),
  3600,
);
