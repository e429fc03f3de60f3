import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { parseSockstat, sockstat } from './sockstat.ts';

const { NaN: none } = Number;
const TABLE: readonly [line: string, expected: Record<string, number>][] = [
  ['sockets: used 412', { sockets_used: 412 }],
  ['TCP: inuse 31 orphan 1', { TCP_inuse: 31, TCP_orphan: 1 }],
  ['TCP: inuse 31 orphan', { TCP_inuse: 31, TCP_orphan: none }],
  ['TCP: inuse x', { TCP_inuse: none }],
];
for (const [line, expected] of TABLE) {
  test(`/proc/net/sockstat: ${line}`, () => {
    assert.deepEqual(Object.fromEntries(parseSockstat(line)), expected);
  });
}

test('/proc/net/sockstat: a line of another kind is told, and those beside it stay', () => {
  const host = fakeHost({ 'proc/1/net/sockstat': 'TCP: inuse 1 mem 2\ngarbage\nRAW: inuse 3\n' });
  const { series, failure } = collected(sockstat(), host);
  // Without the size of a page nobody knows how many bytes the pages are.
  assert.deepEqual(series, ['node_sockstat_TCP_inuse 1', 'node_sockstat_TCP_mem 2', 'node_sockstat_RAW_inuse 3']);
  assert.match(failure ?? '', /expected a protocol with names and values, got "garbage"/);
});
