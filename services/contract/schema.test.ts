import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { decodeEvent } from './codec.ts';
import { eventSchema } from './schema.ts';

const accepts = new Ajv2020({ strict: true }).compile(eventSchema());
const { value: FROZEN, key } = JSON.parse(readFileSync(new URL('testdata/event-v1.json', import.meta.url), 'utf8'));

const CASES: readonly [what: string, event: unknown, valid: boolean][] = [
  ['the frozen event', FROZEN, true],
  ['an event without metrics', { ...FROZEN, metrics: {} }, true],
  ['an event with a field from the future', { ...FROZEN, zone: 'eu-1' }, true],
  ['an event with a metric from the future', { ...FROZEN, metrics: { node_future: [] } }, true],
  ['another version', { ...FROZEN, v: 2 }, false],
  ['an event without a node', { ...FROZEN, node: undefined }, false],
  ['a cluster with a slash', { ...FROZEN, cluster: 'a/b' }, false],
  ['a negative sequence number', { ...FROZEN, seq: -1 }, false],
  ['text for a number', { ...FROZEN, metrics: { node_load1: '0.4' } }, false],
  ['text for a number under a pattern', { ...FROZEN, metrics: { node_memory_MemFree_bytes: '1' } }, false],
  ['a row that lacks a label', { ...FROZEN, metrics: { node_cpu_seconds_total: [['0', 1]] } }, false],
  ['a row with a label too many', { ...FROZEN, metrics: { node_disk_io_now: [['sda', 'x', 1]] } }, false],
];

for (const [what, event, valid] of CASES) {
  test(`the schema and the decoder agree that ${what} is ${valid ? 'an' : 'no'} event`, () => {
    const json = JSON.stringify(event);
    assert.equal(accepts(JSON.parse(json)), valid, JSON.stringify(accepts.errors));
    const decoded = decodeEvent({ key: Buffer.from(key), value: Buffer.from(json), headers: {} });
    const refused = 'error' in decoded && decoded.error.reason !== 'key';
    assert.equal(!refused, valid, JSON.stringify(decoded));
  });
}
