import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { parseUdp, udpQueues } from './udp-queues.ts';

const HEADING = '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const socket = (tx: string, rx: string) =>
  `  31: 0100007F:0035 00000000:0000 07 ${tx}:${rx} 00:00000000 00000000  101\n`;
const SOCKET6 =
  '  7: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000001:00000002 0\n';

test('/proc/net/udp: the sums over all sockets', () => {
  assert.deepEqual(parseUdp(HEADING), { tx: 0, rx: 0 });
  assert.deepEqual(parseUdp(HEADING + socket('00000001', '00000A00') + socket('0000000F', '00000001')), {
    tx: 16,
    rx: 2561,
  });
  assert.deepEqual(parseUdp(HEADING + SOCKET6), { tx: 1, rx: 2 });
});

test('/proc/net/udp: a sum without a socket that cannot be read would be wrong', () => {
  for (const text of ['', 'x\n', `${HEADING}garbage\n`, HEADING + socket('0000000x', '00000000'), HEADING.trim()]) {
    assert.throws(() => parseUdp(text), { code: 'PARSE' }, text);
  }
});

test('/proc/net/udp: one family that cannot be read does not hide the other', () => {
  const files = { 'proc/1/net/udp': HEADING + socket('00000000', '00000003'), 'proc/1/net/udp6': 'garbage\n' };
  const { series, failure } = collected(udpQueues(), fakeHost(files));
  assert.deepEqual(series, ['node_udp_queues{queue="tx",ip="v4"} 0', 'node_udp_queues{queue="rx",ip="v4"} 3']);
  assert.match(failure ?? '', /a line of headings/);
});

test('/proc/net/udp: a kernel without IPv6 has no udp6', () => {
  const { series, failure } = collected(udpQueues(), fakeHost({ 'proc/1/net/udp': HEADING }));
  assert.deepEqual([series.length, failure], [2, undefined]);
});
