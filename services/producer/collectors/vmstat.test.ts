import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseVmstat, type VmstatField } from './vmstat.ts';

const TABLE: readonly [what: string, text: string, expected: VmstatField[]][] = [
  ['a field', 'pgfault 47966095\n', [{ name: 'pgfault', value: 47966095 }]],
  [
    'others are passed over',
    'nr_free_pages 1\npgpgin 2\npgalloc_dma 3\npgmajfault 4\noom_kill 0\npswpout 5\nthp_fault_alloc 6\n',
    [
      { name: 'pgpgin', value: 2 },
      { name: 'pgmajfault', value: 4 },
      { name: 'oom_kill', value: 0 },
      { name: 'pswpout', value: 5 },
    ],
  ],
  ['what is missing is NaN', 'pgpgin\n', [{ name: 'pgpgin', value: Number.NaN }]],
  ['so is what is no number', 'pgpgin 2kB\n', [{ name: 'pgpgin', value: Number.NaN }]],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/vmstat: ${what}`, () => {
    assert.deepEqual(parseVmstat(text), expected);
  });
}

test('/proc/vmstat: without a field that is looked for, or cut, it is unreadable', () => {
  for (const text of ['', 'nr_free_pages 1\n', 'pgpgin 2\npgpgout 1']) {
    assert.throws(() => parseVmstat(text), { code: 'PARSE' }, JSON.stringify(text));
  }
});
