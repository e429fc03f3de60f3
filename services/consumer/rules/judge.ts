/**
 * Judges rules on the stream: each event of a node against all rules, at the time of the event. Pure: what it answers
 * depends on the events it was given and on nothing else, so whoever is given the same events says the same.
 *
 * Events of a node come in the order of their partition. One that comes twice is recognised by `epoch` and `seq` as long
 * as few other runs of the producer stand between; what lies before that is the subscriber's to hold back.
 *
 * A run that goes on after another has begun means that two claim to be the node, or that somebody repeats what was. Between
 * two of them a counter would seem to have been reset, and to have counted in seconds what took it days; so its past begins anew.
 */
import { keyOf, type NodeEvent } from '#contract/event.ts';
import type { Transition } from '../alerts/transition.ts';
import { NodePast } from './engine/node-past.ts';
import { type CompiledRule, Program } from './engine/program.ts';
import { HistoryRoom } from './history-room.ts';
import { recordOf } from './labels.ts';
import { type Alert, type JudgedRule, judgedRule, NodeAlerts } from './node-alerts.ts';
import type { NodeName } from './node-name.ts';
import { reachOf } from './promql/ast.ts';
import type { Rule } from './rule.ts';
import { Timeline } from './timeline.ts';

export type { Transition };

export const JUDGE_OVERFLOWS = ['history', 'alerts'] as const;
/** What there is no room for: the past of a series, an alert. */
export type JudgeOverflow = (typeof JUDGE_OVERFLOWS)[number];

export interface JudgeOptions {
  /** What the past of all nodes may take in memory. */
  readonly historyBytes?: number;
  /** Series of one node that keep a past. */
  readonly seriesPerNode?: number;
  /** Samples of one such series. */
  readonly samplesPerSeries?: number;
  /** Pending and firing alerts of one rule on one node. */
  readonly alertsPerRuleAndNode?: number;
  /** Pending and firing alerts of all rules on all nodes. */
  readonly alerts?: number;
  /** How long a node has been silent, in milliseconds. When there is no room, the past of the silent makes some. */
  readonly silence?: (node: NodeName) => number;
  readonly overflow?: (reason: JudgeOverflow, count: number) => void;
  /** A rule could not be judged: two of its alerts would have the same labels. */
  readonly failed?: (rule: Rule) => void;
}

/**
 * Far above what a large machine has (hundreds of series), far below what a broken or hostile one could send. Some 80 series with
 * ranges of minutes, and a few with ranges of hours, take 40 kB of a node at an event in 15 s, 60 kB at one in 5 s; samples are those
 * of a day at one in 5 s. An alert takes 1 kB.
 */
export const DEFAULT_LIMITS = {
  historyBytes: 96 * 2 ** 20,
  seriesPerNode: 5000,
  samplesPerSeries: 18_000,
  alertsPerRuleAndNode: 1000,
  alerts: 20_000,
};
/** So many events that found no room pass between two looks for who is silent. */
const LOOK_FOR_SILENT_EVERY = 1000;

/** An alert as it is now: annotations tell what the expression gave last. */
export interface ActiveAlert extends Omit<Transition, 'state' | 'time' | 'wasFiring' | 'evidence'> {
  readonly state: 'pending' | 'firing';
}

export interface JudgeStats {
  readonly nodes: number;
  /** Series that keep a past, of all nodes. */
  readonly series: number;
  /** What that takes in memory, as it is reckoned for `historyBytes`. */
  readonly historyBytes: number;
  /** Events that had been judged before. */
  readonly repeated: number;
}

export interface Judge {
  readonly rules: readonly Rule[];
  /** What the event changes, in the order of the rules. */
  judge(event: NodeEvent): Transition[];
  /** Drops all that is known of a node without a word: its partition moved, whoever has it now goes on. */
  forget(cluster: string, node: string): void;
  /** All pending and firing alerts. */
  active(): ActiveAlert[];
  /** The same, without what takes its time to work out. */
  lives(): Iterable<Pick<ActiveAlert, 'alertname' | 'severity' | 'state'>>;
  stats(): JudgeStats;
}

interface NodeState {
  readonly cluster: string;
  readonly node: string;
  readonly timeline: Timeline;
  readonly past: NodePast;
  /** Of the rules that have any. */
  readonly alerts: Map<JudgedRule, NodeAlerts>;
}

export function createJudge(rules: readonly Rule[], options: JudgeOptions = {}): Judge {
  const { silence = () => 0, overflow = () => undefined, failed = () => undefined } = options;
  const limits = { ...DEFAULT_LIMITS, ...options };
  const judged = rules.map(judgedRule);
  const program = new Program(rules.map(({ query }) => query));
  const longestMs = Math.max(0, ...rules.map(({ query }) => reachOf(query)));
  const room = new HistoryRoom(limits.historyBytes);
  const nodes = new Map<string, NodeState>();
  let [alerts, crowded, repeated] = [0, 0, 0];

  function stateOf(event: NodeEvent): NodeState {
    const key = keyOf(event);
    const known = nodes.get(key);
    if (known !== undefined) return known;
    const { cluster, node } = event;
    const past = new NodePast(program, event, limits, room);
    const state = { cluster, node, timeline: new Timeline(), past, alerts: new Map() };
    nodes.set(key, state);
    return state;
  }

  function remember({ past }: NodeState, event: NodeEvent, moment: number): void {
    const before = room.seriesRefused + room.samplesLost;
    past.add(event, moment);
    const refused = room.seriesRefused + room.samplesLost - before;
    if (refused === 0) return;
    overflow('history', refused);
    if (crowded++ % LOOK_FOR_SILENT_EVERY === 0) forgetSilent();
  }

  /** Whoever has been silent for longer than any range would find nothing in its past that counts. */
  function forgetSilent(): void {
    for (const { cluster, node, past } of nodes.values()) {
      if (past.size > 0 && silence({ cluster, node }) > longestMs) past.clear();
    }
  }

  return {
    rules,
    judge(event) {
      const state = stateOf(event);
      const moment = state.timeline.advance(event);
      if (moment === undefined) {
        repeated++;
        return [];
      }
      if (state.timeline.back) state.past.clear();
      remember(state, event, moment);
      const transitions: Transition[] = [];
      for (let i = 0; i < judged.length; i++) {
        const rule = judged[i] as JudgedRule;
        const samples = state.past.evaluate(program.rules[i] as CompiledRule);
        const known = state.alerts.size === 0 ? undefined : state.alerts.get(rule);
        if (samples?.length === 0 && known === undefined) continue;
        const ofRule = known ?? new NodeAlerts(rule);
        const before = ofRule.size;
        const free = Math.min(limits.alertsPerRuleAndNode, before + limits.alerts - alerts);
        const outcome = samples && ofRule.judge(samples, event, moment, free);
        if (outcome === undefined) failed(rule.rule);
        else {
          alerts += ofRule.size - before;
          if (outcome.refused > 0) overflow('alerts', outcome.refused);
          transitions.push(...outcome.transitions);
        }
        if (ofRule.size === 0) state.alerts.delete(rule);
        else state.alerts.set(rule, ofRule);
      }
      return transitions;
    },
    forget(cluster, node) {
      const key = keyOf({ cluster, node });
      const state = nodes.get(key);
      if (state === undefined) return;
      state.past.forget();
      for (const { size } of state.alerts.values()) alerts -= size;
      nodes.delete(key);
    },
    active() {
      return [...nodes.values()].flatMap((state) =>
        [...state.alerts.values()].flatMap((alerts) => [...alerts].map((alert) => activeAlert(alert, alerts, state))),
      );
    },
    *lives() {
      for (const state of nodes.values()) {
        for (const alerts of state.alerts.values()) {
          for (const alert of alerts) {
            const { alertname, severity } = alert;
            yield { alertname, severity, state: stateOfAlert(alert) };
          }
        }
      }
    },
    stats() {
      let series = 0;
      for (const { past } of nodes.values()) series += past.size;
      return { nodes: nodes.size, series, historyBytes: room.bytes, repeated };
    },
  };
}

function activeAlert(alert: Alert, alerts: NodeAlerts, { cluster, node }: NodeState): ActiveAlert {
  const { id: alertId, alertname, severity, since, sample } = alert;
  const state = stateOfAlert(alert);
  const [labels, annotations] = [recordOf(alert.labels), alerts.annotationsOf(alert)];
  return { alertId, alertname, severity, state, cluster, node, since, value: sample.value, labels, annotations };
}

function stateOfAlert({ life }: Alert): ActiveAlert['state'] {
  return life.phase === 'firing' ? 'firing' : 'pending';
}
