/**
 * A transition: what one alert became at one moment, and what was seen. The log, the alerts topic and Alertmanager are
 * told the same.
 *
 * A life is told from its beginning to its end: `pending` (left out where `for` is 0), `firing`, `resolved`. A pending
 * alert whose condition ends is resolved too, with `wasFiring` false, so that no line about it is left open.
 */
import { createHash } from 'node:crypto';

export type AlertState = 'pending' | 'firing' | 'resolved';

export interface Transition {
  readonly alertId: string;
  readonly alertname: string;
  readonly state: AlertState;
  readonly cluster: string;
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
  const identity = JSON.stringify([cluster, node, group, alertname, expr, labels, since]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 16);
}
