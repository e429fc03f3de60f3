import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FreeBlocks, parseBuddyinfo } from './buddyinfo.ts';

const TABLE: readonly [what: string, text: string, expected: FreeBlocks[]][] = [
  [
    'a zone of each line',
    'Node 0, zone      DMA      1      0      3 \nNode 1, zone   Normal   4499   3487   1866 \n',
    [
      { node: '0', zone: 'DMA', blocks: [1, 0, 3] },
      { node: '1', zone: 'Normal', blocks: [4499, 3487, 1866] },
    ],
  ],
  ['what is no number is NaN', 'Node 0, zone DMA 1 x 3\n', [{ node: '0', zone: 'DMA', blocks: [1, Number.NaN, 3] }]],
  ['so is a line of another kind', 'garbage\n', [{ node: '', zone: 'garbage', blocks: [Number.NaN] }]],
  ['nothing', '', []],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/buddyinfo: ${what}`, () => {
    assert.deepEqual(parseBuddyinfo(text), expected);
  });
}

test('/proc/buddyinfo: one that was cut is unreadable', () => {
  assert.throws(() => parseBuddyinfo('Node 0, zone DMA 1 2'), { code: 'PARSE' });
});
