import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CpuSchedule, parseSchedstat } from './schedstat.ts';

const { NaN: none } = Number;
const HEAD = 'version 15\ntimestamp 15819019232\n';
const TABLE: readonly [what: string, text: string, expected: CpuSchedule[]][] = [
  [
    'nanoseconds are seconds',
    `${HEAD}cpu0 498494191 0 3533438552 2553969831 3853684107 2465731542 2500000000 1500000000 42\n`,
    [{ cpu: '0', runningSeconds: 2.5, waitingSeconds: 1.5, timeslices: 42 }],
  ],
  [
    'domains are passed over, CPUs may be missing',
    `${HEAD}cpu1 0 0 0 0 0 0 1000000000 0 1\ndomain0 00000003 1 2 3\ncpu3 0 0 0 0 0 0 3000000000 0 3\ndomain0 0 1 2 3\n`,
    [
      { cpu: '1', runningSeconds: 1, waitingSeconds: 0, timeslices: 1 },
      { cpu: '3', runningSeconds: 3, waitingSeconds: 0, timeslices: 3 },
    ],
  ],
  [
    'what is missing or no number is NaN',
    'cpu0 0 0 0 0 0 0 1e9 x\n',
    [{ cpu: '0', runningSeconds: none, waitingSeconds: none, timeslices: none }],
  ],
  ['nothing', '', []],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/schedstat: ${what}`, () => {
    assert.deepEqual(parseSchedstat(text), expected);
  });
}

test('/proc/schedstat: one that was cut is unreadable', () => {
  assert.throws(() => parseSchedstat('cpu0 0 0 0 0 0 0 1 2 3'), { code: 'PARSE' });
});

test('/proc/schedstat: 256 CPUs', () => {
  const text = Array.from({ length: 256 }, (_, cpu) => `cpu${cpu} 0 0 0 0 0 0 0 0 ${cpu}\n`).join('');
  assert.equal(parseSchedstat(text)[255]?.timeslices, 255);
});
