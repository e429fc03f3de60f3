/**
 * Bytes ↔ event. The grammar is on top of event.ts; this file holds both directions to it.
 *
 * Decoding trusts nothing: whatever the bytes are, the answer is an event whose every field has the promised shape, or a
 * reason from a closed list. It keeps what `JSON.parse` made instead of copying it, because decoding is most of what a
 * consumer costs.
 */
import { CE_TYPE_PREFIX, CONTENT_TYPE, EVENT_VERSION, identify, keyOf, type NodeEvent, type Row } from './event.ts';
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
  | { readonly error: DecodeError };

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

export function decodeEvent(record: Encoded): Decoded {
  if (record.value === null || record.value.length === 0) return refuse('empty', 'value: expected an event, got none');
  const contentType = header(record, 'content-type');
  if (contentType !== undefined && contentType !== CONTENT_TYPE) {
    return refuse('content_type', `header content-type: expected "${CONTENT_TYPE}", got ${quote(contentType)}`);
  }
  const type = header(record, 'ce_type');
  if (type !== undefined && type !== `${CE_TYPE_PREFIX}${EVENT_VERSION}`) {
    return refuse('version', `header ce_type: expected "${CE_TYPE_PREFIX}${EVENT_VERSION}", got ${quote(type)}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(record.value));
  } catch (error) {
    return refuse('json', `value: ${error instanceof Error ? error.message : 'not JSON'}`);
  }
  if (!isObject(value)) return refuse('json', `value: expected a JSON object, got ${quote(value)}`);
  if (value.v !== EVENT_VERSION) return refuse('version', `v: expected ${EVENT_VERSION}, got ${quote(value.v)}`);
  for (const [field, expected, holds] of ENVELOPE) {
    if (!holds(value[field])) return refuse('envelope', `${field}: expected ${expected}, got ${quote(value[field])}`);
  }
  const event = value as unknown as NodeEvent;
  const key = record.key === null ? undefined : text(record.key);
  if (key !== keyOf(event)) return refuse('key', `key: expected ${quote(keyOf(event))}, got ${quote(key)}`);
  return checkMetrics(event);
}

/** Longest name of a cluster or node: that of a DNS name, which is what Kubernetes allows. */
const MAX_NAME = 253;
/** The longest span `Date` can represent. */
const MAX_TIME_MS = 8.64e15;
const MAX_INTERVAL_MS = 24 * 60 * 60 * 1000;

const ENVELOPE: readonly [field: keyof NodeEvent, expected: string, holds: (value: unknown) => boolean][] = [
  ['cluster', `a name of 1 to ${MAX_NAME} characters without "/"`, (value) => isName(value) && !value.includes('/')],
  ['node', `a name of 1 to ${MAX_NAME} characters`, isName],
  ['epoch', `a name of 1 to ${MAX_NAME} characters`, isName],
  ['seq', 'a whole number from 0', (value) => isWhole(value, 0, Number.MAX_SAFE_INTEGER)],
  ['time', 'milliseconds since the Unix epoch', (value) => isWhole(value, 0, MAX_TIME_MS)],
  ['interval', `milliseconds from 1 to ${MAX_INTERVAL_MS}`, (value) => isWhole(value, 1, MAX_INTERVAL_MS)],
  ['metrics', 'an object', isObject],
];

function checkMetrics(event: NodeEvent): Decoded {
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
      if (!isRow(series[i], width)) {
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
  return { event, samples, unknownMetrics };
}

function isRow(row: unknown, labels: number): row is Row {
  if (!Array.isArray(row) || row.length !== labels + 1 || !Number.isFinite(row[labels])) return false;
  for (let i = 0; i < labels; i++) if (typeof row[i] !== 'string') return false;
  return true;
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

function refuse(reason: DecodeReason, detail: string): Decoded {
  return { error: { reason, detail } };
}

/** A short look at a wrong value, for people. Never walks into it: hostile nesting must not cost a stack. */
function quote(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
}
