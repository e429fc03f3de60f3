import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, type Sighting, sightingOf } from './judge.ts';

const see = (text: string): Sighting[] => text.split(' ').flatMap((id) => sightingOf(id) ?? []);

test('a complete run is without fault', () => {
  const { records, lost, duplicated, reordered, epochs } = judge(see('n/e/0 n/e/1 m/f/0 n/e/2'));
  assert.deepEqual({ records, lost, duplicated, reordered }, { records: 4, lost: [], duplicated: 0, reordered: 0 });
  assert.deepEqual(
    [...epochs.entries()].map(([node, last]) => [node, ...last]),
    [
      ['n', ['e', 2]],
      ['m', ['f', 0]],
    ],
  );
});

test('what is missing is named, from the first number of an epoch on', () => {
  assert.deepEqual(judge(see('n/e/1 n/e/3 n/g/0')).lost, see('n/e/0 n/e/2'));
});

test('what comes twice or late is told apart, and neither counts as lost', () => {
  const { lost, duplicated, reordered } = judge(see('n/e/0 n/e/2 n/e/1 n/e/1 n/e/3 n/e/3'));
  assert.deepEqual({ lost, duplicated, reordered }, { lost: [], duplicated: 2, reordered: 1 });
});

test('an id that is none of an event is no sighting', () => {
  assert.equal(sightingOf('n/e/gap-1-2'), undefined);
  assert.equal(sightingOf('n/e'), undefined);
});
