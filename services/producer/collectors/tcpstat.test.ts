import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { parseTcp, tcpstat } from './tcpstat.ts';

const HEADING = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const socket = (state: string, queues = '00000000:00000000') =>
  `   2: 0100007F:E2B8 0100007F:4AE9 ${state} ${queues} 03:00000568 00000000     0        0 0 3 0\n`;

test('/proc/net/tcp: connections by state, over both families', () => {
  const tcp = HEADING + socket('0A', '00000000:00000002') + socket('01', '00000010:00000001') + socket('06');
  const tcp6 = HEADING + socket('0A');
  assert.deepEqual(Object.fromEntries(parseTcp(tcp, tcp6)), {
    listen: 2,
    established: 1,
    time_wait: 1,
    tx_queued_bytes: 16,
    rx_queued_bytes: 3,
  });
});

test('/proc/net/tcp: a state that is not known', () => {
  assert.equal(parseTcp(HEADING + socket('1F')).get('unknown'), 1);
});

test('/proc/net/tcp: a number without a socket that cannot be read would be wrong', () => {
  for (const text of ['', `${HEADING}garbage\n`, HEADING + socket('0'), HEADING + socket('01').trimEnd()]) {
    const { series, failure } = collected(tcpstat(), fakeHost({ 'proc/1/net/tcp': text }));
    assert.deepEqual(series, []);
    assert.match(failure ?? '', /\/proc\/net\/tcp: expected/);
  }
});
