import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CloudEvent, Kafka, type KafkaMessage } from 'cloudevents';
import fc from 'fast-check';
import { DECODE_REASONS, type DecodeReason, decodeEvent, type Encoded, encodeEvent } from './codec.ts';
import { headersOf, keyOf, type Metrics, type NodeEvent, type Row } from './event.ts';
import { METRICS, type MetricDef } from './metrics.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function recordOf(event: NodeEvent, sent = event.time): Encoded {
  const headers = Object.fromEntries(Object.entries(headersOf(event, sent)).map(([name, text]) => [name, bytes(text)]));
  return { key: bytes(keyOf(event)), value: encodeEvent(event), headers };
}

function rawRecord(value: unknown, change: Partial<Encoded> = {}): Encoded {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { key: bytes('c/n'), value: bytes(text), headers: {}, ...change };
}

const EVENT = { v: 1, cluster: 'c', node: 'n', epoch: 'e', seq: 0, time: 1000, interval: 5000, metrics: {} };
const FROZEN = JSON.parse(readFileSync(new URL('testdata/event-v1.json', import.meta.url), 'utf8'));

test('the frozen event of version 1 still decodes, and is still what encoding gives', () => {
  const record = rawRecord(FROZEN.value, { key: bytes(FROZEN.key) });
  assert.deepEqual(decodeEvent(record), { event: FROZEN.value, samples: 6, unknownMetrics: 0 });
  assert.deepEqual(JSON.parse(Buffer.from(encodeEvent(FROZEN.value)).toString()), FROZEN.value);
  assert.deepEqual(headersOf(FROZEN.value, Number(FROZEN.headers.sent)), FROZEN.headers);
  assert.equal(keyOf(FROZEN.value), FROZEN.key);
});

test('the headers make the record a CloudEvent for the CloudEvents SDK', () => {
  const message: KafkaMessage = {
    key: FROZEN.key,
    value: JSON.stringify(FROZEN.value),
    headers: FROZEN.headers,
    body: JSON.stringify(FROZEN.value),
  };
  const cloudEvent = Kafka.toEvent(message);
  assert.ok(cloudEvent instanceof CloudEvent);
  assert.equal(cloudEvent.validate(), true);
  assert.equal(cloudEvent.id, 'worker-1/9f86d081884c7d65/41');
  assert.equal(cloudEvent.source, '/production/worker-1');
  assert.equal(cloudEvent.type, 'system-monitoring.node.metrics.v1');
  assert.equal(cloudEvent.time, '2026-11-23T08:30:05.000Z');
  assert.equal(cloudEvent.partitionkey, 'production/worker-1');
  assert.deepEqual(cloudEvent.data, FROZEN.value);
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value));
const label = fc.string({ unit: 'grapheme', maxLength: 20 });
const series = Object.entries<MetricDef>(METRICS).map(([name, { labels }]) => {
  const rows = fc.uniqueArray(fc.tuple(...labels.map(() => label)), { maxLength: 12, selector: String });
  const value =
    labels.length === 0
      ? finite
      : rows.chain((all) => fc.tuple(...all.map((row) => finite.map((number): Row => [...row, number]))));
  return [name.replace('*', 'Field'), value] as const;
});
const name = fc.stringMatching(/^[a-zA-Z0-9_.-]{1,20}$/);
const nodeEvent: fc.Arbitrary<NodeEvent> = fc.record({
  v: fc.constant(1 as const),
  cluster: name,
  node: name,
  epoch: name,
  seq: fc.maxSafeNat(),
  time: fc.nat({ max: 4e12 }),
  interval: fc.integer({ min: 1, max: 86_400_000 }),
  // A few of the catalogue's hundreds at a time.
  metrics: fc
    .uniqueArray(fc.constantFrom(...series), { maxLength: 8, selector: ([metric]) => metric })
    .chain((some) => fc.record(Object.fromEntries(some)) as fc.Arbitrary<Metrics>),
});

test('decoding gives back what was encoded', () => {
  fc.assert(
    fc.property(nodeEvent, (event) => {
      const decoded = decodeEvent(recordOf(event));
      assert.ok('event' in decoded, JSON.stringify(decoded));
      assert.deepEqual(JSON.parse(JSON.stringify(decoded.event)), JSON.parse(JSON.stringify(event)));
    }),
    { numRuns: 1000 },
  );
});

/** Bytes flipped, cut, repeated, and JSON nodes replaced by values of other types. */
const mutated: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc
    .tuple(nodeEvent, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }))
    .map(([event, flips]) => {
      const copy = Uint8Array.from(encodeEvent(event));
      for (const [at, value] of flips) copy[at % copy.length] = value;
      return copy;
    }),
  fc.tuple(nodeEvent, fc.nat(), fc.nat()).map(([event, from, to]) => {
    const copy = encodeEvent(event);
    return copy.slice(from % copy.length, to % (copy.length + 1));
  }),
  fc
    .tuple(fc.constantFrom(...Object.keys(EVENT)), fc.jsonValue())
    .map(([field, value]) => bytes(JSON.stringify({ ...EVENT, [field]: value }))),
  fc
    .tuple(fc.constantFrom(...series.map(([metric]) => metric)), fc.jsonValue())
    .map(([metric, value]) => bytes(JSON.stringify({ ...EVENT, metrics: { [metric]: value } }))),
  fc.uint8Array({ maxLength: 300 }),
  fc.json().map(bytes),
);

test('10,000 mutated inputs give an event or a reason, and nothing worse', () => {
  const seen = { events: 0, errors: 0 };
  fc.assert(
    fc.property(mutated, (value) => {
      const decoded = decodeEvent({ key: bytes('c/n'), value, headers: {} });
      if ('event' in decoded) {
        seen.events++;
        assert.equal(keyOf(decoded.event), 'c/n');
        return;
      }
      seen.errors++;
      assert.ok(DECODE_REASONS.includes(decoded.error.reason));
      assert.ok(decoded.error.detail.length > 0 && decoded.error.detail.length < 500);
    }),
    { numRuns: 10_000 },
  );
  assert.ok(seen.errors > 5000, `expected most mutations to be refused, got ${JSON.stringify(seen)}`);
  assert.equal((Object.prototype as Record<string, unknown>).last, undefined);
});

test('fields that this version does not know are ignored', () => {
  const decoded = decodeEvent(rawRecord({ ...EVENT, zone: 'eu-1', metrics: { node_load1: 1 } }));
  assert.ok('event' in decoded);
  assert.deepEqual(decoded.event, { ...EVENT, metrics: { node_load1: 1 } });
});

test('metrics that the catalogue does not know are counted and left out, whatever they hold', () => {
  const metrics = { node_load1: 1, node_future_total: [['a', 'b']], constructor: {}, other: null };
  const decoded = decodeEvent(rawRecord({ ...EVENT, metrics }));
  assert.deepEqual(decoded, { event: { ...EVENT, metrics: { node_load1: 1 } }, samples: 1, unknownMetrics: 3 });
});

test('a metric named __proto__ is left out and reaches no prototype', () => {
  const decoded = decodeEvent(
    rawRecord(JSON.stringify(EVENT).replace('{}', '{"__proto__":{"polluted":1},"node_load1":2}')),
  );
  assert.ok('event' in decoded);
  assert.deepEqual(Object.keys(decoded.event.metrics), ['node_load1']);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

const REFUSED: readonly [what: string, reason: DecodeReason, detail: RegExp, record: Encoded][] = [
  ['a tombstone', 'empty', /expected an event/, rawRecord('', { value: null })],
  ['an empty value', 'empty', /expected an event/, rawRecord('')],
  ['bytes that are not UTF-8', 'json', /./, rawRecord('', { value: Uint8Array.of(0x7b, 0xff, 0x7d) })],
  ['text that is not JSON', 'json', /./, rawRecord('hello')],
  ['JSON that is not an object', 'json', /array of 1/, rawRecord([1])],
  ['half a million nested arrays', 'json', /./, rawRecord(`${'['.repeat(500_000)}${']'.repeat(500_000)}`)],
  [
    'another content type',
    'content_type',
    /protobuf/,
    rawRecord(EVENT, { headers: { 'content-type': bytes('application/x-protobuf') } }),
  ],
  ['the next major version', 'version', /expected 1, got 2/, rawRecord({ ...EVENT, v: 2 })],
  [
    'the next major version in its type',
    'version',
    /v2/,
    rawRecord(EVENT, { headers: { ce_type: bytes('system-monitoring.node.metrics.v2') } }),
  ],
  ['no node', 'envelope', /^node: expected a name/, rawRecord({ ...EVENT, node: '' })],
  ['a cluster with a slash', 'envelope', /^cluster: /, rawRecord({ ...EVENT, cluster: 'a/b' })],
  ['a sequence number beyond what a number holds', 'envelope', /^seq: /, rawRecord({ ...EVENT, seq: 2 ** 53 })],
  ['a time that no date can hold', 'envelope', /^time: /, rawRecord({ ...EVENT, time: 8.64e15 + 1 })],
  ['no interval', 'envelope', /^interval: /, rawRecord({ ...EVENT, interval: 0 })],
  ['metrics that are a list', 'envelope', /^metrics: /, rawRecord({ ...EVENT, metrics: [] })],
  [
    'a number too large for a number',
    'sample',
    /node_load1: expected a number, got Infinity/,
    rawRecord(JSON.stringify(EVENT).replace('{}', '{"node_load1":1e400}')),
  ],
  ['text for a number', 'sample', /node_load1: .*"0.4"/, rawRecord({ ...EVENT, metrics: { node_load1: '0.4' } })],
  [
    'a row that lacks a label',
    'sample',
    /node_cpu_seconds_total\[0\]: expected \[cpu, mode, number\]/,
    rawRecord({ ...EVENT, metrics: { node_cpu_seconds_total: [['0', 1]] } }),
  ],
  [
    'a series twice',
    'sample',
    /\[eth0\] twice/,
    rawRecord({
      ...EVENT,
      metrics: {
        node_network_receive_bytes_total: [
          ['eth0', 1],
          ['eth1', 1],
          ['eth0', 2],
        ],
      },
    }),
  ],
  [
    'a label that is half a character',
    'sample',
    /node_network_receive_bytes_total\[0\]/,
    rawRecord({ ...EVENT, metrics: { node_network_receive_bytes_total: [['\ud800', 1]] } }),
  ],
  [
    'a label of more than 4,096 characters',
    'sample',
    /node_network_receive_bytes_total\[1\]/,
    rawRecord({
      ...EVENT,
      metrics: {
        node_network_receive_bytes_total: [
          ['x'.repeat(4096), 1],
          ['x'.repeat(4097), 1],
        ],
      },
    }),
  ],
  ['no key', 'key', /expected "c\/n", got undefined/, rawRecord(EVENT, { key: null })],
  ["another node's key", 'key', /expected "c\/n", got "c\/other"/, rawRecord(EVENT, { key: bytes('c/other') })],
];

for (const [what, reason, detail, record] of REFUSED) {
  test(`${what} is refused as ${reason}`, () => {
    const decoded = decodeEvent(record);
    assert.ok('error' in decoded);
    assert.equal(decoded.error.reason, reason);
    assert.match(decoded.error.detail, detail);
  });
}

test('a series twice among many is refused too', () => {
  const rows = Array.from({ length: 40 }, (_, cpu) => [String(cpu % 39), 'idle', cpu]);
  const decoded = decodeEvent(rawRecord({ ...EVENT, metrics: { node_cpu_seconds_total: rows } }));
  assert.ok('error' in decoded);
  assert.match(decoded.error.detail, /\[0, idle\] twice/);
});

test('series whose labels run into each other are not taken for one', () => {
  const rows = Array.from({ length: 20 }, (_, i) => ['1'.repeat(i), '1'.repeat(20 - i), i]);
  const decoded = decodeEvent(rawRecord({ ...EVENT, metrics: { node_cpu_seconds_total: rows } }));
  assert.ok('event' in decoded);
});
