import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { type Interface, netdev, parseNetDev } from './netdev.ts';

const HEADINGS = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;
const count = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const all = count(16).join(' ');

const TABLE: readonly [what: string, text: string, expected: Interface[]][] = [
  ['sixteen columns', `${HEADINGS}  eth0: ${all}\n`, [{ device: 'eth0', counts: count(16) }]],
  ['a number may follow the colon at once', `${HEADINGS}eth0:${all}\n`, [{ device: 'eth0', counts: count(16) }]],
  ['a name may have a colon', `${HEADINGS}eth0:1: ${all}\n`, [{ device: 'eth0:1', counts: count(16) }]],
  ['no interfaces', HEADINGS, []],
  ['a column too many is ignored', `${HEADINGS}eth0: ${all} 17\n`, [{ device: 'eth0', counts: count(16) }]],
  [
    'a column that a kernel inserts shifts nothing',
    `${HEADINGS.replace('errs', 'new errs')}eth0: 1 2 999 ${count(16).slice(2).join(' ')}\n`,
    [{ device: 'eth0', counts: count(16) }],
  ],
  [
    'a column that a kernel does not have is unknown',
    `${HEADINGS.replace(' compressed multicast', ' multicast')}eth0: ${count(15).join(' ')}\n`,
    [{ device: 'eth0', counts: [1, 2, 3, 4, 5, 6, undefined, ...count(15).slice(6)] }],
  ],
  [
    'what is missing or no number is NaN',
    `${HEADINGS}eth0: 1 x\n`,
    [{ device: 'eth0', counts: [1, ...Array(15).fill(Number.NaN)] }],
  ],
  ['so is a line of another kind', `${HEADINGS}garbage\n`, [{ device: '', counts: Array(16).fill(Number.NaN) }]],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/net/dev: ${what}`, () => {
    assert.deepEqual(parseNetDev(text), expected);
  });
}

test('/proc/net/dev: without headings, or cut, it is unreadable', () => {
  for (const text of ['', `eth0: ${all}\n`, 'one\ntwo\n', `${HEADINGS}eth0: ${all}`]) {
    assert.throws(() => parseNetDev(text), { code: 'PARSE' }, JSON.stringify(text));
  }
});

test('/proc/net/dev: a thousand interfaces', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => `veth${i}: ${all}\n`);
  const interfaces = parseNetDev(HEADINGS + rows.join(''));
  assert.deepEqual([interfaces.length, interfaces[999]], [1000, { device: 'veth999', counts: count(16) }]);
});

test('netdev: packets that nobody wanted are counted again only when packets were received', () => {
  const collector = netdev();
  const unhandled = (received: number, nohandler: number) => {
    const host = fakeHost({
      'proc/1/net/dev': `${HEADINGS}eth0: 100 ${received} ${count(14).join(' ')}\n`,
      'sys/class/net/eth0/statistics/rx_nohandler': `${nohandler}\n`,
    });
    return collected(collector, host).series.find((line) => line.includes('nohandler'));
  };
  assert.equal(unhandled(10, 1), 'node_network_receive_nohandler_total{device="eth0"} 1');
  assert.equal(unhandled(10, 2), 'node_network_receive_nohandler_total{device="eth0"} 1');
  assert.equal(unhandled(11, 2), 'node_network_receive_nohandler_total{device="eth0"} 2');
});

test('netdev: interfaces that are neither in /proc nor in /sys are told', () => {
  const { series, failure } = collected(netdev(), fakeHost({ 'proc/net/dev': `${HEADINGS}eth0: ${all}\n` }));
  assert.deepEqual(series, []);
  assert.match(failure ?? '', /\/proc\/1\/net\/dev: expected a file that may be read/);
});
