/** The scenarios of one node as spans of time, and what the model has to know of each at a moment. */
import type { Scenario, ScenarioName } from './scenario.ts';
import { apart, timeInside, type Window, windowAt } from './window.ts';

/** Part of the time that a CPU works while it is made to, and what else wants to run meanwhile, in tasks per CPU. */
const FORCED = 0.985;
const FORCED_QUEUE = 1.9;

/** A load that rises above the threshold of CpuBusy for so long and falls below for so long. */
const FLAP_UP = 100;
const FLAP_DOWN = 10;
const FLAP_LOW = 0.4;

/** The parts of a leak: how long it grows, and from when there is too little left. */
const LEAK_GROWS = 0.5;
const LEAK_TIGHT = 0.46;
const FILL_GROWS = 0.4;
/** A clock that is wrong is wrong by so much, ahead. */
const SKEW_SECONDS = 120;
/** A machine that comes back has been up for so long when it is first measured. */
const BOOTED_BEFORE = 15;

export interface Trouble {
  /** Spans in which the CPUs do what they are made to, and not their usual business. */
  readonly forced: readonly Window[];
  readonly loss: readonly Window[];
  /** What the CPUs do in them, as a part of their time; undefined outside. */
  forcedAt(seconds: number): number | undefined;
  /** Seconds of work of one CPU in them. */
  forcedTotal(seconds: number): number;
  /** Seconds in them during which there was more to do than CPUs to do it. */
  crowdedTotal(seconds: number): number;
  /** From 0 to 1: how much of the memory that could leak has. */
  leakedAt(seconds: number): number;
  /** Seconds in which memory was too little. */
  tightTotal(seconds: number): number;
  /** Leaks that ended, each by the kernel's hand. */
  killedTotal(seconds: number): number;
  /** From 0 to 1: how much of what could be filled is. */
  filledAt(seconds: number): number;
  /** Seconds in which a file system was being filled. */
  filledTotal(seconds: number): number;
  isSilent(seconds: number): boolean;
  /** When it started last, if it did since the fleet began. */
  bootAt(seconds: number): { readonly count: number; readonly seconds: number } | undefined;
  /** Seconds by which its clock is ahead. */
  skewAt(seconds: number): number;
}

/** @param scenarios those of this node. @param from when the fleet began, seconds. */
export function createTrouble(scenarios: readonly Scenario[], from: number): Trouble {
  const of = (...names: readonly ScenarioName[]) =>
    apart(
      scenarios
        .filter(({ name }) => names.includes(name))
        .map(({ name, start, length }) => ({ name, start: from + start / 1000, end: from + (start + length) / 1000 })),
    );
  const forced = of('cpu-spike', 'flapping');
  const leaks = of('memory-leak');
  const tight = leaks.map(({ start, end }) => ({ start: start + LEAK_TIGHT * (end - start), end }));
  const fills = of('disk-fill');
  const reboots = of('reboot');
  const away = [...of('node-silent'), ...reboots];
  const skews = of('clock-skew');

  return {
    forced,
    loss: of('packet-loss'),
    forcedAt(seconds) {
      const window = windowAt(forced, seconds);
      if (window === undefined) return undefined;
      return window.name === 'cpu-spike' || isUp(seconds - window.start) ? FORCED : FLAP_LOW;
    },
    forcedTotal(seconds) {
      const up = upTotal(forced, seconds);
      return FORCED * up + FLAP_LOW * (timeInside(forced, seconds) - up);
    },
    crowdedTotal: (seconds) => upTotal(forced, seconds),
    leakedAt: (seconds) => grown(windowAt(leaks, seconds), LEAK_GROWS, seconds),
    tightTotal: (seconds) => timeInside(tight, seconds),
    killedTotal: (seconds) => leaks.filter(({ end }) => end <= seconds).length,
    filledAt: (seconds) => grown(windowAt(fills, seconds), FILL_GROWS, seconds),
    filledTotal: (seconds) =>
      fills.reduce((sum, { start, end }) => {
        const length = FILL_GROWS * (end - start);
        return sum + Math.max(0, Math.min(seconds - start, length));
      }, 0),
    isSilent: (seconds) => windowAt(away, seconds) !== undefined,
    bootAt(seconds) {
      const over = reboots.filter(({ end }) => end <= seconds);
      const last = over.at(-1);
      return last && { count: over.length, seconds: Math.max(last.start, last.end - BOOTED_BEFORE) };
    },
    skewAt: (seconds) => (windowAt(skews, seconds) === undefined ? 0 : SKEW_SECONDS),
  };
}

export const CROWD_PER_CPU = FORCED_QUEUE;

function isUp(since: number): boolean {
  return since % (FLAP_UP + FLAP_DOWN) < FLAP_UP;
}

function upTotal(windows: readonly (Window & { readonly name: ScenarioName })[], seconds: number): number {
  let total = 0;
  for (const { name, start, end } of windows) {
    if (seconds <= start) break;
    const since = Math.min(seconds, end) - start;
    const rounds = Math.floor(since / (FLAP_UP + FLAP_DOWN));
    total +=
      name === 'cpu-spike' ? since : rounds * FLAP_UP + Math.min(FLAP_UP, since - rounds * (FLAP_UP + FLAP_DOWN));
  }
  return total;
}

/** The part that has grown in a window: a straight line during its first part, all of it for the rest. */
function grown(window: Window | undefined, part: number, seconds: number): number {
  return window === undefined ? 0 : Math.min(1, (seconds - window.start) / (part * (window.end - window.start)));
}
