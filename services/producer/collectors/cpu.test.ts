import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CpuTimes, parseStat } from './cpu.ts';

const TABLE: readonly [what: string, text: string, expected: CpuTimes[]][] = [
  [
    'ten columns are seconds',
    'cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 100 200 300 400 500 600 700 800 900 1000\nintr 5\n',
    [{ cpu: '0', seconds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }],
  ],
  ['an old kernel has fewer', 'cpu0 100 200 300 400\n', [{ cpu: '0', seconds: [1, 2, 3, 4] }]],
  ['a column too many is ignored', 'cpu0 1 1 1 1 1 1 1 1 1 1 99\n', [{ cpu: '0', seconds: Array(10).fill(0.01) }]],
  ['what is no number is NaN', 'cpu7 100 x 0x3 \n', [{ cpu: '7', seconds: [1, Number.NaN, Number.NaN] }]],
  [
    'CPUs that are out leave a gap in the numbers',
    'cpu0 100\ncpu2 200\n',
    [
      { cpu: '0', seconds: [1] },
      { cpu: '2', seconds: [2] },
    ],
  ],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/stat: ${what}`, () => {
    assert.deepEqual(parseStat(text), expected);
  });
}

test('/proc/stat: without any CPU, or cut, it is unreadable', () => {
  for (const text of ['', 'intr 1\n', 'cpu  1 2 3\n', 'cpu0 100 200\ncpu1 10']) {
    assert.throws(() => parseStat(text), { code: 'PARSE' }, JSON.stringify(text));
  }
});

test('/proc/stat: 256 CPUs and a line of 100,000 interrupts', () => {
  const rows = Array.from({ length: 256 }, (_, cpu) => `cpu${cpu} ${cpu} 0 0 0 0 0 0 0 0 0\n`);
  const cpus = parseStat(`cpu  1\n${rows.join('')}intr ${'1 '.repeat(100_000)}\n`);
  assert.deepEqual([cpus.length, cpus[255]?.cpu, cpus[255]?.seconds[0]], [256, '255', 2.55]);
});
