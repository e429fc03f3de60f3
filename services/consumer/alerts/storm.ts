/**
 * A storm: many nodes, one rule, one minute. What the first few nodes have to say is told as ever; what the others say becomes
 * one line at the end of the minute, with the count. Nothing else is left out: every alert is on the topic, in `/metrics` and
 * in Alertmanager.
 */
import type { Transition } from './transition.ts';

/** So many nodes of a rule are told one by one within a minute. */
const NODES_TOLD = 10;
const MINUTE_MS = 60_000;
/** So many names stand in the line. */
const NAMES = 20;

/** Transitions of one kind that are told together. */
export interface Grouped extends Pick<Transition, 'alertname' | 'severity' | 'state' | 'cluster'> {
  readonly count: number;
  /** Some of them. */
  readonly nodes: readonly string[];
  /** Event times of the first and the last, milliseconds. */
  readonly from: number;
  readonly to: number;
}

interface Minute {
  readonly begun: number;
  readonly told: Set<string>;
  grouped: Grouped | undefined;
}

export class Storms {
  readonly #minutes = new Map<string, Minute>();

  /** @returns whether it is to be told by itself. @param now milliseconds by a clock that nobody sets. */
  admit(transition: Transition, now: number): boolean {
    const { alertname, severity, state, cluster, node, time } = transition;
    const key = JSON.stringify([cluster, alertname, severity, state]);
    const minute = this.#minutes.get(key) ?? { begun: now, told: new Set(), grouped: undefined };
    this.#minutes.set(key, minute);
    if (minute.told.has(node)) return true;
    if (minute.told.size < NODES_TOLD) {
      minute.told.add(node);
      return true;
    }
    const none: Pick<Grouped, 'count' | 'nodes' | 'from' | 'to'> = { count: 0, nodes: [], from: time, to: time };
    const { count, nodes, from, to } = minute.grouped ?? none;
    minute.grouped = {
      ...{ alertname, severity, state, cluster, count: count + 1 },
      nodes: nodes.length < NAMES && !nodes.includes(node) ? [...nodes, node] : nodes,
      ...{ from: Math.min(from, time), to: Math.max(to, time) },
    };
    return false;
  }

  /** The minutes that are over, or all of them: what is to be told together. */
  end(now = Number.POSITIVE_INFINITY): Grouped[] {
    const over: Grouped[] = [];
    for (const [key, { begun, grouped }] of this.#minutes) {
      if (now - begun < MINUTE_MS) continue;
      this.#minutes.delete(key);
      if (grouped !== undefined) over.push(grouped);
    }
    return over;
  }
}
