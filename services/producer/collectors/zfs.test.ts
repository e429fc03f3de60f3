import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKstat, parsePoolIo } from './zfs.ts';

const HEAD = '13 1 0x01 96 4608 8222 9333\nname                            type data\n';

test('a kstat table: numbers, signed or not, and nothing else', () => {
  const text = `${HEAD}hits 4 12\navailable 3 -5\nname 7 words\na-b 4 1\n`;
  assert.deepEqual(parseKstat('file', text), {
    numbers: [
      ['hits', 12],
      ['available', -5],
      ['a_b', 1],
    ],
  });
  assert.deepEqual(parseKstat('file', HEAD), { numbers: [] });
});

test('a kstat table: the name of a data set has its blanks', () => {
  assert.equal(parseKstat('file', `${HEAD}dataset_name                    7    pool/a  b\n`).dataset, 'pool/a  b');
});

test('a kstat table: a number that is none is NaN; one that was cut, or has no head, is unreadable', () => {
  assert.deepEqual(parseKstat('file', `${HEAD}hits 4 many\nmisses 4\n`).numbers, [
    ['hits', Number.NaN],
    ['misses', Number.NaN],
  ]);
  assert.throws(() => parseKstat('file', `${HEAD}hits 4 1`), { code: 'PARSE' });
  assert.throws(() => parseKstat('file', ''), { code: 'PARSE' });
});

test("a pool's I/O: a line of names over one of numbers", () => {
  assert.deepEqual(parsePoolIo('12 3 0x00\nnread nwritten reads\n1 2\n'), [
    ['nread', 1],
    ['nwritten', 2],
    ['reads', Number.NaN],
  ]);
  assert.throws(() => parsePoolIo('12 3 0x00\nnread\n1'), { code: 'PARSE' });
});
