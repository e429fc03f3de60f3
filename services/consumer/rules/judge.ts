/**
 * Judges rules on the stream: each event of a node against all rules, at the time of the event. Pure: what it answers
 * depends on the events it was given and on nothing else, so whoever is given the same events says the same.
 *
 * A node's past can be filled with events that another replica has judged, and its alerts restored as that one left them: then
 * judging goes on as if it had been here all the time.
 *
 * Events of a node come in the order of their partition. One that comes twice is recognised by `epoch` and `seq` as long
 * as few other runs of the producer stand between; what lies before that is the subscriber's to hold back.
 *
 * A run that goes on after another has begun means that two claim to be the node, or that somebody repeats what was. Between
 * two of them a counter would seem to have been reset, and to have counted in seconds what took it days; so its past begins anew.
 */
import { keyOf, type NodeEvent } from '#contract/event.ts';
import type { Change, EndReason, Transition } from '../alerts/transition.ts';
import {
  BUILT_IN_RULES,
  EVENTS_LATE,
  EVENTS_LOST,
  NODE_NEVER_HEARD,
  NODE_SILENT,
  nodeLabels,
  WATCHDOG,
} from './built-in.ts';
import { NodePast } from './engine/node-past.ts';
import type { VectorOperation } from './engine/operation.ts';
import { Program } from './engine/program.ts';
import { HistoryRoom } from './history-room.ts';
import { type Labels, recordOf, type Sample } from './labels.ts';
import { type Alert, type JudgedRule, judgedRule, type LeftAlert, type Moment, NodeAlerts } from './node-alerts.ts';
import type { NodeName } from './node-name.ts';
import { reachOf } from './promql/ast.ts';
import type { Rule } from './rule.ts';
import { Timeline } from './timeline.ts';

export const JUDGE_OVERFLOWS = ['history', 'alerts'] as const;
/** What there is no room for: the past of a series, an alert. */
export type JudgeOverflow = (typeof JUDGE_OVERFLOWS)[number];

export interface JudgeOptions {
  /** What every series of a node has as `job`. */
  readonly job?: string;
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

/** What is known of an event besides what it says. */
export interface Hearing {
  readonly partition: number;
  /** Whether it comes from a backlog, whosever. */
  readonly late?: boolean;
  /** How long its producer has kept it, if that is longer than usual; milliseconds. */
  readonly keptMs?: number;
}

/** An alert as it is now: annotations tell what the expression gave last. */
export interface ActiveAlert extends Omit<Transition, 'state' | 'time' | 'wasFiring' | 'reason' | 'evidence'> {
  readonly state: 'pending' | 'firing';
  /** Event time at which it fired, milliseconds; undefined while it is pending. */
  readonly firedAt: number | undefined;
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
  rules(): readonly Rule[];
  /** How far back any of them looks, milliseconds. */
  longestMs(): number;
  /**
   * Goes on with other rules: alerts of one that is not any more, or is another, end. The past is to be filled again.
   */
  follow(rules: readonly Rule[]): { readonly partition: number; readonly changes: readonly Change[] }[];
  /** What the event changes, in the order of the rules. */
  hear(event: NodeEvent, hearing: Hearing): Change[];
  /** The news of that alone, for whoever has a stream of events and nothing to keep. */
  judge(event: NodeEvent): Transition[];
  /** Takes an event that another replica has judged: it is part of the past. */
  remember(event: NodeEvent, partition: number, offset: number): void;
  /**
   * Begins to fill the past of a partition's nodes from before what is known. As long as that lasts, no rule is judged there that
   * looks back further than `reachMs`: what it would say of half a range, nobody means.
   */
  fill(partition: number, reachMs: number): Filling;
  /**
   * Goes on with an alert as another replica has left it. What has no rule here any more ends.
   * @param offset of the event by which it was left so, if that is known.
   */
  restore(left: LeftAlert & Pick<Change, 'rule' | 'interval'>, partition: number, offset: number | undefined): Change[];
  /** Events of a node are lost, which the next one shows. */
  lost(node: NodeName, partition: number, count: number): void;
  /** A node is silent, since an event time: that fires, and its other alerts end. Nothing if it is known to be. */
  silent(node: NodeName, partition: number, since: number): Change[];
  /** A node of the cluster has never been heard, and should have been since a time. Nothing if that is known. */
  neverHeard(node: NodeName, partition: number, since: number, now: number): Change[];
  /** The alert that always fires; nothing if it does. */
  watch(cluster: string, partition: number, now: number): Change[];
  /** A node that is not any more: its alerts end. */
  end(node: NodeName, reason: EndReason, now: number): Change[];
  /** Drops all that is known of partitions without a word: whoever has them now goes on. */
  drop(partitions: readonly number[]): void;
  /** Drops the alerts of partitions without a word, and none of what was heard: they are to be restored as another has left them. */
  dropAlerts(partitions: readonly number[]): void;
  /** Nodes that have alerts and have not been heard since those were restored or raised. */
  unheard(): Iterable<Unheard>;
  /** All pending and firing alerts. */
  active(): ActiveAlert[];
  /** The same, of one node if it is given, without what takes its time to work out. */
  lives(of?: NodeName): Iterable<Pick<ActiveAlert, 'alertname' | 'severity' | 'state' | 'cluster' | 'node'>>;
  stats(): JudgeStats;
}

export interface Filling {
  /** Takes an event, older than what is known and later than the last of its node. */
  add(event: NodeEvent): void;
  /** It is done, or given up. */
  end(): void;
}

export interface Unheard extends NodeName {
  readonly partition: number;
  /** Event time of what is known last, milliseconds. */
  readonly time: number;
  readonly interval: number | undefined;
  /** Which alert says so already. */
  readonly known: 'silent' | 'never heard' | undefined;
}

interface NodeState extends NodeName {
  partition: number;
  readonly timeline: Timeline;
  past: NodePast;
  /** By rule, of those that have any. */
  readonly alerts: Map<string, NodeAlerts>;
  /** Event time of the last event, or of what was restored, milliseconds. */
  time: number;
  interval: number | undefined;
  heard: boolean;
  /** Whether there are alerts that were restored and not judged yet. */
  restored: boolean;
  /** Since the last event was judged. */
  lost: number;
}

/** A rule with what it asks. */
interface QueryRule extends JudgedRule {
  readonly from: Rule;
  readonly compiled: VectorOperation;
  /** How far back it looks, milliseconds. */
  readonly reachMs: number;
}

export function createJudge(firstRules: readonly Rule[], options: JudgeOptions = {}): Judge {
  const { silence = () => 0, overflow = () => undefined, failed = () => undefined } = options;
  const limits = { ...DEFAULT_LIMITS, ...options };
  let { rules, program, judged, byId, longestMs } = compile(firstRules, options.job);
  const room = new HistoryRoom(limits.historyBytes);
  const nodes = new Map<string, NodeState>();
  /** By partition, how far back rules may look while the past is filled. */
  const filling = new Map<number, number>();
  let [alerts, crowded, repeated] = [0, 0, 0];

  function stateOf({ cluster, node }: NodeName, partition: number): NodeState {
    const key = keyOf({ cluster, node });
    const known = nodes.get(key);
    if (known !== undefined) {
      known.partition = partition;
      return known;
    }
    const past = new NodePast(program, { cluster, node }, limits, room);
    const nothing = { time: Number.NEGATIVE_INFINITY, interval: undefined, heard: false, restored: false, lost: 0 };
    const state = { cluster, node, partition, timeline: new Timeline(), past, alerts: new Map(), ...nothing };
    nodes.set(key, state);
    return state;
  }

  /** @returns the moment of the event, `undefined` if it has been taken before. */
  function add(state: NodeState, event: NodeEvent): number | undefined {
    const moment = state.timeline.advance(event);
    if (moment === undefined) {
      repeated++;
      return undefined;
    }
    if (state.timeline.back) state.past.clear();
    [state.time, state.interval, state.heard] = [event.time, event.interval, true];
    const before = room.seriesRefused + room.samplesLost;
    state.past.add(event, moment);
    const refused = room.seriesRefused + room.samplesLost - before;
    if (refused > 0) {
      overflow('history', refused);
      if (crowded++ % LOOK_FOR_SILENT_EVERY === 0) forgetSilent();
    }
    return moment;
  }

  /** Whoever has been silent for longer than any range would find nothing in its past that counts. */
  function forgetSilent(): void {
    for (const { cluster, node, past } of nodes.values()) {
      if (past.size > 0 && silence({ cluster, node }) > longestMs) past.clear();
    }
  }

  /** Gives a rule what its expression says. */
  function take(
    state: NodeState,
    rule: JudgedRule | QueryRule,
    samples: readonly Sample[] | undefined,
    at: Moment,
  ): readonly Change[] {
    const known = state.alerts.get(rule.id);
    if (samples?.length === 0 && known === undefined) return [];
    const ofRule = known ?? new NodeAlerts(rule, state);
    const before = ofRule.size;
    const free = Math.min(limits.alertsPerRuleAndNode, before + limits.alerts - alerts);
    const outcome = samples && ofRule.judge(samples, at, free);
    if (outcome === undefined) {
      if ('from' in rule) failed(rule.from);
      return [];
    }
    alerts += ofRule.size - before;
    if (outcome.refused > 0) overflow('alerts', outcome.refused);
    if (ofRule.size === 0) state.alerts.delete(rule.id);
    else state.alerts.set(rule.id, ofRule);
    return outcome.changes;
  }

  /** Ends the alerts of a rule, whatever their condition. */
  function endRule(state: NodeState, id: string, ofRule: NodeAlerts, reason: EndReason, at: Moment): Change[] {
    alerts -= ofRule.size;
    state.alerts.delete(id);
    return ofRule.end(reason, at);
  }

  function endAll(state: NodeState, reason: EndReason, at: Moment): Change[] {
    return [...state.alerts].flatMap(([id, ofRule]) => endRule(state, id, ofRule, reason, at));
  }

  function forget(key: string, state: NodeState): void {
    state.past.forget();
    for (const { size } of state.alerts.values()) alerts -= size;
    nodes.delete(key);
  }

  function hear(event: NodeEvent, { partition, late = false, keptMs = 0 }: Hearing): Change[] {
    const state = stateOf(event, partition);
    const moment = add(state, event);
    if (moment === undefined) return [];
    state.restored = false;
    const { time, interval } = event;
    const at: Moment = { time, moment, interval, late };
    const changes: Change[] = [];
    const reachMs = filling.get(partition) ?? Number.POSITIVE_INFINITY;
    for (const rule of judged) {
      if (rule.reachMs > reachMs) continue;
      const samples = state.past.evaluate(rule.compiled);
      if (samples?.length === 0 && state.alerts.size === 0) continue;
      changes.push(...take(state, rule, samples, at));
    }
    const { lost } = state;
    state.lost = 0;
    if (lost === 0 && keptMs === 0 && state.alerts.size === 0) return changes;
    for (const [rule, value] of [
      [NODE_SILENT, 0],
      [NODE_NEVER_HEARD, 0],
      [EVENTS_LOST, lost],
      [EVENTS_LATE, keptMs / 1000],
    ] as const) {
      changes.push(...take(state, rule, value > 0 ? [about(nodeLabels(event, program.job), value)] : [], at));
    }
    return changes;
  }

  return {
    rules: () => rules,
    longestMs: () => longestMs,
    follow(next) {
      ({ rules, program, judged, byId, longestMs } = compile(next, options.job));
      return [...nodes.values()].map((state) => {
        const { cluster, node, partition, timeline, time, interval } = state;
        state.past.forget();
        state.past = new NodePast(program, { cluster, node }, limits, room);
        const at = { time, moment: timeline.after(0) ?? time, interval, late: false };
        const changes: Change[] = [];
        for (const [id, ofRule] of state.alerts) {
          const rule = byId.get(id);
          if (rule !== undefined) ofRule.follow(rule);
          else changes.push(...endRule(state, id, ofRule, 'rule', at));
        }
        return { partition, changes };
      });
    },
    hear,
    judge(event) {
      const changes = hear(event, { partition: 0 });
      return changes.filter(({ news }) => news).map(({ transition }) => transition);
    },
    remember(event, partition, offset) {
      const state = stateOf(event, partition);
      add(state, event);
      if (!state.restored) return;
      for (const ofRule of state.alerts.values()) ofRule.shift(offset, state.timeline.shift);
    },
    fill(partition, reachMs) {
      filling.set(partition, reachMs);
      const pasts = new Map<NodeState, { readonly of: NodePast; readonly past: NodePast }>();
      return {
        add(event) {
          const state = nodes.get(keyOf(event));
          if (state === undefined || state.partition !== partition) return;
          const known = pasts.get(state) ?? { of: state.past, past: state.past.older() };
          pasts.set(state, known);
          known.past.addOlder(event);
        },
        end() {
          filling.delete(partition);
          for (const [state, { of, past }] of pasts) {
            if (state.past === of) of.prepend(past);
            else past.forget();
          }
        },
      };
    },
    restore(left, partition, offset) {
      const { transition, interval } = left;
      if (transition.state === 'resolved') return [];
      const state = stateOf(transition, partition);
      state.time = Math.max(state.time, transition.time);
      state.interval ??= interval;
      state.restored = true;
      const rule = byId.get(left.rule);
      const ofRule = state.alerts.get(left.rule) ?? new NodeAlerts(rule ?? removedRule(left), state);
      if (ofRule.restore(left, offset)) alerts++;
      state.alerts.set(left.rule, ofRule);
      if (rule !== undefined) return [];
      const { time } = transition;
      return endRule(state, left.rule, ofRule, 'rule', { time, moment: time, interval, late: false });
    },
    lost(node, partition, count) {
      stateOf(node, partition).lost += count;
    },
    silent(node, partition, since) {
      const state = stateOf(node, partition);
      if (state.alerts.has(NODE_SILENT.id)) return [];
      const spanMs = Number.isFinite(state.time) ? since - state.time : 0;
      const { interval } = state;
      const at = { time: since, moment: state.timeline.after(spanMs) ?? since, interval, late: false };
      const ended = endAll(state, 'stale', at);
      return [...ended, ...take(state, NODE_SILENT, [about(nodeLabels(node, program.job), spanMs / 1000)], at)];
    },
    neverHeard(node, partition, since, now) {
      const state = stateOf(node, partition);
      if (state.alerts.size > 0) return [];
      state.time = now;
      const at = { time: now, since, moment: now, interval: undefined, late: false };
      return [...take(state, NODE_NEVER_HEARD, [about(nodeLabels(node, program.job), (now - since) / 1000)], at)];
    },
    watch(cluster, partition, now) {
      const state = stateOf({ cluster, node: '' }, partition);
      if (state.alerts.has(WATCHDOG.id)) return [];
      // It has no beginning that replicas could agree on: it always fires.
      const at = { time: now, since: 0, moment: now, interval: undefined, late: false };
      return [...take(state, WATCHDOG, [about(['cluster', cluster], 1)], at)];
    },
    end(name, reason, now) {
      const key = keyOf(name);
      const state = nodes.get(key);
      if (state === undefined) return [];
      const { timeline, interval, heard, time } = state;
      const moment = timeline.after(now - time) ?? now;
      const ended = endAll(state, reason, { time: heard ? Math.max(now, time) : now, moment, interval, late: false });
      forget(key, state);
      return ended;
    },
    drop(partitions) {
      for (const partition of partitions) filling.delete(partition);
      for (const [key, state] of nodes) if (partitions.includes(state.partition)) forget(key, state);
    },
    dropAlerts(partitions) {
      for (const state of nodes.values()) {
        if (!partitions.includes(state.partition)) continue;
        for (const { size } of state.alerts.values()) alerts -= size;
        state.alerts.clear();
      }
    },
    *unheard() {
      for (const { cluster, node, partition, time, interval, heard, alerts } of nodes.values()) {
        if (heard || node === '' || alerts.size === 0) continue;
        const silent = alerts.has(NODE_SILENT.id) ? 'silent' : undefined;
        const known = alerts.has(NODE_NEVER_HEARD.id) ? 'never heard' : silent;
        yield { cluster, node, partition, time, interval, known };
      }
    },
    active() {
      return [...nodes.values()].flatMap((state) =>
        [...state.alerts.values()].flatMap((alerts) => [...alerts].map((alert) => activeAlert(alert, alerts, state))),
      );
    },
    *lives(of) {
      for (const state of of === undefined ? nodes.values() : [nodes.get(keyOf(of))]) {
        if (state === undefined) continue;
        const { cluster, node, alerts } = state;
        for (const ofRule of alerts.values()) {
          for (const alert of ofRule) {
            const { alertname, severity } = alert;
            yield { alertname, severity, state: stateOfAlert(alert), cluster, node };
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

/** Rules as they are judged, and what they read of the past. */
function compile(rules: readonly Rule[], job: string | undefined) {
  const program = new Program(
    rules.map(({ query }) => query),
    job,
  );
  const judged = rules.map((rule, i): QueryRule => {
    return {
      ...judgedRule(rule),
      from: rule,
      compiled: program.rules[i] as VectorOperation,
      reachMs: reachOf(rule.query),
    };
  });
  const byId = new Map<string, JudgedRule>([...judged, ...BUILT_IN_RULES].map((rule) => [rule.id, rule]));
  return { rules, program, judged, byId, longestMs: Math.max(0, ...rules.map(({ query }) => reachOf(query))) };
}

function about(labels: Labels, value: number): Sample {
  return { name: undefined, labels, value };
}

/** Of an alert whose rule is not here, with what its last words say of it. */
function removedRule({ rule: id, transition }: LeftAlert & Pick<Change, 'rule'>): JudgedRule {
  const { evidence, alertname: alert } = transition;
  const { group, expr, forMs, keepFiringForMs } = evidence;
  return { id, rule: { group, alert, expr, forMs, keepFiringForMs, labels: [], annotations: [] }, evidence };
}

function activeAlert(alert: Alert, alerts: NodeAlerts, { cluster, node }: NodeState): ActiveAlert {
  const { id: alertId, alertname, severity, since, value, firedAt, late } = alert;
  const state = stateOfAlert(alert);
  const [labels, annotations] = [recordOf(alert.labels), alerts.annotationsOf(alert)];
  return { alertId, alertname, severity, state, cluster, node, since, firedAt, value, late, labels, annotations };
}

function stateOfAlert({ life }: Alert): ActiveAlert['state'] {
  return life.phase === 'firing' ? 'firing' : 'pending';
}
