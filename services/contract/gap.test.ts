import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudEvent, Kafka, type KafkaMessage } from 'cloudevents';
import { decodeEvent, decodeRecord, type Encoded, encodeEvent, encodeGap } from './codec.ts';
import { headersOf, keyOf, type NodeEvent } from './event.ts';
import { GAP_REASONS, type Gap, gapOf, headersOfGap } from './gap.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const inBytes = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, bytes(text)]));

const GAP: Gap = {
  v: 1,
  cluster: 'production',
  node: 'worker-1',
  epoch: '9f86d081884c7d65',
  from: 41,
  to: 97,
  time: Date.UTC(2026, 10, 23, 8, 30, 5),
  reason: 'full',
};
const SENT = GAP.time + 250;

function recordOf(gap: unknown, change: Partial<Encoded> = {}): Encoded {
  const headers = inBytes(headersOfGap(GAP, SENT));
  return { key: bytes(keyOf(GAP)), value: bytes(JSON.stringify(gap)), headers, ...change };
}

test('decoding a gap gives back what was encoded, for every reason', () => {
  for (const reason of GAP_REASONS) {
    const gap = { ...GAP, reason };
    assert.deepEqual(decodeRecord(recordOf(gap, { value: encodeGap(gap) })), { gap });
  }
});

test('a gap on the wire is what other readers were told', () => {
  assert.equal(
    new TextDecoder().decode(encodeGap(GAP)),
    '{"v":1,"cluster":"production","node":"worker-1","epoch":"9f86d081884c7d65","from":41,"to":97,"time":1795422605000,"reason":"full"}',
  );
  assert.deepEqual(headersOfGap(GAP, SENT), {
    ce_specversion: '1.0',
    ce_id: 'worker-1/9f86d081884c7d65/gap-41-97',
    ce_source: '/production/worker-1',
    ce_type: 'system-monitoring.node.gap.v1',
    ce_time: '2026-11-23T08:30:05.000Z',
    ce_partitionkey: 'production/worker-1',
    'content-type': 'application/json',
    sent: '1795422605250',
  });
});

test('its headers make the record a CloudEvent for the CloudEvents SDK', () => {
  const body = JSON.stringify(GAP);
  const message: KafkaMessage = { key: keyOf(GAP), value: body, headers: headersOfGap(GAP, SENT), body };
  const cloudEvent = Kafka.toEvent(message);
  assert.ok(cloudEvent instanceof CloudEvent);
  assert.equal(cloudEvent.validate(), true);
  assert.deepEqual(cloudEvent.data, GAP);
});

test('a record is an event unless its type says that it is a gap', () => {
  const event: NodeEvent = { v: 1, cluster: 'c', node: 'n', epoch: 'e', seq: 7, time: 1, interval: 2, metrics: {} };
  const record = { key: bytes('c/n'), value: encodeEvent(event), headers: inBytes(headersOf(event, 1)) };
  const decoded = { event, samples: 0, unknownMetrics: 0 };
  assert.deepEqual(decodeRecord(record), decoded);
  assert.deepEqual(decodeRecord({ ...record, headers: {} }), decoded);
  assert.deepEqual(gapOf(event, 'age', 9), { v: 1, ...keys(event), from: 7, to: 7, time: 9, reason: 'age' });
});

test('what decodes events alone takes no gap for one', () => {
  const decoded = decodeEvent(recordOf(GAP));
  assert.ok('error' in decoded);
  assert.equal(decoded.error.reason, 'version');
});

const REFUSED: readonly [what: string, reason: string, detail: RegExp, record: Encoded][] = [
  ['no value', 'empty', /./, recordOf(GAP, { value: null })],
  ['no JSON', 'json', /./, recordOf(GAP, { value: bytes('{') })],
  ['the next major version', 'version', /expected 1, got 2/, recordOf({ ...GAP, v: 2 })],
  [
    'the next major version in its type',
    'version',
    /gap\.v1.*gap\.v2/,
    recordOf(GAP, { headers: { ce_type: bytes('system-monitoring.node.gap.v2') } }),
  ],
  ['no first event', 'envelope', /^from: expected a whole number from 0/, recordOf({ ...GAP, from: undefined })],
  ['a last event that is no number', 'envelope', /^to: /, recordOf({ ...GAP, to: '97' })],
  ['a last event before its first', 'envelope', /^to: expected at least 41, got 40/, recordOf({ ...GAP, to: 40 })],
  ['a reason of its own', 'envelope', /^reason: expected one of full, age/, recordOf({ ...GAP, reason: 'tired' })],
  ['a cluster with a slash', 'envelope', /^cluster: /, recordOf({ ...GAP, cluster: 'a/b' })],
  ["another node's key", 'key', /worker-1/, recordOf(GAP, { key: bytes('production/worker-2') })],
];
for (const [what, reason, detail, record] of REFUSED) {
  test(`a gap with ${what} is refused as ${reason}`, () => {
    const decoded = decodeRecord(record);
    assert.ok('error' in decoded, JSON.stringify(decoded));
    assert.equal(decoded.error.reason, reason);
    assert.match(decoded.error.detail, detail);
  });
}

function keys({ cluster, node, epoch }: NodeEvent): Pick<Gap, 'cluster' | 'node' | 'epoch'> {
  return { cluster, node, epoch };
}
