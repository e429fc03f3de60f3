/** A simulated fleet before the default rules: which alerts fire, when, and when they end. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { NodeEvent } from '#contract/event.ts';
import { createJudge } from '../services/consumer/rules/judge.ts';
import { parseRuleFile } from '../services/consumer/rules/rule-file.ts';
import { DEFAULT_RULES } from '../services/consumer/settings.ts';
import { type FleetOptions, simulateFleet } from '../services/producer/simulation/fleet.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** A Wednesday. */
export const START = Date.UTC(2026, 0, 7);

const text = readFileSync(DEFAULT_RULES, 'utf8');
const { rules, refused } = parseRuleFile(text, DEFAULT_RULES);
assert.deepEqual(refused, []);
/** What rules read, and what tells the kinds of node apart. The rest takes most of the time. */
const METRICS = new Set([
  ...(text.match(/\bnode_\w+/g) ?? []),
  'node_memory_SwapTotal_bytes',
  'node_hwmon_temp_celsius',
]);

/** The alerts of the default rules, with their severities: `CpuBusy warning`. */
export const ALERTS: ReadonlySet<string> = new Set(
  rules.map(({ alert, labels }) => `${alert} ${labels.find(([name]) => name === 'severity')?.[1].constant}`),
);

/** An alert from when it fires to when it is resolved, in milliseconds since the fleet began. */
export interface Life {
  readonly node: string;
  /** As in `ALERTS`. */
  readonly alert: string;
  /** What tells it from others of its node and rule. */
  readonly labels: string;
  readonly fired: number;
  readonly resolved: number | undefined;
}

export interface Watched {
  readonly lives: readonly Life[];
  /** The first event of each node. */
  readonly nodes: ReadonlyMap<string, NodeEvent>;
}

/** @param forMs how long it is watched, in its own time. */
export function watchFleet(options: Omit<FleetOptions, 'cluster' | 'metrics'>, forMs: number): Watched {
  const refuse = (what: unknown) => assert.fail(`refused: ${what}`);
  const judge = createJudge(rules, { overflow: refuse, failed: refuse });
  const lives = new Map<string, Life>();
  const nodes = new Map<string, NodeEvent>();
  for (const event of simulateFleet({ ...options, cluster: 'c', metrics: METRICS })) {
    if (event.time >= options.from + forMs) break;
    if (!nodes.has(event.node)) nodes.set(event.node, event);
    for (const { alertId, node, alertname, severity, labels, state, time, wasFiring } of judge.judge(event)) {
      const alert = `${alertname} ${severity}`;
      const at = time - options.from;
      const life = lives.get(alertId);
      if (state === 'firing') {
        lives.set(alertId, { node, alert, labels: JSON.stringify(labels), fired: at, resolved: undefined });
      } else if (state === 'resolved' && wasFiring && life !== undefined) lives.set(alertId, { ...life, resolved: at });
    }
  }
  return { lives: [...lives.values()], nodes };
}
