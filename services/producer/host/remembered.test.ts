import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Host } from './proc.ts';
import { remembered } from './remembered.ts';

const HOST = {} as Host;

/** Counts how often it was looked, at the times given. */
function looks(times: readonly number[]): number[] {
  let now = 0;
  let count = 0;
  const look = remembered(
    () => now,
    60,
    () => ++count,
  );
  return times.map((time) => {
    now = time;
    return look(HOST);
  });
}

test('what is remembered is looked up anew when it is old, or the clock was set back', () => {
  assert.deepEqual(looks([0, 1, 59, 60, 61, 120]), [1, 1, 1, 2, 2, 3]);
  assert.deepEqual(looks([100, 101, 99, 100]), [1, 1, 2, 2]);
});

test('a failure is not remembered, and neither is what was found before it', () => {
  let now = 0;
  const answers = [() => 'old', () => assert.fail('gone'), () => assert.fail('still gone'), () => 'new'];
  const look = remembered(
    () => now,
    60,
    () => answers.shift()?.(),
  );
  assert.equal(look(HOST), 'old');
  now = 60;
  assert.throws(() => look(HOST), /gone/);
  assert.throws(() => look(HOST), /still gone/);
  assert.equal(look(HOST), 'new');
});
