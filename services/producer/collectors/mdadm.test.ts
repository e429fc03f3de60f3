import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMdstat, type RaidArray } from './mdadm.ts';

const WELL: RaidArray = {
  device: 'md0',
  state: 'active',
  required: 2,
  active: 2,
  failed: 0,
  spare: 0,
  blocks: 99,
  synced: 99,
};
const { NaN: none } = Number;
const END = '\nunused devices: <none>\n';
const array = (line: string, ...below: readonly string[]) =>
  [`md0 : ${line}`, ...below.map((text) => `      ${text}`)].join('\n');

const TABLE: readonly [what: string, text: string, expected: RaidArray[]][] = [
  ['no array', 'Personalities : [raid1]', []],
  ['one that is well', array('active raid1 sdb1[1] sda1[0]', '99 blocks [2/2] [UU]'), [WELL]],
  [
    'failed and spare disks',
    array('active raid1 sdb1[1](F) sdc1[2](S) sda1[0]', '99 blocks [2/1] [U_]'),
    [{ ...WELL, active: 1, failed: 1, spare: 1 }],
  ],
  ['read-only', array('active (read-only) raid1 sdb1[1] sda1[0]', '99 blocks [2/2] [UU]'), [WELL]],
  ['disks that are joined, not mirrored', array('active linear sdb1[1] sda1[0]', '99 blocks 0k rounding'), [WELL]],
  [
    'not started',
    array('inactive sdb1[1](S) sda1[0](S)', '99 blocks super 1.2'),
    [{ ...WELL, state: 'inactive', required: 0, active: 0, spare: 2 }],
  ],
  [
    'a check after a bitmap',
    array(
      'active raid1 sdb1[1] sda1[0]',
      '99 blocks [2/2] [UU]',
      '[=>....]  check =  5.7% (11/99) finish=0.2min speed=1K/sec',
      'bitmap: 0/1 pages [0KB], 65536KB chunk',
    ),
    [{ ...WELL, state: 'check', synced: 11 }],
  ],
  [
    'work that waits for that of another array',
    array('active raid1 sdb1[1] sda1[0]', '99 blocks [2/2] [UU]', 'resync=DELAYED'),
    [{ ...WELL, state: 'resync', synced: 0 }],
  ],
  [
    'how far it has come is garbled',
    array('active raid1 sdb1[1] sda1[0]', '99 blocks [2/2] [UU]', '[=>....]  recovery = ?'),
    [{ ...WELL, state: 'recovery', synced: none }],
  ],
  [
    'the line of its size is missing',
    array('active raid1 sdb1[1] sda1[0]'),
    [{ ...WELL, required: none, active: none, blocks: none, synced: none }],
  ],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/mdstat: ${what}`, () => {
    assert.deepEqual(parseMdstat(text + END), expected);
  });
}

test('/proc/mdstat: one that was cut, even between lines, is unreadable', () => {
  const [, text = ''] = TABLE[1] ?? [];
  for (const cut of ['', `${text}\n`, `${text}${END}`.slice(0, -1), 'garbage\n']) {
    assert.throws(() => parseMdstat(cut), { code: 'PARSE' }, cut);
  }
});
