/**
 * A fleet of simulated nodes as a sequence of events, in the order of time: what their producers would publish, without a
 * clock, so that a day takes as long as it takes to calculate.
 *
 * Each node is measured once an interval, at a moment of its own: the nodes are spread over the interval in the order of
 * their numbers, so that a fleet in one process is a steady flow and not a burst. The moments of a node are exactly one
 * interval apart, and the first node's are multiples of it, as a real node's are.
 */
import { EVENT_VERSION, type NodeEvent } from '#contract/event.ts';
import { PipelineError } from '#runtime/errors.ts';
import { type Collected, type Collector, collectAll } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { fleetNoise } from './business.ts';
import { simulatedCollectors } from './collectors/index.ts';
import { hexOf, randomOf } from './random.ts';
import { appliesTo, type Scenario } from './scenario.ts';
import { canHappen, needOf } from './scenario-needs.ts';
import { createSimulatedNode, type SimulatedNode } from './simulated-node.ts';

export interface FleetOptions {
  readonly cluster: string;
  /** How many. */
  readonly nodes: number;
  readonly seed: number;
  /** Milliseconds from one measurement of a node to the next. */
  readonly interval: number;
  readonly scenarios?: readonly Scenario[];
  /** When it begins, milliseconds since the Unix epoch. */
  readonly from: number;
  /** The names of the collectors that run; those that are not simulated do not count. All, if not told. */
  readonly collectors?: readonly string[];
  /** The names of the metrics that are told: what nobody reads costs most of the time. All, if not told. */
  readonly metrics?: ReadonlySet<string>;
  /** Tells the epochs of one run from those of another. Without it they follow from the seed, too. */
  readonly run?: number;
}

/** Measurements are numbered in the order of time. */
export interface Fleet {
  readonly interval: number;
  /** When a measurement is due, by the true time. */
  dueAt(tick: number): number;
  /** The first measurement that is due at a time or later. */
  firstFrom(time: number): number;
  /** Makes one; a node that is silent then has none. */
  measure(tick: number): NodeEvent | undefined;
}

/** Without end. */
export function* simulateFleet(options: FleetOptions): Generator<NodeEvent, never, void> {
  const fleet = createFleet(options);
  for (let tick = fleet.firstFrom(options.from); ; tick++) {
    const event = fleet.measure(tick);
    if (event !== undefined) yield event;
  }
}

/** @throws PipelineError `CONFIG` if a scenario is about no node of the fleet. */
export function createFleet(options: FleetOptions): Fleet {
  const { nodes, seed, interval, scenarios = [], from } = options;
  const names = Array.from({ length: nodes }, (_, index) => nodeName(index));
  const noise = fleetNoise(seed);
  const simulated = names.map((name, index) => {
    const own = scenarios.filter((scenario) => appliesTo(scenario, name));
    return createSimulatedNode({ name, seed, index, noise, scenarios: own, from: from / 1000 });
  });
  for (const scenario of scenarios) check(scenario, simulated);
  const producers = simulated.map((node, index) => createProducer(node, index, options));
  const offset = (index: number) => Math.floor((index * interval) / nodes);

  return {
    interval,
    dueAt: (tick) => Math.floor(tick / nodes) * interval + offset(tick % nodes),
    firstFrom(time) {
      const round = Math.floor(time / interval);
      let index = 0;
      while (index < nodes && round * interval + offset(index) < time) index++;
      return round * nodes + index;
    },
    measure(tick) {
      const time = Math.floor(tick / nodes) * interval + offset(tick % nodes);
      return producers[tick % nodes]?.(time);
    },
  };
}

/** What a scenario is about must be in the fleet, and one such node must have what it takes. */
function check({ name, nodes, item }: Scenario, fleet: readonly SimulatedNode[]): void {
  const able = fleet.filter(({ shape }) => canHappen(name, shape));
  if (able.some((node) => appliesTo({ nodes }, node.name))) return;
  const need = needOf(name);
  const such = able.slice(0, 5).map((node) => node.name);
  const expected =
    need === undefined
      ? `a node of the fleet, ${fleet[0]?.name} to ${fleet.at(-1)?.name}`
      : `a node of the fleet ${need}, ${such.length === 0 ? 'and there is none' : `such as ${such.join(', ')}`}`;
  throw new PipelineError('CONFIG', `SCENARIOS: ${JSON.stringify(item)}: expected ${expected}`);
}

function nodeName(index: number): string {
  return `node-${String(index).padStart(4, '0')}`;
}

const EPOCH_TOPIC = 1_000_000;

/** One node's producer: its epoch and its count of events. */
function createProducer(node: SimulatedNode, index: number, options: FleetOptions) {
  const { cluster, seed, interval, run = 0 } = options;
  const all = simulatedCollectors(node).filter(({ name }) => options.collectors?.includes(name) ?? true);
  const { metrics: wanted } = options;
  const collectors = wanted === undefined ? all : all.flatMap((collector) => only(collector, wanted));
  const stopwatch = createStopwatch(seed, index);
  const nextEpoch = () => hexOf(randomOf(seed, index, run, EPOCH_TOPIC + node.starts), 16);
  let starts = node.starts;
  let epoch = nextEpoch();
  let seq = 0;
  return (time: number): NodeEvent | undefined => {
    if (node.trouble.isSilent(time / 1000)) return undefined;
    node.look(time / 1000);
    if (node.starts !== starts) {
      starts = node.starts;
      epoch = nextEpoch();
      seq = 0;
    }
    const { metrics } = collect(collectors, stopwatch);
    const shown = time + node.now.skew * 1000;
    return { v: EVENT_VERSION, cluster, node: node.name, epoch, seq: seq++, time: shown, interval, metrics };
  };
}

/** The collector, as far as it tells something that is wanted. A node's collector tells the same names at all times. */
function only(collector: Collector, wanted: ReadonlySet<string>): Collector[] {
  const names = new Set<string>();
  collector.collect(NO_HOST, (...[name]) => {
    names.add(name);
  });
  if (![...names].some((name) => wanted.has(name))) return [];
  const collect: Collector['collect'] = (host, emit) =>
    collector.collect(host, (name, value, ...labels) => {
      if (wanted.has(name)) emit(name, value, ...labels);
    });
  return [{ name: collector.name, collect }];
}

/** @throws PipelineError of the first collector that fails, for here that is a mistake. */
function collect(collectors: readonly Collector[], monotonic: () => number): Collected {
  const collected = collectAll(collectors, NO_HOST, monotonic);
  for (const [collector, problem] of collected.failures) {
    throw new PipelineError('PARSE', `simulated collector ${collector}: ${problem}`);
  }
  return collected;
}

/** A simulated node has no files. */
const NO_HOST = new Proxy({} as Host, {
  get(_, what) {
    throw new PipelineError('PARSE', `a simulated node has no files: expected no ${String(what)}`);
  },
});

/** How long collectors seem to take: some tenths of a millisecond, told in steps that are short to write. */
function createStopwatch(seed: number, index: number): () => number {
  const random = randomOf(seed, index, EPOCH_TOPIC - 1);
  let milliseconds = 0;
  return () => {
    milliseconds += 0.0625 * (1 + Math.floor(6 * random() ** 3));
    return milliseconds;
  };
}
