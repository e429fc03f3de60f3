import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forPeople, parseWriteback } from './bcache.ts';

const TABLE: readonly [text: string, value: number][] = [
  ['0', 0],
  ['546', 546],
  ['-3', -3],
  ['4.0k', 4096],
  ['1.9k', 1924],
  ['1.10k', 2024],
  ['-321.5k', -329_204],
  ['3.9G', 4_164_943_872],
  ['1.x', Number.NaN],
  ['12Q', Number.NaN],
  ['', Number.NaN],
];
for (const [text, value] of TABLE) {
  test(`bcache's ${JSON.stringify(text)} is ${value}`, () => {
    assert.equal(forPeople(text), value);
  });
}

test('writeback_rate_debug: lines of a name and a value, by the second or not', () => {
  const found = parseWriteback('rate:\t\t1.1M/sec\ntarget:\t\t20.4G\nchange:\t\t-321.5k/sec\nnext io:\t17ms');
  assert.deepEqual([found.get('rate'), found.get('change'), found.get('next io')], [1_150_976, -329_204, Number.NaN]);
  assert.equal(found.get('integral'), undefined);
});
