/**
 * The scenarios of one node as spans of time: whether one lasts, how far it has come, and how long it has lasted in all, which
 * is what counters grow by. What each does to a node is where that is told: simulated-node.ts for what many things follow
 * from, collectors/ for the rest.
 */
import type { Scenario, ScenarioName } from './scenario.ts';
import { apart, timeInside, type Window, windowAt } from './window.ts';

/** Of those in a row one lasts at a time, or they would make more of the same CPUs and disks than there is. */
const EXCLUSIVE: readonly (readonly ScenarioName[])[] = [
  ['cpu-spike', 'cpu-steal', 'cpu-shift', 'flapping', 'io-stall', 'disk-slow', 'disk-shift'],
  ['disk-fill', 'disk-fill-slow'],
  ['inode-leak', 'inode-leak-slow'],
  ['link-saturated', 'network-shift'],
];

/** Part of the time that a CPU works while it is made to, and what else wants to run meanwhile, in tasks per CPU. */
const FORCED = 0.985;
export const CROWD_PER_CPU = 1.9;

/** A load that rises above the threshold of CpuBusy for so long and falls below for so long. */
const FLAP_UP = 100;
const FLAP_DOWN = 10;
const FLAP_LOW = 0.4;
/** A step: much for a node that has little to do, and not too much. */
const SHIFTED = 0.78;

/** A clock that is wrong is wrong by so much, ahead. */
const SKEW_SECONDS = 120;
/** A machine that comes back has been up for so long when it is first measured. */
const BOOTED_BEFORE = 15;

export interface Trouble {
  /** The spans of scenarios, in order; apart, if the scenarios exclude each other. */
  spans(...names: readonly ScenarioName[]): readonly Span[];
  /**
   * The seconds of a scenario up to a moment; of each time that it lasts only from one part of it to another, such as from
   * 0.4 to 1.
   */
  spent(name: ScenarioName, seconds: number, from?: number, to?: number): number;
  isOn(name: ScenarioName, seconds: number): boolean;
  /** How far what grows in it has come: from 0 to 1 in a straight line during its first `part`, then 1, and 0 outside. */
  grown(name: ScenarioName, part: number, seconds: number): number;
  /** What the CPUs do, as a part of their time, while they are made to and not at their usual business; else undefined. */
  forcedAt(seconds: number): number | undefined;
  /** Seconds of such work of one CPU. */
  forcedTotal(seconds: number): number;
  /** Seconds of it during which there was more to do than CPUs to do it. */
  crowdedTotal(seconds: number): number;
  isSilent(seconds: number): boolean;
  /** When it started last, if it did since the fleet began. */
  bootAt(seconds: number): { readonly count: number; readonly seconds: number } | undefined;
  /** Seconds by which its clock is ahead. */
  skewAt(seconds: number): number;
}

export interface Span extends Window {
  readonly name: ScenarioName;
}

const NONE: readonly Span[] = [];

/** @param scenarios those of this node. @param from when the fleet began, seconds. */
export function createTrouble(scenarios: readonly Scenario[], from: number): Trouble {
  const all = scenarios.map(({ name, start, length }): Span => {
    return { name, start: from + start / 1000, end: from + (start + length) / 1000 };
  });
  const names = [...new Set(all.map(({ name }) => name))];
  const of = (...wanted: readonly ScenarioName[]) => all.filter(({ name }) => wanted.includes(name));
  const byName = new Map(
    names.map((name) => {
      const group = EXCLUSIVE.find((candidate) => candidate.includes(name)) ?? [name];
      return [name, apart(of(...group)).filter((span) => span.name === name)] as const;
    }),
  );
  const spans = (...wanted: readonly ScenarioName[]) =>
    wanted.flatMap((name) => byName.get(name) ?? []).toSorted((a, b) => a.start - b.start);
  const only = (name: ScenarioName) => byName.get(name) ?? NONE;
  const isOn = (name: ScenarioName, seconds: number) => windowAt(only(name), seconds) !== undefined;
  const forced = spans('cpu-spike', 'flapping', 'cpu-shift');
  const crowded = spans('cpu-spike', 'flapping');

  return {
    spans,
    isOn,
    spent(name, seconds, start = 0, end = 1) {
      const windows = only(name);
      if (windows.length === 0) return 0;
      const parts = windows.map((window) => partOf(window, start, end));
      return timeInside(parts, seconds);
    },
    grown(name, part, seconds) {
      const window = windowAt(only(name), seconds);
      return window === undefined ? 0 : Math.min(1, (seconds - window.start) / (part * (window.end - window.start)));
    },
    forcedAt(seconds) {
      const span = windowAt(forced, seconds);
      if (span === undefined) return undefined;
      if (span.name === 'cpu-shift') return SHIFTED;
      return span.name === 'cpu-spike' || isUp(seconds - span.start) ? FORCED : FLAP_LOW;
    },
    forcedTotal(seconds) {
      const up = upTotal(crowded, seconds);
      const shifted = timeInside(only('cpu-shift'), seconds);
      return FORCED * up + FLAP_LOW * (timeInside(crowded, seconds) - up) + SHIFTED * shifted;
    },
    crowdedTotal: (seconds) => upTotal(crowded, seconds),
    isSilent: (seconds) => isOn('node-silent', seconds) || isOn('reboot', seconds),
    bootAt(seconds) {
      const over = only('reboot').filter(({ end }) => end <= seconds);
      const last = over.at(-1);
      return last && { count: over.length, seconds: Math.max(last.start, last.end - BOOTED_BEFORE) };
    },
    skewAt: (seconds) => (isOn('clock-skew', seconds) ? SKEW_SECONDS : 0),
  };
}

function partOf({ start, end }: Window, from: number, to: number): Window {
  return { start: start + from * (end - start), end: start + to * (end - start) };
}

function isUp(since: number): boolean {
  return since % (FLAP_UP + FLAP_DOWN) < FLAP_UP;
}

function upTotal(spans: readonly Span[], seconds: number): number {
  let total = 0;
  for (const { name, start, end } of spans) {
    if (seconds <= start) break;
    const since = Math.min(seconds, end) - start;
    const rounds = Math.floor(since / (FLAP_UP + FLAP_DOWN));
    total +=
      name === 'cpu-spike' ? since : rounds * FLAP_UP + Math.min(FLAP_UP, since - rounds * (FLAP_UP + FLAP_DOWN));
  }
  return total;
}
