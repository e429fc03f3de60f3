import assert from 'node:assert/strict';
import { test } from 'node:test';
import { each } from './each.ts';

test('each has its turn, and the first failure is told in the end', () => {
  const done: number[] = [];
  assert.throws(
    () =>
      each([1, 2, 3, 4], (item) => {
        done.push(item);
        if (item % 2 === 0) throw new Error(`failed ${item}`);
      }),
    { message: 'failed 2' },
  );
  assert.deepEqual(done, [1, 2, 3, 4]);
});

test('where none fails nothing is told', () => {
  each([1, 2], () => undefined);
});
