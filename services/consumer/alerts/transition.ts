/**
 * A transition: what one alert became at one moment, and what was seen. The log, the alerts topic and Alertmanager are
 * told the same.
 *
 * A life is told from its beginning to its end: `pending` (left out where `for` is 0), `firing`, `resolved`. A pending
 * alert whose condition ends is resolved too, with `wasFiring` false, so that no line about it is left open.
 *
 * Two names: a fingerprint is that of an alert, whenever it lives; an alert id is that of one of its lives.
 */
import { createHash } from 'node:crypto';

export const ALERT_STATES = ['pending', 'firing', 'resolved'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/**
 * Why a life ended whose condition did not: its node fell silent (`stale`), was deleted from the cluster (`deleted`), has not
 * been heard for as long as anything is remembered (`forgotten`), or its rule was taken out or changed (`rule`).
 */
export const END_REASONS = ['stale', 'deleted', 'forgotten', 'rule'] as const;
export type EndReason = (typeof END_REASONS)[number];

export interface Transition {
  readonly alertId: string;
  readonly alertname: string;
  readonly state: AlertState;
  readonly cluster: string;
  /** Empty for an alert that is about no node. */
  readonly node: string;
  /** The label `severity`; `warning` for an alert without it: to be seen, and to wake nobody. */
  readonly severity: string;
  /** Event time at which its condition began to hold, milliseconds. The same in all of a life's transitions. */
  readonly since: number;
  /** Event time of this transition, milliseconds; before `since` if the node's clock was set back meanwhile. */
  readonly time: number;
  /** What the expression gave; for `resolved` what it gave last. May be infinite or not a number. */
  readonly value: number;
  /** Whether this life has fired by now. */
  readonly wasFiring: boolean;
  /** Of a life that ended otherwise than by its condition. */
  readonly reason: EndReason | undefined;
  /** Whether it was judged from a backlog: it happened as it is told, and some time ago. */
  readonly late: boolean;
  /** With `alertname`, as Prometheus has them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly evidence: Evidence;
}

/** How it was judged. */
export interface Evidence {
  readonly group: string;
  readonly expr: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** The longest range that the expression reads, milliseconds. */
  readonly windowMs: number | undefined;
  /** The comparison with a number that decides, if the expression ends in one. */
  readonly threshold: { readonly operator: string; readonly value: number } | undefined;
}

export const DEFAULT_SEVERITY = 'warning';

/**
 * What became of an alert, for whoever keeps it: with what its life needs to go on elsewhere. All times are event times,
 * milliseconds.
 */
export interface Change {
  readonly transition: Transition;
  /** Whether its state has changed, which is told. Otherwise only what is kept of it has. */
  readonly news: boolean;
  /** Names the rule as it is written, see `ruleIdOf`. */
  readonly rule: string;
  /** Since when its condition has held without a break, until it first fired. */
  readonly activeAt: number;
  readonly firedAt: number | undefined;
  /** Since when the condition of a firing alert has no longer held. */
  readonly coolingSince: number | undefined;
  /** How often its node is heard, milliseconds. */
  readonly interval: number | undefined;
}

export interface Identity {
  readonly cluster: string;
  readonly node: string;
  /**
   * A rule is its group, its name and its expression, not the file that it stands in: a rule moved to another file is
   * the same, one whose expression was edited is another.
   */
  readonly group: string;
  readonly alertname: string;
  readonly expr: string;
  /** The alert's labels, `name, value, …` sorted by name; severity is one of them. */
  readonly labels: readonly string[];
  readonly since: number;
}

/** Names one life of one alert, the same for whoever judges the same events with the same rules: 64 bits in hex. */
export function alertIdOf({ cluster, node, group, alertname, expr, labels, since }: Identity): string {
  return hashOf([cluster, node, group, alertname, expr, labels, since]);
}

/** 64 bits in hex. */
export function hashOf(identity: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
}
