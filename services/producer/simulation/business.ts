/**
 * How busy a node is, at any moment and in total up to it: the part of the model that everything else follows. Business is the
 * curve of the week, shifted and scaled for each node, with noise of two lengths upon it: minutes, as requests come and go,
 * and hours, as no day is like another. All of it is a function of the moment, integrals too (wave.ts).
 */
import { between, type Random, randomOf } from './random.ts';
import { noise, type Wave, WEEK } from './wave.ts';

export interface Business {
  /** From about 0.1 in a calm night to at most 1. */
  at(seconds: number): number;
  /** Its integral, seconds. */
  total(seconds: number): number;
}

/** The noise of a fleet. Each node reads it from another place, so a few curves do for all. */
export interface FleetNoise {
  readonly quick: Wave;
  readonly slow: Wave;
}

/** Straight lines of so many seconds. */
const QUICK_SPACING = 17;
const SLOW_SPACING = 540;
const FAR_AWAY = 1e7;

export function fleetNoise(seed: number): FleetNoise {
  const random = randomOf(seed);
  return { quick: noise(random, 509, QUICK_SPACING), slow: noise(random, 251, SLOW_SPACING) };
}

/** How a node differs from others: drawn once, and shared by all that it does. */
export interface Temper {
  readonly idle: number;
  readonly day: number;
  /** Seconds by which its week is late. */
  readonly late: number;
}

const HOUR = 3600;
/** Of the nodes some work at night, when the others leave them room. */
const NIGHT_WORKERS = 0.12;

export function chooseTemper(random: Random): Temper {
  const night = random() < NIGHT_WORKERS ? 12 * HOUR : 0;
  return {
    idle: between(random, 0.16, 0.22),
    day: between(random, 0.2, 0.62),
    late: night + between(random, -1.5 * HOUR, 1.5 * HOUR),
  };
}

/**
 * @param random decides where in the fleet's noise this one reads: what a node does in its CPUs, its disks and its network has one
 * day, and each its own minutes.
 */
export function createBusiness(temper: Temper, { quick, slow }: FleetNoise, random: Random): Business {
  const { idle, day, late } = temper;
  const [quickFrom, slowFrom] = [random() * FAR_AWAY, random() * FAR_AWAY];
  const [quickPart, slowPart] = [0.3 * idle, 0.45 * idle];
  return {
    at: (seconds) =>
      idle +
      day * WEEK.at(seconds - late) +
      quickPart * quick.at(seconds + quickFrom) +
      slowPart * slow.at(seconds + slowFrom),
    total: (seconds) =>
      idle * seconds +
      day * WEEK.total(seconds - late) +
      quickPart * quick.total(seconds + quickFrom) +
      slowPart * slow.total(seconds + slowFrom),
  };
}
