import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DiskStats, parseDiskstats } from './diskstats.ts';

const count = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const SDA = { major: '8', minor: '0', device: 'sda' };
const TABLE: readonly [what: string, text: string, expected: DiskStats[]][] = [
  ['11 columns before Linux 4.18', `   8       0 sda ${count(11).join(' ')}\n`, [{ ...SDA, counts: count(11) }]],
  [
    '15 with discards',
    ` 253 0 dm-0 ${count(15).join(' ')}\n`,
    [{ major: '253', minor: '0', device: 'dm-0', counts: count(15) }],
  ],
  [
    '17 with flushes',
    ` 259 0 nvme0n1 ${count(17).join(' ')}\n`,
    [{ major: '259', minor: '0', device: 'nvme0n1', counts: count(17) }],
  ],
  ['a column too many is ignored', `8 0 sda ${count(18).join(' ')}\n`, [{ ...SDA, counts: count(17) }]],
  [
    'a column that every kernel has and is missing is NaN',
    `8 0 sda ${count(9).join(' ')}\n`,
    [{ ...SDA, counts: [...count(9), Number.NaN, Number.NaN] }],
  ],
  [
    'what is no number is NaN',
    'garbage\n',
    [{ major: 'garbage', minor: '', device: '', counts: Array(11).fill(Number.NaN) }],
  ],
  ['a machine without disks has no lines', '', []],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/diskstats: ${what}`, () => {
    assert.deepEqual(parseDiskstats(text), expected);
  });
}

test('/proc/diskstats: one that was cut is unreadable', () => {
  assert.throws(() => parseDiskstats(`8 0 sda ${count(17).join(' ')}`), { code: 'PARSE' });
});

test('/proc/diskstats: a thousand disks', () => {
  const disks = parseDiskstats(
    Array.from({ length: 1000 }, (_, i) => `8 ${i} sd${i} ${count(17).join(' ')}\n`).join(''),
  );
  assert.deepEqual(
    [disks.length, disks[999]],
    [1000, { major: '8', minor: '999', device: 'sd999', counts: count(17) }],
  );
});
