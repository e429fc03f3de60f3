import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellConflicts } from './conflicts.ts';

function open() {
  const clock = { now: 0 };
  const named: unknown[] = [];
  const conflict = tellConflicts({ warn: (fields: unknown) => void named.push(fields) }, () => clock.now);
  return { clock, named, conflict: (node: string) => conflict({ cluster: 'c', node }) };
}

const MINUTE = 60_000;

test('a node in conflict is named once for as long as it lasts', () => {
  const { clock, named, conflict } = open();
  for (clock.now = 0; clock.now < 60 * MINUTE; clock.now += MINUTE) {
    conflict('a');
    if (clock.now % (5 * MINUTE) === 0) conflict('b');
  }
  assert.deepEqual(named, [
    { cluster: 'c', node: 'a' },
    { cluster: 'c', node: 'b' },
  ]);
  clock.now += 10 * MINUTE;
  conflict('b');
  assert.equal(named.length, 3);
});

test('names that somebody makes up are as few in the log as are real, and others are named again later', () => {
  const { clock, named, conflict } = open();
  for (let i = 0; i < 10_000; i++) conflict(`made-up-${i}`);
  assert.equal(named.length, 50);
  conflict('a');
  assert.equal(named.length, 50);
  clock.now = 10 * MINUTE;
  conflict('a');
  assert.deepEqual(named.at(-1), { cluster: 'c', node: 'a' });
});
