import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INACTIVE, type Life, step } from './life.ts';

/** The phases of a life whose condition holds (+) or not (-) at each second. */
function phases(conditions: string, forMs: number, keepFiringForMs: number): string {
  let life: Life = INACTIVE;
  return [...conditions]
    .map((condition, second) => {
      life = step(life, condition === '+', second * 1000, { forMs, keepFiringForMs });
      return life.phase[0];
    })
    .join('');
}

test('an alert lives as in Prometheus', () => {
  for (const [what, conditions, forMs, keepFiringForMs, expected] of [
    ['fires at once without "for"', '-++-', 0, 0, 'iffi'],
    ['fires when it is "for" old, not earlier', '-+++++-', 3000, 0, 'ipppffi'],
    ['fires at the first look after "for"', '+++++', 2500, 0, 'pppff'],
    ['begins anew after a break while pending', '++-++++', 3000, 0, 'ppipppf'],
    ['fires on for "keep_firing_for" after its condition ended', '+++----', 1000, 2000, 'pffffii'],
    ['counts "keep_firing_for" anew after each return', '++-+-+---', 1000, 2000, 'pfffffffi'],
    ['has no "keep_firing_for" while pending', '+-', 1000, 5000, 'pi'],
    ['begins a new life after it was resolved', '+++-+++', 1000, 0, 'pffipff'],
    ['stays inactive while nothing holds', '---', 0, 1000, 'iii'],
  ] as const) {
    assert.equal(phases(conditions, forMs, keepFiringForMs), expected, what);
  }
});

test('a life remembers when its condition began to hold', () => {
  const timing = { forMs: 1000, keepFiringForMs: 1000 };
  const begun = step(INACTIVE, true, 5000, timing);
  const fired = step(begun, true, 6000, timing);
  const cooling = step(fired, false, 7000, timing);
  assert.deepEqual(
    [begun, fired, cooling, step(cooling, true, 7500, timing)].map(({ activeAt }) => activeAt),
    [5000, 5000, 5000, 5000],
  );
  assert.equal(step(cooling, false, 8000, timing), INACTIVE);
});
