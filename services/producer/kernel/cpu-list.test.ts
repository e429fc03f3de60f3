import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCpuList } from './cpu-list.ts';

const TABLE: readonly [text: string, expected: number[]][] = [
  ['', []],
  ['\n', []],
  ['0\n', [0]],
  ['0-3,8,10-11', [0, 1, 2, 3, 8, 10, 11]],
];
for (const [text, expected] of TABLE) {
  test(`CPU list: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseCpuList('online', text), expected);
  });
}

test('CPU list: of 256', () => {
  assert.equal(parseCpuList('online', '0-255').length, 256);
});

test('CPU list: what is none is unreadable', () => {
  for (const text of ['x', '1-', '-1', '3-1', '1,,2', '0-99999999999', '0-3 5']) {
    assert.throws(() => parseCpuList('online', text), { code: 'PARSE' }, text);
  }
});
