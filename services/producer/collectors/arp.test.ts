import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArp } from './arp.ts';

const HEADING = 'IP address       HW type     Flags       HW address            Mask     Device\n';
const row = (device: string) => `192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        ${device}\n`;

const TABLE: readonly [what: string, text: string, expected: Record<string, number>][] = [
  ['no neighbours', HEADING, {}],
  ['neighbours by interface', HEADING + row('eth0') + row('br-1') + row('eth0'), { eth0: 2, 'br-1': 1 }],
  [
    'a thousand neighbours',
    HEADING + Array.from({ length: 1000 }, (_, i) => row(`veth${i % 2}`)).join(''),
    { veth0: 500, veth1: 500 },
  ],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/net/arp: ${what}`, () => {
    assert.deepEqual(Object.fromEntries(parseArp(text)), expected);
  });
}

test('/proc/net/arp: a number without a line that cannot be read would be wrong', () => {
  for (const text of ['', row('eth0'), `${HEADING}garbage\n`, HEADING + row(''), HEADING + row('eth0').trimEnd()]) {
    assert.throws(() => parseArp(text), { code: 'PARSE' }, text);
  }
});
