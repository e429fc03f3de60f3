import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePressure } from './pressure.ts';

const SOME = 'some avg10=0.16 avg60=0.55 avg300=0.55 total=12893161\n';
const FULL = 'full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n';

const TABLE: readonly [what: string, text: string, expected: Readonly<Record<string, number>>][] = [
  ['totals are seconds', SOME + FULL, { some: 12.893161, full: 0 }],
  ['of interrupts there is only full', FULL, { full: 0 }],
  ['a field too many is ignored', SOME.replace(' total', ' avg900=1.00 total'), { some: 12.893161 }],
  [
    'a total that is missing or no number is NaN',
    'some avg10=0.16\nfull total=?\n',
    { some: Number.NaN, full: Number.NaN },
  ],
  ['nothing', '', {}],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/pressure: ${what}`, () => {
    assert.deepEqual(Object.fromEntries(parsePressure(text)), expected);
  });
}

test('/proc/pressure: one that was cut is unreadable', () => {
  assert.throws(() => parsePressure(SOME.slice(0, -4)), { code: 'PARSE' });
});
