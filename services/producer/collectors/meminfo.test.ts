import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MeminfoField, parseMeminfo } from './meminfo.ts';

const TABLE: readonly [what: string, text: string, expected: MeminfoField][] = [
  ['kB is bytes', 'MemTotal:       24684084 kB\n', { name: 'MemTotal', value: 25276502016, unit: 'bytes' }],
  ['brackets become part of the name', 'Active(anon):  2 kB\n', { name: 'Active_anon', value: 2048, unit: 'bytes' }],
  ['what has no unit is pages', 'HugePages_Total:       3\n', { name: 'HugePages_Total', value: 3, unit: 'pages' }],
  ['zero is zero', 'SwapTotal:             0 kB\n', { name: 'SwapTotal', value: 0, unit: 'bytes' }],
  ['a column too many is ignored', 'MemFree: 1 kB 7\n', { name: 'MemFree', value: 1024, unit: 'bytes' }],
  ['what is no number is NaN', 'MemFree: l2 kB\n', { name: 'MemFree', value: Number.NaN, unit: 'bytes' }],
  ['nothing is NaN', 'MemFree:\n', { name: 'MemFree', value: Number.NaN, unit: 'pages' }],
  ['so is a line of another kind', 'garbage\n', { name: 'garbage', value: Number.NaN, unit: 'pages' }],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/meminfo: ${what}`, () => {
    assert.deepEqual(parseMeminfo(text), [expected]);
  });
}

test('/proc/meminfo: without any field, or cut, it is unreadable', () => {
  for (const text of ['', '\n', 'MemTotal:  24684084 kB\nMemFree:   2468']) {
    assert.throws(() => parseMeminfo(text), { code: 'PARSE' }, JSON.stringify(text));
  }
});

test('/proc/meminfo: a thousand fields', () => {
  const text = Array.from({ length: 1000 }, (_, i) => `Field${i}: ${i} kB\n`).join('');
  assert.deepEqual(parseMeminfo(text)[999], { name: 'Field999', value: 999 * 1024, unit: 'bytes' });
});
