import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipelineError } from '#runtime/errors.ts';
import { divided, numberIn, textIn } from './attributes.ts';
import type { Host } from './proc.ts';

const FILES: Readonly<Record<string, string>> = { number: '12', words: 'Not charging', empty: '' };
const host = {
  peek(path: string) {
    if (path === 'EIO') throw new PipelineError('PARSE', 'EIO: i/o error, read');
    if (path === 'bug') throw new TypeError('bug');
    return FILES[path];
  },
} as Host;

test('a file holds a text, or a number of something', () => {
  assert.equal(textIn(host, 'words'), 'Not charging');
  assert.equal(numberIn(host, 'number'), 12);
  assert.equal(numberIn(host, 'number', 512), 6144);
  assert.equal(divided(numberIn(host, 'number'), 1000), 0.012);
});

test('what is no number is NaN, not 0', () => {
  assert.equal(numberIn(host, 'words'), Number.NaN);
  assert.equal(numberIn(host, 'empty'), Number.NaN);
  assert.equal(divided(Number.NaN, 10), Number.NaN);
});

test('what a driver does not answer, and what is not there, is left out', () => {
  for (const path of ['EIO', 'nowhere']) {
    assert.equal(textIn(host, path), undefined);
    assert.equal(divided(numberIn(host, path, 512), 10), undefined);
  }
});

test('a bug is no answer of a driver', () => {
  assert.throws(() => textIn(host, 'bug'), TypeError);
});
