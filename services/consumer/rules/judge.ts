/**
 * Judges rules on the stream: each event of a node against all rules, at the time of the event. Pure: what it answers
 * depends on the events it was given and on nothing else, so whoever is given the same events says the same.
 *
 * Events of a node come in the order of their partition. One that comes twice is recognised by `epoch` and `seq` as long
 * as no other run of the producer stands between; what lies before that is the subscriber's to hold back.
 */
import { keyOf, type NodeEvent } from '#contract/event.ts';
import type { Transition } from '../alerts/transition.ts';
import { type HistoryLosses, NodeHistory, planHistory } from './history.ts';
import { recordOf, type Sample } from './labels.ts';
import { type Alert, type JudgedRule, judgedRule, NodeAlerts } from './node-alerts.ts';
import { ratesOf } from './promql/ast.ts';
import { evaluate, type Source } from './promql/evaluate.ts';
import type { Rule } from './rule.ts';
import { samplesOf } from './series.ts';
import { Timeline } from './timeline.ts';

export type { Transition };

export interface JudgeOptions {
  /** Series of one node that keep a past. */
  readonly seriesPerNode?: number;
  /** Samples of one such series. */
  readonly samplesPerSeries?: number;
  /** Pending and firing alerts of one rule on one node. */
  readonly alertsPerRuleAndNode?: number;
}

/** Far above what a large machine has (hundreds of series), far below what a broken or hostile one could send. */
const LIMITS = { seriesPerNode: 5000, samplesPerSeries: 4096, alertsPerRuleAndNode: 1000 };

/** An alert as it is now: annotations tell what the expression gave last. */
export interface ActiveAlert extends Omit<Transition, 'state' | 'time' | 'wasFiring' | 'evidence'> {
  readonly state: 'pending' | 'firing';
}

export interface JudgeStats {
  readonly nodes: number;
  /** Series that keep a past, of all nodes. */
  readonly series: number;
  /** Times that a series had no room for its past: `seriesPerNode`. */
  readonly seriesRefused: number;
  /** Samples forgotten although a range still covers them: `samplesPerSeries`. */
  readonly samplesLost: number;
  /** Times that an alert had no room: `alertsPerRuleAndNode`. */
  readonly alertsRefused: number;
  /** Times that a rule could not be judged, because two of its alerts would have the same labels. */
  readonly failures: number;
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
  stats(): JudgeStats;
}

interface NodeState {
  readonly cluster: string;
  readonly node: string;
  readonly timeline: Timeline;
  readonly history: NodeHistory;
  /** Of the rules that have any. */
  readonly alerts: Map<JudgedRule, NodeAlerts>;
}

export function createJudge(rules: readonly Rule[], options: JudgeOptions = {}): Judge {
  const limits = { ...LIMITS, ...options };
  const judged = rules.map(judgedRule);
  const plan = planHistory(rules.flatMap((rule) => ratesOf(rule.query)));
  const losses: HistoryLosses = { series: 0, samples: 0 };
  const nodes = new Map<string, NodeState>();
  let [alertsRefused, failures, repeated] = [0, 0, 0];

  function stateOf(event: NodeEvent): NodeState {
    const key = keyOf(event);
    const known = nodes.get(key);
    if (known !== undefined) return known;
    const history = new NodeHistory(plan, limits, losses);
    const { cluster, node } = event;
    const state = { cluster, node, timeline: new Timeline(), history, alerts: new Map() };
    nodes.set(key, state);
    return state;
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
      state.history.add(event.metrics, event, moment);
      const source = sourceOf(event, moment, state.history);
      const transitions: Transition[] = [];
      for (const rule of judged) {
        const samples = evaluate(rule.rule.query, source);
        const known = state.alerts.get(rule);
        if (samples.length === 0 && known === undefined) continue;
        const alerts = known ?? new NodeAlerts(rule);
        const outcome = alerts.judge(samples, event, moment, limits.alertsPerRuleAndNode);
        if (outcome === undefined) failures++;
        else {
          alertsRefused += outcome.refused;
          transitions.push(...outcome.transitions);
        }
        if (alerts.size === 0) state.alerts.delete(rule);
        else state.alerts.set(rule, alerts);
      }
      return transitions;
    },
    forget(cluster, node) {
      nodes.delete(keyOf({ cluster, node }));
    },
    active() {
      return [...nodes.values()].flatMap((state) =>
        [...state.alerts.values()].flatMap((alerts) => [...alerts].map((alert) => activeAlert(alert, alerts, state))),
      );
    },
    stats() {
      let series = 0;
      for (const { history } of nodes.values()) series += history.size;
      const { series: seriesRefused, samples: samplesLost } = losses;
      return { nodes: nodes.size, series, seriesRefused, samplesLost, alertsRefused, failures, repeated };
    },
  };
}

/** The event as expressions see it. Rules of two severities read the same series, so what was selected is kept. */
function sourceOf(event: NodeEvent, time: number, history: NodeHistory): Source {
  const selected = new Map<string, readonly Sample[]>();
  return {
    time,
    samples(selector) {
      const known = selected.get(selector.id);
      if (known !== undefined) return known;
      const samples = samplesOf(selector, event.metrics, event);
      selected.set(selector.id, samples);
      return samples;
    },
    history: (rate) => history.read(rate),
  };
}

function activeAlert(alert: Alert, alerts: NodeAlerts, { cluster, node }: NodeState): ActiveAlert {
  const { id: alertId, alertname, severity, since, sample, life } = alert;
  const state = life.phase === 'firing' ? 'firing' : 'pending';
  const [labels, annotations] = [recordOf(alert.labels), alerts.annotationsOf(alert)];
  return { alertId, alertname, severity, state, cluster, node, since, value: sample.value, labels, annotations };
}
