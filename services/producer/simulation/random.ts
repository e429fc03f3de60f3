/**
 * Chance that can be repeated: the same numbers for the same seed, on every machine and in every version. Not for secrets.
 * Mulberry32 makes the numbers; where it begins is mixed from the seed and whatever names the thing that they are for, so
 * that neighbours have nothing in common.
 */

/** The next number from 0 up to, and without, 1. */
export type Random = () => number;

export function randomOf(seed: number, ...names: readonly number[]): Random {
  let state = names.reduce(mix, mix(0x9e3779b9, seed));
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number between two. */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** Digits of a hexadecimal name. */
export function hexOf(random: Random, digits: number): string {
  return Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
}

/** Both halves of a number count, so a seed may be a time in milliseconds. */
function mix(state: number, value: number): number {
  return step(step(state, value | 0), Math.floor(value / 2 ** 32) | 0);
}

/** MurmurHash3's step and, so that each bit tells on all, its end. */
function step(state: number, word: number): number {
  let hash = Math.imul(word, 0xcc9e2d51);
  hash = Math.imul((hash << 15) | (hash >>> 17), 0x1b873593) ^ state;
  hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
