/**
 * Bytes ↔ event or gap. The grammars are on top of event.ts and gap.ts; this file holds both directions to them.
 *
 * Decoding trusts nothing: whatever the bytes are, the answer is an event (or gap) whose every field has the promised shape,
 * or a reason from a closed list. It keeps what `JSON.parse` made instead of copying it, because decoding is most of what a
 * consumer costs.
 */
import { CE_TYPE_PREFIX, CONTENT_TYPE, EVENT_VERSION, identify, keyOf, type NodeEvent, type Row } from './event.ts';
import { GAP_REASONS, GAP_TYPE_PREFIX, GAP_VERSION, type Gap } from './gap.ts';
import { metricOf } from './metrics.ts';

export const DECODE_REASONS = [
  /** No value at all: a tombstone. */
  'empty',
  /** The `content-type` header names a format that this reader does not have. */
  'content_type',
  /** Not JSON, or not a JSON object. */
  'json',
  /** A major version that this reader does not know, in the value or in `ce_type`. */
  'version',
  /** A field of the envelope is missing or is not what it should be. */
  'envelope',
  /** A metric's value is not a finite number, its rows do not fit its labels, or a row comes twice. */
  'sample',
  /** The record's key is not the one of the node that the value names. */
  'key',
] as const;
export type DecodeReason = (typeof DECODE_REASONS)[number];

export interface DecodeError {
  readonly reason: DecodeReason;
  /** Names the place and what was expected there. */
  readonly detail: string;
}

/** Unknown metric names are dropped from the event and counted: an older reader serves what it knows. */
export type Decoded =
  | { readonly event: NodeEvent; readonly samples: number; readonly unknownMetrics: number }
  | Refused;

export interface Refused {
  readonly error: DecodeError;
}

/** What of a record bears on decoding. */
export interface Encoded {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, Uint8Array>>;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const lenientUtf8 = new TextDecoder();
const utf8Encoder = new TextEncoder();

export function encodeEvent(event: NodeEvent): Uint8Array {
  return utf8Encoder.encode(JSON.stringify(event));
}

export function encodeGap(gap: Gap): Uint8Array {
  return utf8Encoder.encode(JSON.stringify(gap));
}

/** A record of the events' topic, which has gaps in it, too; `ce_type` tells them apart. */
export function decodeRecord(record: Encoded): Decoded | { readonly gap: Gap } {
  return header(record, 'ce_type')?.startsWith(GAP_TYPE_PREFIX) ? decodeGap(record) : decodeEvent(record);
}

export function decodeEvent(record: Encoded): Decoded {
  const opened = open(record, CE_TYPE_PREFIX, EVENT_VERSION, EVENT_FIELDS);
  return 'error' in opened ? opened : checkMetrics(opened.value as unknown as NodeEvent, opened.escapes);
}

function decodeGap(record: Encoded): { readonly gap: Gap } | Refused {
  const opened = open(record, GAP_TYPE_PREFIX, GAP_VERSION, GAP_FIELDS);
  if ('error' in opened) return opened;
  const gap = opened.value as unknown as Gap;
  if (gap.to < gap.from) return refuse('envelope', `to: expected at least ${gap.from}, got ${gap.to}`);
  return { gap };
}

/** What events and gaps have in common: a JSON object of a known version, with the fields that it should have, and its key. */
function open(
  record: Encoded,
  typePrefix: string,
  version: number,
  fields: readonly Field[],
): { readonly value: Record<string, unknown>; readonly escapes: boolean } | Refused {
  if (record.value === null || record.value.length === 0) return refuse('empty', 'value: expected an event, got none');
  const contentType = header(record, 'content-type');
  if (contentType !== undefined && contentType !== CONTENT_TYPE) {
    return refuse('content_type', `header content-type: expected "${CONTENT_TYPE}", got ${quote(contentType)}`);
  }
  const type = header(record, 'ce_type');
  if (type !== undefined && type !== `${typePrefix}${version}`) {
    return refuse('version', `header ce_type: expected "${typePrefix}${version}", got ${quote(type)}`);
  }
  let value: unknown;
  let escapes = false;
  try {
    const json = utf8.decode(record.value);
    value = JSON.parse(json);
    escapes = json.includes('\\u');
  } catch (error) {
    return refuse('json', `value: ${error instanceof Error ? error.message : 'not JSON'}`);
  }
  if (!isObject(value)) return refuse('json', `value: expected a JSON object, got ${quote(value)}`);
  if (value.v !== version) return refuse('version', `v: expected ${version}, got ${quote(value.v)}`);
  for (const [field, expected, holds] of fields) {
    if (!holds(value[field])) return refuse('envelope', `${field}: expected ${expected}, got ${quote(value[field])}`);
  }
  const expectedKey = keyOf(value as unknown as NodeEvent | Gap);
  const key = record.key === null ? undefined : text(record.key);
  if (key !== expectedKey) return refuse('key', `key: expected ${quote(expectedKey)}, got ${quote(key)}`);
  return { value, escapes };
}

/** Longest name of a cluster or node: that of a DNS name, which is what Kubernetes allows. */
const MAX_NAME = 253;
/** Longest value of a label: that of a path, which is the longest thing the kernel gives a name to. */
const MAX_LABEL_VALUE = 4096;
/** The longest span `Date` can represent. */
const MAX_TIME_MS = 8.64e15;
const MAX_INTERVAL_MS = 24 * 60 * 60 * 1000;

type Field = readonly [name: string, expected: string, holds: (value: unknown) => boolean];

const SEQ = ['a whole number from 0', (value: unknown) => isWhole(value, 0, Number.MAX_SAFE_INTEGER)] as const;

const COMMON_FIELDS: readonly Field[] = [
  ['cluster', `a name of 1 to ${MAX_NAME} characters without "/"`, (value) => isName(value) && !value.includes('/')],
  ['node', `a name of 1 to ${MAX_NAME} characters`, isName],
  ['epoch', `a name of 1 to ${MAX_NAME} characters`, isName],
  ['time', 'milliseconds since the Unix epoch', (value) => isWhole(value, 0, MAX_TIME_MS)],
];

const EVENT_FIELDS: readonly Field[] = [
  ...COMMON_FIELDS,
  ['seq', ...SEQ],
  ['interval', `milliseconds from 1 to ${MAX_INTERVAL_MS}`, (value) => isWhole(value, 1, MAX_INTERVAL_MS)],
  [
    'pause',
    `milliseconds from 1 to ${MAX_INTERVAL_MS}, or none`,
    (value) => value === undefined || isWhole(value, 1, MAX_INTERVAL_MS),
  ],
  ['metrics', 'an object', isObject],
];

const GAP_FIELDS: readonly Field[] = [
  ...COMMON_FIELDS,
  ['from', ...SEQ],
  ['to', ...SEQ],
  ['reason', `one of ${GAP_REASONS.join(', ')}`, (value) => GAP_REASONS.some((reason) => reason === value)],
];

/** @param escapes whether characters of it were written by their number: the only way to write half of one. */
function checkMetrics(event: NodeEvent, escapes: boolean): Decoded {
  const metrics = event.metrics as Record<string, unknown>;
  let samples = 0;
  let unknownMetrics = 0;
  for (const name of Object.keys(metrics)) {
    const metric = metricOf(name);
    if (metric === undefined) {
      delete metrics[name];
      unknownMetrics++;
      continue;
    }
    const series = metrics[name];
    const width = metric.labels.length;
    if (width === 0) {
      if (!Number.isFinite(series)) return refuse('sample', `metrics.${name}: expected a number, got ${quote(series)}`);
      samples++;
      continue;
    }
    if (!Array.isArray(series)) return refuse('sample', `metrics.${name}: expected rows, got ${quote(series)}`);
    for (let i = 0; i < series.length; i++) {
      if (!isRow(series[i], width, escapes)) {
        const expected = `[${metric.labels.join(', ')}, number]`;
        return refuse('sample', `metrics.${name}[${i}]: expected ${expected}, got ${quote(series[i])}`);
      }
    }
    const twice = findRepeated(series, width);
    if (twice !== undefined) {
      return refuse('sample', `metrics.${name}: expected each series once, got [${twice.join(', ')}] twice`);
    }
    samples += series.length;
  }
  // Without the fields that are unknown here, which may hold anything, and as much of it as fits into a record.
  const { v, cluster, node, epoch, seq, time, interval, pause } = event;
  const planned = pause !== undefined && { pause };
  return {
    event: { v, cluster, node, epoch, seq, time, interval, ...planned, metrics: event.metrics },
    samples,
    unknownMetrics,
  };
}

function isRow(row: unknown, labels: number, escapes: boolean): row is Row {
  if (!Array.isArray(row) || row.length !== labels + 1 || !Number.isFinite(row[labels])) return false;
  for (let i = 0; i < labels; i++) if (!isLabelValue(row[i], escapes)) return false;
  return true;
}

/** Half a character would become the same as any other half on its way out, and two series one. */
function isLabelValue(value: unknown, escapes: boolean): boolean {
  return typeof value === 'string' && value.length <= MAX_LABEL_VALUE && (!escapes || value.isWellFormed());
}

/** The labels that stand twice, if any: one scrape may not show a series twice. A pairwise look is cheapest for few rows. */
function findRepeated(rows: readonly Row[], labels: number): readonly string[] | undefined {
  if (rows.length > 8) {
    const seen = new Set<string>();
    for (const row of rows) {
      const id = identify(row, labels);
      if (seen.has(id)) return row.slice(0, labels) as string[];
      seen.add(id);
    }
    return undefined;
  }
  for (let i = 1; i < rows.length; i++) {
    for (let j = 0; j < i; j++) {
      let label = 0;
      while (label < labels && rows[i]?.[label] === rows[j]?.[label]) label++;
      if (label === labels) return rows[i]?.slice(0, labels) as string[];
    }
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME;
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}

function header(record: Encoded, name: string): string | undefined {
  const value = record.headers[name];
  return value === undefined ? undefined : text(value);
}

function text(bytes: Uint8Array): string {
  return lenientUtf8.decode(bytes);
}

function refuse(reason: DecodeReason, detail: string): Refused {
  return { error: { reason, detail } };
}

/** A short look at a wrong value, for people. Never walks into it: hostile nesting must not cost a stack. */
function quote(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
}
