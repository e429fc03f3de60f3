import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LoadAverage, parseLoadavg } from './loadavg.ts';

const { NaN: none } = Number;
const TABLE: readonly [what: string, text: string, expected: LoadAverage][] = [
  ['three averages', '0.06 0.10 12.08 2/86 5800\n', { load1: 0.06, load5: 0.1, load15: 12.08 }],
  ['a field too many is ignored', '1.00 2.00 3.00 2/86 5800 7\n', { load1: 1, load5: 2, load15: 3 }],
  ['nothing is no number', '', { load1: none, load5: none, load15: none }],
  ['what is missing is no number', '0.06\n', { load1: 0.06, load5: none, load15: none }],
  ['what is garbled is no number', '0.06 0,10 ?\n', { load1: 0.06, load5: none, load15: none }],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/loadavg: ${what}`, () => {
    assert.deepEqual(parseLoadavg(text), expected);
  });
}

test('/proc/loadavg: one that was cut is unreadable', () => {
  assert.throws(() => parseLoadavg('0.06 0.10 0.1'), { code: 'PARSE' });
});
