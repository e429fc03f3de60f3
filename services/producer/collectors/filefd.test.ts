import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OpenFiles, parseFileNr } from './filefd.ts';

const { NaN: none } = Number;
const TABLE: readonly [what: string, text: string, expected: OpenFiles][] = [
  ['open files and the maximum', '494\t0\t2466170\n', { allocated: 494, maximum: 2466170 }],
  ['no maximum to speak of', '494\t0\t9223372036854775807\n', { allocated: 494, maximum: 2 ** 63 }],
  ['a column too many is ignored', '1\t0\t2\t3\n', { allocated: 1, maximum: 2 }],
  ['what is missing is no number', '494\n', { allocated: 494, maximum: none }],
  ['what is garbled is no number', '?\t0\t7\n', { allocated: none, maximum: 7 }],
  ['nothing', '', { allocated: none, maximum: none }],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/sys/fs/file-nr: ${what}`, () => {
    assert.deepEqual(parseFileNr(text), expected);
  });
}

test('/proc/sys/fs/file-nr: one that was cut is unreadable', () => {
  assert.throws(() => parseFileNr('494\t0\t2466'), { code: 'PARSE' });
});
