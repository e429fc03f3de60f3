/**
 * An alert as it stands on `system.alerts`: what it is now, and what its life needs to go on elsewhere. The topic is
 * compacted: the last record of a key holds. One that is resolved is removed by a tombstone after a day.
 *
 *   key        the alert's fingerprint: hash of consumer group, cluster, node, rule and labels; the same in each of its lives
 *   value      JSON, see `AlertRecord`; times are event times, milliseconds since the Unix epoch
 *   headers    CloudEvents 1.0, Kafka binding, binary mode; `group`, the consumer group that judges; `judged`, its place
 *   partition  that of the node's events
 *
 * Decoding trusts nothing: whoever may write to the topic may write anything.
 */
import type { BusRecord, NewRecord } from '#bus/bus.ts';
import { CONTENT_TYPE } from '#contract/event.ts';
import { ALERT_STATES, type Change, END_REASONS, type Evidence, hashOf, type Transition } from './transition.ts';

export const ALERT_RECORD_VERSION = 1;
export const ALERT_TYPE = `system-monitoring.alert.v${ALERT_RECORD_VERSION}`;

/** An event. What stands before it in its partition has been judged as well, and is on the topic. */
export interface Place {
  readonly partition: number;
  readonly offset: number;
  /** When the broker appended it, milliseconds. A topic that was made anew counts its offsets from 0. */
  readonly appended: number;
}

export interface Kept {
  readonly change: Change;
  /** The offset of the event that made the change, or of the last one before it; `undefined` if there was none. */
  readonly offset: number | undefined;
  /** The last event that has been judged; `undefined` if none has. */
  readonly judged: Place | undefined;
}

type AlertRecord = Omit<Transition, 'value'> &
  Omit<Change, 'transition' | 'news'> & {
    readonly v: typeof ALERT_RECORD_VERSION;
    readonly fingerprint: string;
    /** A text where JSON has no number: Infinity, -Infinity, NaN. */
    readonly value: number | string;
    readonly offset: number | undefined;
    readonly judged: Place | undefined;
  };

export function fingerprintOf(group: string, { transition, rule }: Pick<Change, 'transition' | 'rule'>): string {
  const { cluster, node, labels } = transition;
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return hashOf([group, cluster, node, rule, sorted]);
}

/** @param partition of the node's events. */
export function encodeAlert(group: string, partition: number, { change, offset, judged }: Kept): NewRecord {
  const { transition, news: _, ...life } = change;
  const { cluster, node, alertId, state, time, value } = transition;
  const fingerprint = fingerprintOf(group, change);
  const record: AlertRecord = {
    ...{ v: ALERT_RECORD_VERSION, fingerprint },
    ...transition,
    ...life,
    ...{ value: Number.isFinite(value) ? value : String(value), offset, judged },
  };
  return {
    partition,
    key: fingerprint,
    value: Buffer.from(JSON.stringify(record)),
    headers: {
      ce_specversion: '1.0',
      ce_id: `${alertId}/${state}`,
      ce_source: `/${encodeURIComponent(cluster)}/${encodeURIComponent(node)}`,
      ce_type: ALERT_TYPE,
      ce_time: new Date(time).toISOString(),
      ce_partitionkey: fingerprint,
      'content-type': CONTENT_TYPE,
      group,
      ...(judged !== undefined && { judged: `${judged.appended}/${judged.offset}` }),
    },
  };
}

/** The place of a record, without decoding it. */
export function judgedOf({ headers }: BusRecord): Pick<Place, 'appended' | 'offset'> | undefined {
  const [, appended, offset] = /^(\d{1,16})\/(\d{1,16})$/.exec(headers.judged?.toString() ?? '') ?? [];
  return appended === undefined ? undefined : { appended: Number(appended), offset: Number(offset) };
}

/** What a record says, `undefined` if it is not of this group; or why it says nothing. */
export function decodeAlert(group: string, record: BusRecord): Kept | { readonly problem: string } | undefined {
  if (record.headers.group?.toString() !== group) return undefined;
  if (record.headers.ce_type?.toString() !== ALERT_TYPE) return { problem: `ce_type: expected ${ALERT_TYPE}` };
  let value: unknown;
  try {
    value = JSON.parse(record.value?.toString() ?? '');
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'not JSON' };
  }
  if (!isObject(value)) return { problem: 'expected a JSON object' };
  for (const [field, holds] of Object.entries(FIELDS)) {
    if (!holds(value[field])) return { problem: `${field}: not what it should be` };
  }
  const {
    v: _v,
    fingerprint: _f,
    value: seen,
    offset,
    judged,
    rule,
    activeAt,
    firedAt,
    coolingSince,
    interval,
    ...transition
  } = value as unknown as AlertRecord;
  const change: Change = {
    ...{ transition: { ...transition, value: Number(seen), reason: transition.reason }, news: false },
    ...{ rule, activeAt, firedAt, coolingSince, interval },
  };
  if (fingerprintOf(group, change) !== record.key?.toString()) return { problem: 'key: not that of the alert' };
  return { change, offset, judged };
}

const FIELDS: Readonly<Record<keyof AlertRecord, (value: unknown) => boolean>> = {
  v: (value) => value === ALERT_RECORD_VERSION,
  fingerprint: isText,
  alertId: isText,
  alertname: isText,
  state: (value) => ALERT_STATES.some((state) => state === value),
  cluster: isText,
  node: isText,
  severity: isText,
  since: isTime,
  time: isTime,
  value: (value) => isNumber(value) || isText(value),
  wasFiring: (value) => typeof value === 'boolean',
  reason: optional((value) => END_REASONS.some((reason) => reason === value)),
  late: (value) => typeof value === 'boolean',
  labels: isTexts,
  annotations: isTexts,
  evidence: (value) => isObject(value) && isEvidence(value),
  rule: isText,
  activeAt: isTime,
  firedAt: optional(isTime),
  coolingSince: optional(isTime),
  interval: optional(isNumber),
  offset: optional(isNumber),
  judged: optional((value) => isObject(value) && isPlace(value)),
};

function isEvidence({
  group,
  expr,
  forMs,
  keepFiringForMs,
}: { readonly [field in keyof Evidence]?: unknown }): boolean {
  return isText(group) && isText(expr) && isNumber(forMs) && isNumber(keepFiringForMs);
}

function isPlace({ partition, offset, appended }: { readonly [field in keyof Place]?: unknown }): boolean {
  return isNumber(partition) && isNumber(offset) && isNumber(appended);
}

/** The longest span `Date` can represent. */
const MAX_TIME_MS = 8.64e15;

function isTime(value: unknown): boolean {
  return isNumber(value) && Math.abs(value as number) <= MAX_TIME_MS;
}

function isNumber(value: unknown): boolean {
  return Number.isFinite(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): boolean {
  return isObject(value) && Object.values(value).every(isText);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function optional(holds: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || holds(value);
}
