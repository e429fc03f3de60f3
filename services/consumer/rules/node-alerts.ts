/** The alerts of one rule on one node: their lives, and what is told of them. */
import type { NodeEvent } from '#contract/event.ts';
import { INACTIVE, type Life, step } from '../alerts/life.ts';
import { type AlertState, alertIdOf, DEFAULT_SEVERITY, type Evidence, type Transition } from '../alerts/transition.ts';
import { identifyLabels, type Labels, labelOf, overrideLabels, recordOf, type Sample } from './labels.ts';
import { type Rule, type Templates, thresholdOf, windowOf } from './rule.ts';
import type { Scope } from './template-call.ts';

/** A rule and what every alert of it shares. */
export interface JudgedRule {
  readonly rule: Rule;
  readonly evidence: Evidence;
}

export function judgedRule(rule: Rule): JudgedRule {
  const { group, expr, forMs, keepFiringForMs, query } = rule;
  const evidence = { group, expr, forMs, keepFiringForMs, windowMs: windowOf(query), threshold: thresholdOf(query) };
  return { rule, evidence };
}

export interface Alert {
  readonly id: string;
  readonly alertname: string;
  readonly labels: Labels;
  readonly severity: string;
  readonly since: number;
  life: Life;
  /** What the expression gave last. */
  sample: Sample;
}

export class NodeAlerts {
  readonly #judged: JudgedRule;
  readonly #alerts = new Map<string, Alert>();

  constructor(judged: JudgedRule) {
    this.#judged = judged;
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
    event: NodeEvent,
    moment: number,
    room: number,
  ): { readonly transitions: readonly Transition[]; readonly refused: number } | undefined {
    const { rule } = this.#judged;
    const held = new Map<string, Sample>();
    for (const sample of samples) {
      const key = identifyLabels(this.#labelsOf(sample));
      if (held.has(key)) return undefined;
      held.set(key, sample);
    }
    const transitions: Transition[] = [];
    let refused = 0;
    for (const [key, sample] of held) {
      const known = this.#alerts.get(key);
      if (known !== undefined) known.sample = sample;
      else if (room > this.#alerts.size) this.#alerts.set(key, this.#begin(sample, event));
      else refused++;
    }
    for (const [key, alert] of this.#alerts) {
      const before = alert.life.phase;
      alert.life = step(alert.life, held.has(key), moment, rule);
      const { phase } = alert.life;
      if (phase === 'inactive') this.#alerts.delete(key);
      if (phase === before) continue;
      const wasFiring = phase === 'firing' || before === 'firing';
      transitions.push(this.#tell(alert, phase === 'inactive' ? 'resolved' : phase, wasFiring, event));
    }
    return { transitions, refused };
  }

  /** Of what the expression gave last. */
  annotationsOf({ sample }: Alert): Readonly<Record<string, string>> {
    return Object.fromEntries(expand(this.#judged.rule.annotations, scopeOf(sample)));
  }

  #begin(sample: Sample, event: NodeEvent): Alert {
    const { group, alert: alertname, expr } = this.#judged.rule;
    const { cluster, node, time: since } = event;
    const labels = this.#labelsOf(sample);
    const id = alertIdOf({ cluster, node, group, alertname, expr, labels, since });
    const severity = labelOf(labels, 'severity') || DEFAULT_SEVERITY;
    return { id, alertname, labels, severity, since, life: INACTIVE, sample };
  }

  /** The series' labels, over them the rule's, over them the alert's name. */
  #labelsOf(sample: Sample): Labels {
    const { rule } = this.#judged;
    return overrideLabels(sample.labels, [...expand(rule.labels, scopeOf(sample)), ['alertname', rule.alert]]);
  }

  #tell(alert: Alert, state: AlertState, wasFiring: boolean, { cluster, node, time }: NodeEvent): Transition {
    const { id: alertId, alertname, severity, since, sample } = alert;
    const annotations = this.annotationsOf(alert);
    const { evidence } = this.#judged;
    const [labels, value] = [recordOf(alert.labels), sample.value];
    return {
      alertId,
      alertname,
      state,
      cluster,
      node,
      severity,
      since,
      time,
      value,
      wasFiring,
      labels,
      annotations,
      evidence,
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
