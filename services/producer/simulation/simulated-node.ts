/**
 * A node of the fleet: what it is, and what it does at a moment. Everything follows from seed, index and moment. Counters are
 * integrals in closed form, from its last start to now, so nothing has to be gathered: to look at Tuesday needs no Monday.
 *
 * What a collector tells of it is in collectors/; this is what they have in common, so that a node which works more also
 * switches, sends, writes and warms up more.
 */
import { chooseTemper, createBusiness, type FleetNoise } from './business.ts';
import { between, type Random, randomOf } from './random.ts';
import type { Scenario, ScenarioName } from './scenario.ts';
import { canHappen } from './scenario-needs.ts';
import { chooseShape, type Shape } from './shape.ts';
import { CROWD_PER_CPU, createTrouble, type Trouble } from './trouble.ts';
import { inside, isWithin, outside, type Total } from './window.ts';

/** What has been gathered since the node started, all of it only growing. Seconds, unless another unit is told. */
export interface Totals {
  readonly up: number;
  /** Work of the CPUs, per CPU: the usual, and what they are made to do by a scenario. */
  readonly usual: number;
  readonly forced: number;
  readonly crowded: number;
  /** Business of the network and of the disks. */
  readonly traffic: number;
  readonly storage: number;
  /** The part of `storage` during which a CPU may wait for it. */
  readonly waiting: number;
  /** The part of `traffic` during which packets were lost, and during which they had to be sent again. */
  readonly lossy: number;
  readonly resent: number;
  /** Business of the disks but for the time that the first one stood still. */
  readonly flowing: number;
  /** Memory was too little. */
  readonly tight: number;
}

/** A moment of a node. */
export interface Moment {
  /** Since the Unix epoch; the true time, whatever the node's clock shows. */
  readonly seconds: number;
  /** What its clock is ahead. */
  readonly skew: number;
  /** When it started. */
  readonly boot: number;
  readonly totals: Totals;
  /** Of the CPUs' time, all CPUs together. */
  readonly cpu: number;
  /** Tasks that run or want to. */
  readonly runnable: number;
  readonly load: readonly [one: number, five: number, fifteen: number];
  readonly traffic: number;
  readonly storage: number;
  /** From 0 to 1: how much of the memory that programs could take from others they have. */
  readonly leaked: number;
}

export interface SimulatedNode {
  readonly name: string;
  readonly shape: Shape;
  readonly noise: FleetNoise;
  readonly trouble: Trouble;
  /** The moment that is told of. */
  readonly now: Moment;
  /** How many times it has started since the fleet began. */
  readonly starts: number;
  /** Part of its CPUs' time that they work at a business of 1. */
  readonly level: number;
  /** Chances that belong to a topic and to this node: no topic changes another's. */
  random(topic: number): Random;
  /** What one CPU has done of its usual work, a place in the fleet's noise being its own. Since the node started. */
  cpuWork(cpu: number): number;
  /** The seconds of a scenario since the node started; of each time that it lasted only from one part of it to another. */
  spent(name: ScenarioName, from?: number, to?: number): number;
  isOn(name: ScenarioName): boolean;
  /** How far what grows in a scenario has come, from 0 to 1: a straight line during its first `part`, then 1, and 0 outside. */
  grown(name: ScenarioName, part: number): number;
  /** Looks at another moment. */
  look(seconds: number): void;
}

export interface SimulatedNodeOptions {
  readonly name: string;
  readonly seed: number;
  readonly index: number;
  readonly noise: FleetNoise;
  /** Those that apply to it. */
  readonly scenarios: readonly Scenario[];
  /** When the fleet began, seconds. */
  readonly from: number;
}

const DAY = 86_400;
/** So long before the fleet began no node started, so that none looks as if it had been restarted just then. */
const SETTLED = 3600;
/** How far the work of one CPU is from that of its siblings, as a part of the node's level. */
const CPU_NOISE = 0.05;
const FAR_AWAY = 1e7;

/** What is left of the usual work of a CPU while it is lent to a neighbour, and while what it works on waits for a disk. */
const SLOWED = [
  { name: 'cpu-steal', part: 0.6 },
  { name: 'io-stall', part: 0.5 },
] as const;
/** Tasks that cannot be interrupted: those that wait for a disk, for each CPU, and those that wait for a lock in vain. */
export const STALLED_PER_CPU = 0.8;
export const HUNG_TASKS = 2;

/** The parts of a leak: how long it grows, and from when there is too little left. */
const LEAK_GROWS = 0.5;
const LEAK_TIGHT = 0.46;
/** A working set that does not fit comes soon, and takes that much. */
const STORM_GROWS = 0.1;
const STORM_TAKES = 0.75;
/** A step: a program that was not there before. */
const SHIFT_GROWS = 0.02;
const SHIFT_TAKES = 0.65;

export function createSimulatedNode(options: SimulatedNodeOptions): SimulatedNode {
  const { name, seed, index, noise, scenarios, from } = options;
  const random = (topic: number) => randomOf(seed, index, topic);
  const own = random(0);
  const shape = chooseShape(own);
  const temper = chooseTemper(own);
  const level = between(own, 0.3, 0.62);
  const work = createBusiness(temper, noise, own);
  const network = createBusiness(temper, noise, own);
  const disks = createBusiness(temper, noise, own);
  const trouble = createTrouble(
    scenarios.filter((scenario) => canHappen(scenario.name, shape)),
    from,
  );
  const slowed = SLOWED.map(({ name, part }) => ({ part, spans: trouble.spans(name) }));
  const unlikeUsual = trouble.spans('cpu-spike', 'flapping', 'cpu-shift', 'cpu-steal', 'io-stall');
  const still = trouble.spans('io-stall', 'disk-slow');
  const loss = trouble.spans('packet-loss');
  const farLoss = trouble.spans('tcp-retransmits');
  const firstBoot = bootBefore(from - SETTLED, own);
  const cpus = Array.from({ length: shape.cpus }, () => ({
    weight: between(own, 0.9, 1.1),
    place: own() * FAR_AWAY,
  }));

  let boot = firstBoot;
  let starts = 0;
  let atBoot = gathered(boot);
  let cpusAtBoot = cpus.map((_, cpu) => cpuGathered(cpu, boot));
  let now = momentAt(from);

  function gathered(seconds: number): Totals {
    return {
      up: seconds,
      usual: worked(work.total, seconds),
      forced: trouble.forcedTotal(seconds),
      crowded: trouble.crowdedTotal(seconds),
      traffic: network.total(seconds),
      storage: disks.total(seconds),
      waiting: outside(disks.total, unlikeUsual, seconds),
      lossy: inside(network.total, loss, seconds),
      resent: inside(network.total, farLoss, seconds),
      flowing: outside(disks.total, still, seconds),
      tight: trouble.spent('memory-leak', seconds, LEAK_TIGHT) + trouble.spent('swap-storm', seconds, STORM_GROWS),
    };
  }

  /** The work of a CPU, or of all of them, that nobody made them do; slower while something is in its way. */
  function worked(total: Total, seconds: number): number {
    let work = outside(total, unlikeUsual, seconds);
    for (const { part, spans } of slowed) work += part * inside(total, spans, seconds);
    return level * work;
  }

  function cpuGathered(cpu: number, seconds: number): number {
    const { weight, place } = cpus[cpu] ?? { weight: 0, place: 0 };
    const total = (at: number) => weight * work.total(at) + CPU_NOISE * noise.quick.total(at + place);
    return worked(total, seconds);
  }

  /** Tasks that ran or wanted to, times seconds. */
  function queued(seconds: number): number {
    const perCpu =
      worked(work.total, seconds) +
      trouble.forcedTotal(seconds) +
      CROWD_PER_CPU * trouble.crowdedTotal(seconds) +
      STALLED_PER_CPU * trouble.spent('io-stall', seconds);
    return shape.cpus * perCpu + HUNG_TASKS * trouble.spent('hung-task', seconds);
  }

  function momentAt(seconds: number): Moment {
    const forced = trouble.forcedAt(seconds);
    const slow = slowed.find(({ spans }) => isWithin(spans, seconds))?.part ?? 1;
    const cpu = forced ?? slow * level * work.at(seconds);
    const soFar = queued(seconds);
    const mean = (span: number) => (soFar - queued(Math.max(boot, seconds - span))) / span;
    return {
      seconds,
      skew: trouble.skewAt(seconds),
      boot,
      totals: since(gathered(seconds), atBoot),
      cpu,
      runnable: shape.cpus * (cpu + (forced !== undefined && forced > 0.9 ? CROWD_PER_CPU : 0)),
      load: [mean(60), mean(300), mean(900)],
      traffic: network.at(seconds),
      storage: disks.at(seconds),
      leaked: Math.max(
        trouble.grown('memory-leak', LEAK_GROWS, seconds),
        STORM_TAKES * trouble.grown('swap-storm', STORM_GROWS, seconds),
        SHIFT_TAKES * trouble.grown('memory-shift', SHIFT_GROWS, seconds),
      ),
    };
  }

  return {
    name,
    shape,
    noise,
    trouble,
    level,
    random,
    get now() {
      return now;
    },
    get starts() {
      return starts;
    },
    cpuWork: (cpu) => cpuGathered(cpu, now.seconds) - (cpusAtBoot[cpu] ?? 0),
    spent: (name, from, to) => trouble.spent(name, now.seconds, from, to) - trouble.spent(name, boot, from, to),
    isOn: (name) => trouble.isOn(name, now.seconds),
    grown: (name, part) => trouble.grown(name, part, now.seconds),
    look(seconds) {
      const restarted = trouble.bootAt(seconds);
      if (restarted !== undefined && restarted.count !== starts) {
        starts = restarted.count;
        boot = restarted.seconds;
        atBoot = gathered(boot);
        cpusAtBoot = cpus.map((_, cpu) => cpuGathered(cpu, boot));
      }
      now = momentAt(seconds);
    },
  };
}

/** What a total was at the start is not part of what was gathered since. */
function since(now: Totals, start: Totals): Totals {
  return {
    up: now.up - start.up,
    usual: now.usual - start.usual,
    forced: now.forced - start.forced,
    crowded: now.crowded - start.crowded,
    traffic: now.traffic - start.traffic,
    storage: now.storage - start.storage,
    waiting: now.waiting - start.waiting,
    lossy: now.lossy - start.lossy,
    resent: now.resent - start.resent,
    flowing: now.flowing - start.flowing,
    tight: now.tight - start.tight,
  };
}

/** Each node is restarted for maintenance every few weeks; the last time before the fleet began is when it started. */
function bootBefore(seconds: number, random: Random): number {
  const period = Math.floor(between(random, 20 * DAY, 90 * DAY));
  const first = Math.floor(random() * period);
  return Math.floor((seconds - first) / period) * period + first;
}
