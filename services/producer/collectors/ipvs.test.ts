import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIpvs, parseIpvsStats } from './ipvs.ts';
import { parseAddress } from './ipvs-address.ts';

const ADDRESSES: readonly [text: string, address: string, port: string][] = [
  ['C000020A:01BB', '192.0.2.10', '443'],
  ['00000000:0000', '0.0.0.0', '0'],
  ['[2001:0db8:0000:0000:0000:0000:0000:0001]:0050', '2001:db8::1', '80'],
  ['[2001:0db8:0000:0001:0000:0000:0000:0000]:0050', '2001:db8:0:1::', '80'],
  ['[0000:0000:0001:0000:0000:0000:0000:0001]:0050', '0:0:1::1', '80'],
  ['[2001:0db8:0000:0001:0001:0001:0001:0001]:0050', '2001:db8:0:1:1:1:1:1', '80'],
  ['[0000:0000:0000:0000:0000:0000:0000:0000]:0050', '::', '80'],
];
for (const [text, address, port] of ADDRESSES) {
  test(`/proc/net/ip_vs: ${text} is ${address}, port ${port}`, () => {
    assert.deepEqual(parseAddress(text), [address, port]);
  });
}

test('/proc/net/ip_vs: what is no address, or follows no service, is unreadable', () => {
  for (const line of [
    'TCP garbage rr',
    'TCP',
    '  -> C000020A:01BB Masq 1 2 3',
    'TCP C000020A:01BB rr\n  -> x Masq 1 2 3',
  ]) {
    assert.throws(() => parseIpvs(`${line}\n`), { code: 'PARSE' }, line);
  }
});

test('/proc/net/ip_vs: a number that is missing is NaN', () => {
  const [server] = parseIpvs('UDP C000020A:01BB rr\n  -> C6336401:20FB Masq 1 x\n');
  assert.deepEqual([server?.weight, server?.active, server?.inactive], [1, Number.NaN, Number.NaN]);
});

test('/proc/net/ip_vs: no services', () => {
  assert.deepEqual(parseIpvs('IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler\n'), []);
});

test('/proc/net/ip_vs_stats: the totals of the third line', () => {
  assert.deepEqual(parseIpvsStats('   Total\n   Conns\n   A   B   C  10 FF\n'), [10, 11, 12, 16, 255]);
  assert.deepEqual(parseIpvsStats('   Total\n   Conns\n A x\n'), [10, ...Array(4).fill(Number.NaN)]);
});
