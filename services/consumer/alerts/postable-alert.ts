/**
 * An alert as Alertmanager's API v2 takes it (`postableAlert`).
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 *
 * Alertmanager knows an alert by its labels and goes by its own clock: what ends in its past is resolved, what ends in its
 * future fires. Times of events are of the nodes' clocks, so they are kept on the right side of `now`.
 */

/** An alert that fires. */
export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  /** As they are now. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Event time at which it fired, milliseconds. */
  readonly firedAt: number;
}

/** One that fired, and does not any more. */
export interface ResolvedAlert extends FiringAlert {
  /** Event time at which it was resolved. */
  readonly endedAt: number;
}

export interface PostableAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

export interface Posting {
  readonly now: number;
  /** How long an alert that fires does so without being told again. */
  readonly validForMs: number;
  readonly generatorUrl: string | undefined;
}

export function postableAlert(
  alert: FiringAlert | ResolvedAlert,
  { now, validForMs, generatorUrl }: Posting,
): PostableAlert {
  const ends = 'endedAt' in alert ? Math.min(alert.endedAt, now) : now + validForMs;
  const starts = Math.min(alert.firedAt, now, ends);
  return {
    labels: Object.fromEntries(labelsOf(alert)),
    annotations: alert.annotations,
    startsAt: new Date(starts).toISOString(),
    endsAt: new Date(ends).toISOString(),
    ...(generatorUrl !== undefined && { generatorURL: generatorUrl }),
  };
}

/** What two alerts share only if Alertmanager takes them for one. */
export function keyOfLabels(alert: Pick<FiringAlert, 'labels'>): string {
  return JSON.stringify(labelsOf(alert).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A label without a value is a label that is not there. */
function labelsOf({ labels }: Pick<FiringAlert, 'labels'>): [name: string, value: string][] {
  return Object.entries(labels).filter(([, value]) => value !== '');
}
