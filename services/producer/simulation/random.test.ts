import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, hexOf, randomOf } from './random.ts';

const numbers = (seed: number, ...names: number[]) => {
  const random = randomOf(seed, ...names);
  return Array.from({ length: 1000 }, random);
};

test('the same seed and names give the same numbers, others give others', () => {
  assert.deepEqual(numbers(1, 2, 3), numbers(1, 2, 3));
  const firsts = [[1], [2], [1, 0], [1, 1], [1, 0, 0], [1, 2, 3], [1, 3, 2], [2 ** 33 + 1]].map(
    ([seed = 0, ...names]) => numbers(seed, ...names)[0],
  );
  assert.equal(new Set(firsts).size, firsts.length);
});

test('numbers are from 0 to 1 and spread evenly, those of neighbours apart from each other', () => {
  for (const list of [numbers(1), numbers(1, 7), Array.from({ length: 1000 }, (_, index) => randomOf(5, index)())]) {
    assert.ok(list.every((number) => number >= 0 && number < 1));
    const mean = list.reduce((sum, number) => sum + number, 0) / list.length;
    assert.ok(Math.abs(mean - 0.5) < 0.04, `mean ${mean}`);
    for (let tenth = 0; tenth < 10; tenth++) {
      const count = list.filter((number) => Math.floor(number * 10) === tenth).length;
      assert.ok(count > 60 && count < 140, `${count} of 1000 in tenth ${tenth}`);
    }
  }
});

test('a span and a name of digits keep to what was asked for', () => {
  const random = randomOf(3);
  for (let i = 0; i < 100; i++) {
    const number = between(random, -2, 5);
    assert.ok(number >= -2 && number < 5);
  }
  assert.match(hexOf(random, 16), /^[0-9a-f]{16}$/);
});
