/**
 * What goes wrong, on which nodes and when, as it is written in the environment:
 *
 *   SCENARIOS = ITEM {"," ITEM}          blanks around an item do not count
 *   ITEM      = NAME "@" NODES ["+" START] ["/" LENGTH]
 *   NODES     = a node's name, in which "*" stands for any characters
 *   START     = how long after the fleet begins (1m if not told), LENGTH = how long it lasts: 90s, 5m, 1h
 *
 * Times are the fleet's: with SIMULATE_SPEED=60, 2m pass in two seconds.
 */
import { messageOf, PipelineError } from '#runtime/errors.ts';
import { duration } from '#runtime/settings.ts';

/** How long each lasts if nothing is said: long enough for the rules that should notice. */
const USUAL_LENGTH = {
  'cpu-spike': '15m',
  'cpu-steal': '15m',
  'cpu-shift': '15m',
  flapping: '30m',
  'memory-leak': '15m',
  'memory-shift': '15m',
  'swap-storm': '15m',
  'oom-kill': '10m',
  'disk-fill': '15m',
  'disk-fill-slow': '8h',
  'inode-leak': '15m',
  'inode-leak-slow': '8h',
  'readonly-remount': '10m',
  'io-stall': '15m',
  'disk-slow': '15m',
  'disk-shift': '15m',
  'packet-loss': '10m',
  'link-saturated': '15m',
  'network-shift': '15m',
  'tcp-retransmits': '15m',
  'listen-overflow': '10m',
  'conntrack-full': '15m',
  'fd-leak': '15m',
  'hung-task': '15m',
  overheat: '15m',
  'raid-degraded': '15m',
  'clock-skew': '10m',
  reboot: '1m',
  'node-silent': '5m',
} as const;

export type ScenarioName = keyof typeof USUAL_LENGTH;
export const SCENARIO_NAMES = Object.keys(USUAL_LENGTH) as ScenarioName[];

export interface Scenario {
  readonly name: ScenarioName;
  /** As it was written. */
  readonly item: string;
  /** A name in which `*` stands for any characters. */
  readonly nodes: string;
  /** Milliseconds since the fleet began. */
  readonly start: number;
  /** Milliseconds. */
  readonly length: number;
}

const USUAL_START = '1m';
const START = duration('0s', '720h');
const LENGTH = duration('1s', '720h');

const ITEM = /^([^@+/]*)(?:@([^@+/]*))?(?:\+([^@+/]*))?(?:\/([^@+/]*))?$/;
const NODES = /^[A-Za-z0-9_.*-]{1,253}$/;

/** A kind of setting (runtime/settings.ts). */
export const scenarioList = {
  expected: `a comma-separated list of NAME@NODES+START/LENGTH; names are ${SCENARIO_NAMES.join(', ')}`,
  parse(text: string): readonly Scenario[] | undefined {
    try {
      return parseScenarios(text);
    } catch (error) {
      if (error instanceof PipelineError) return undefined;
      throw error;
    }
  },
  mistake(text: string): string | undefined {
    try {
      parseScenarios(text);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  },
};

/** @throws PipelineError `CONFIG` that names the item and what was expected in its place. */
export function parseScenarios(text: string): readonly Scenario[] {
  return text.split(',').map((item) => parseItem(item.trim()));
}

function parseItem(item: string): Scenario {
  const [match, name, nodes, start = USUAL_START, length] = ITEM.exec(item) ?? [];
  const wrong = (expected: string) => new PipelineError('CONFIG', `${JSON.stringify(item)}: expected ${expected}`);
  if (match === undefined) throw wrong('NAME@NODES+START/LENGTH, such as cpu-spike@node-0003+2m/10m');
  const known = SCENARIO_NAMES.find((candidate) => candidate === name);
  if (known === undefined) throw wrong(`before the @ one of ${SCENARIO_NAMES.join(', ')}`);
  if (nodes === undefined || !NODES.test(nodes)) throw wrong('after the @ the name of a node, or a part of it and *');
  const startMs = START.parse(start);
  if (startMs === undefined) throw wrong(`after the + ${START.expected}`);
  const lengthMs = LENGTH.parse(length ?? USUAL_LENGTH[known]);
  if (lengthMs === undefined) throw wrong(`after the / ${LENGTH.expected}`);
  return { name: known, item, nodes, start: startMs, length: lengthMs };
}

export function appliesTo({ nodes }: Pick<Scenario, 'nodes'>, node: string): boolean {
  if (!nodes.includes('*')) return nodes === node;
  const literal = (part: string) => part.replaceAll('.', '\\.');
  return new RegExp(`^${nodes.split('*').map(literal).join('.*')}$`).test(node);
}
