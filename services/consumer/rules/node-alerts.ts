/** The alerts of one rule on one node: their lives, and what is told and kept of them. */
import { INACTIVE, type Life, step } from '../alerts/life.ts';
import {
  type AlertState,
  alertIdOf,
  type Change,
  DEFAULT_SEVERITY,
  type EndReason,
  type Evidence,
  type Transition,
} from '../alerts/transition.ts';
import { identifyLabels, type Labels, labelOf, overrideLabels, recordOf, type Sample } from './labels.ts';
import type { NodeName } from './node-name.ts';
import { type Rule, type RuleText, ruleIdOf, type Templates, thresholdOf, windowOf } from './rule.ts';
import type { Scope } from './template-call.ts';

/** A rule and what every alert of it shares. */
export interface JudgedRule {
  readonly id: string;
  readonly rule: RuleText;
  readonly evidence: Evidence;
}

/** When something is judged. */
export interface Moment {
  /** Event time, milliseconds. */
  readonly time: number;
  /** When what begins now began, where that is known better, and to each replica alike. */
  readonly since?: number;
  /** The same by the node's timeline, which never goes back. */
  readonly moment: number;
  /** How often the node is heard, milliseconds. */
  readonly interval: number | undefined;
  readonly late: boolean;
}

export function judgedRule(rule: Rule): JudgedRule {
  const { group, expr, forMs, keepFiringForMs, query } = rule;
  const evidence = { group, expr, forMs, keepFiringForMs, windowMs: windowOf(query), threshold: thresholdOf(query) };
  return { id: ruleIdOf(rule), rule, evidence };
}

export interface Alert {
  readonly id: string;
  readonly alertname: string;
  readonly labels: Labels;
  readonly severity: string;
  readonly since: number;
  life: Life;
  /** Event time. */
  firedAt: number | undefined;
  /** What the expression gave last. */
  value: number;
  /** The same with its series; undefined as long as that is only known from another replica's words. */
  sample: Sample | undefined;
  annotations: Readonly<Record<string, string>>;
  /** Whether it was judged last from a backlog. */
  late: boolean;
  /** The offset of the event by which another replica has left it as it was restored. */
  readonly leftAt: number | undefined;
}

/** An alert as another replica has left it. */
export type LeftAlert = Omit<Change, 'news' | 'rule' | 'interval'>;

export class NodeAlerts {
  #judged: JudgedRule;
  readonly #node: NodeName;
  readonly #alerts = new Map<string, Alert>();

  constructor(judged: JudgedRule, node: NodeName) {
    this.#judged = judged;
    this.#node = node;
  }

  get size(): number {
    return this.#alerts.size;
  }

  [Symbol.iterator](): Iterator<Alert> {
    return this.#alerts.values();
  }

  /**
   * Takes what the expression gave at a moment. `undefined` if two of its series end up with the same labels: as in
   * Prometheus nothing is judged then, and nothing changes.
   * @param room how many alerts may be added; those beyond it are counted in `refused`.
   */
  judge(
    samples: readonly Sample[],
    at: Moment,
    room: number,
  ): { readonly changes: readonly Change[]; readonly refused: number } | undefined {
    const held = new Map<string, Sample>();
    for (const sample of samples) {
      const key = identifyLabels(this.#labelsOf(sample));
      if (held.has(key)) return undefined;
      held.set(key, sample);
    }
    let refused = 0;
    for (const [key, sample] of held) {
      const known = this.#alerts.get(key);
      if (known !== undefined) [known.sample, known.value] = [sample, sample.value];
      else if (room > this.#alerts.size) this.#alerts.set(key, this.#begin(sample, at));
      else refused++;
    }
    const changes: Change[] = [];
    for (const [key, alert] of this.#alerts) {
      const before = alert.life;
      alert.life = step(before, held.has(key), at.moment, this.#judged.rule);
      alert.late = at.late;
      const change = this.#compare(key, alert, before, at);
      if (change !== undefined) changes.push(change);
    }
    return { changes, refused };
  }

  /** Ends all of them, whatever their condition. */
  end(reason: EndReason, at: Moment): Change[] {
    const alerts = [...this.#alerts.values()];
    this.#alerts.clear();
    return alerts.map((alert) => this.#change(alert, 'resolved', alert.life.phase === 'firing', at, reason));
  }

  /** Goes on with an alert as another replica has left it. @returns whether it is another than before. */
  restore({ transition, activeAt, firedAt, coolingSince }: LeftAlert, leftAt: number | undefined): boolean {
    const { alertId: id, alertname, severity, since, value, annotations, late, state } = transition;
    if (state === 'resolved') return false;
    const labels = Object.entries(transition.labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flat();
    const life: Life = { phase: state, activeAt, coolingSince };
    const key = identifyLabels(labels);
    const known = this.#alerts.has(key);
    const sample = undefined;
    this.#alerts.set(key, {
      id,
      alertname,
      labels,
      severity,
      since,
      life,
      firedAt,
      value,
      sample,
      annotations,
      late,
      leftAt,
    });
    return !known;
  }

  /** At an event which the last owner had judged, moments were so much later than event times: so they are for what it left then. */
  shift(offset: number, ms: number): void {
    for (const alert of this.#alerts.values()) {
      if (alert.leftAt !== offset) continue;
      const { phase, activeAt, coolingSince } = alert.life;
      alert.life = { phase, activeAt: activeAt + ms, coolingSince: coolingSince && coolingSince + ms };
    }
  }

  /** The rule in other words: the same rule, told about otherwise, or with other times. */
  follow(judged: JudgedRule): void {
    this.#judged = judged;
  }

  /** Of what the expression gave last. */
  annotationsOf({ sample, annotations }: Alert): Readonly<Record<string, string>> {
    if (sample === undefined) return annotations;
    return Object.fromEntries(expand(this.#judged.rule.annotations, scopeOf(sample)));
  }

  #begin(sample: Sample, { time, since = time, late }: Moment): Alert {
    const { group, alert: alertname, expr } = this.#judged.rule;
    const { cluster, node } = this.#node;
    const labels = this.#labelsOf(sample);
    const id = alertIdOf({ cluster, node, group, alertname, expr, labels, since });
    const severity = labelOf(labels, 'severity') || DEFAULT_SEVERITY;
    const { value } = sample;
    const [life, firedAt, annotations, leftAt] = [INACTIVE, undefined, {}, undefined];
    return { id, alertname, labels, severity, since, life, firedAt, value, sample, annotations, late, leftAt };
  }

  /** The series' labels, over them the rule's, over them the alert's name. */
  #labelsOf(sample: Sample): Labels {
    const { rule } = this.#judged;
    return overrideLabels(sample.labels, [...expand(rule.labels, scopeOf(sample)), ['alertname', rule.alert]]);
  }

  #compare(key: string, alert: Alert, before: Life, at: Moment): Change | undefined {
    const { phase, coolingSince } = alert.life;
    if (phase === before.phase) {
      if (coolingSince === before.coolingSince) return undefined;
      return { ...this.#change(alert, 'firing', true, at), news: false };
    }
    if (phase === 'inactive') {
      this.#alerts.delete(key);
      return this.#change(alert, 'resolved', before.phase === 'firing', at);
    }
    if (phase === 'firing') alert.firedAt = at.time;
    return this.#change(alert, phase, phase === 'firing', at);
  }

  #change(alert: Alert, state: AlertState, wasFiring: boolean, at: Moment, reason?: EndReason): Change {
    const { life, firedAt } = alert;
    // In the time of events: what is kept is read where the timeline begins anew.
    const shift = at.moment - at.time;
    const inEvents = (moment: number | undefined) => (moment === undefined ? undefined : moment - shift);
    const activeAt = life.activeAt - shift;
    const { id: rule } = this.#judged;
    const transition = this.#transition(alert, state, wasFiring, at, reason);
    const coolingSince = inEvents(life.coolingSince);
    return { transition, news: true, rule, activeAt, firedAt, coolingSince, interval: at.interval };
  }

  #transition(
    alert: Alert,
    state: AlertState,
    wasFiring: boolean,
    { time, late }: Moment,
    reason: EndReason | undefined,
  ): Transition {
    const { id: alertId, alertname, severity, since, value } = alert;
    const { cluster, node } = this.#node;
    const { evidence } = this.#judged;
    const [labels, annotations] = [recordOf(alert.labels), this.annotationsOf(alert)];
    return {
      ...{ alertId, alertname, state, cluster, node, severity, since, time, value },
      ...{ wasFiring, reason, late, labels, annotations, evidence },
    };
  }
}

function expand(templates: Templates, scope: Scope): (readonly [string, string])[] {
  return templates.map(([name, { constant, expand }]) => [name, constant ?? expand(scope)]);
}

function scopeOf({ name, labels, value }: Sample): Scope {
  return {
    value,
    label: (label) => (label === '__name__' ? (name ?? '') : labelOf(labels, label)),
    labels: () => [...(name === undefined ? [] : [['__name__', name] as const]), ...Object.entries(recordOf(labels))],
  };
}
