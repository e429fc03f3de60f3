import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heardAt } from './presence.ts';
import { expandValues } from './values.ts';

function heard(...texts: readonly string[]) {
  const series = texts.map((text) => {
    const expanded = expandValues(text);
    return 'values' in expanded ? expanded.values : [];
  });
  const found = heardAt(series, 6);
  return 'heard' in found ? found.heard.map(Number).join('') : found;
}

test('a node is heard while it has something to say, or nothing that it had is missing', () => {
  assert.equal(heard('1x5'), '111111');
  assert.equal(heard('_x3 1x2', '1x5'), '111111');
  assert.equal(heard('1 stale', '1x5'), '111111');
  assert.equal(heard('1 stale _ 1x2', '1x5'), '111111');
  assert.equal(heard('1 1 stale'), '111111');
  assert.equal(heard(''), '111111');
  assert.equal(heard('_x9'), '111111');
});

test('a node of which everything is missing is not heard', () => {
  assert.equal(heard('1 1 _ _ 1 1', '1 1 _ _ 1 1'), '110011');
  assert.equal(heard('1 1 _ _ 1 1', '1 stale _ _ 1 1', '_x4 1 1'), '110011');
  assert.equal(heard('1 1'), '110000');
});

test('a series that is missing alone is found', () => {
  assert.deepEqual(heard('1x5', '1 1 _ 1'), { missing: 1, step: 2 });
  assert.deepEqual(heard('1 1 1', '1x5'), { missing: 0, step: 3 });
  assert.deepEqual(heard('1 _ _ 1', '1 _ 1 1'), { missing: 0, step: 2 });
});
