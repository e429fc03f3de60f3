import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decimal, hexadecimal, lines, words } from './text.ts';

const NUMBERS: readonly [text: string | undefined, value: number][] = [
  ['0', 0],
  ['12', 12],
  ['-3', -3],
  ['0.06', 0.06],
  ['007', 7],
  ['18446744073709551615', 18446744073709552000],
  [undefined, Number.NaN],
  ['', Number.NaN],
  [' ', Number.NaN],
  ['12 ', Number.NaN],
  ['1e3', Number.NaN],
  ['0x10', Number.NaN],
  ['1.', Number.NaN],
  ['.5', Number.NaN],
  ['1,5', Number.NaN],
  ['+1', Number.NaN],
  ['--1', Number.NaN],
  ['Infinity', Number.NaN],
  ['NaN', Number.NaN],
  ['12kB', Number.NaN],
];
for (const [text, value] of NUMBERS) {
  test(`${JSON.stringify(text) ?? 'nothing'} reads as ${value}`, () => {
    assert.equal(decimal(text), value);
  });
}

test('whatever is not made of digits alone is no number', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(Number.isNaN(decimal(text)), !/^-?[0-9]+(\.[0-9]+)?$/.test(text));
    }),
  );
});

const HEXADECIMAL: readonly [text: string | undefined, value: number][] = [
  ['0', 0],
  ['0000aFf0', 45_040],
  ['0x1003', 4099],
  ['ffffffffffffffff', 18446744073709552000],
  [undefined, Number.NaN],
  ['', Number.NaN],
  ['0x', Number.NaN],
  ['x', Number.NaN],
  ['12 ', Number.NaN],
  ['-1', Number.NaN],
];
for (const [text, value] of HEXADECIMAL) {
  test(`${JSON.stringify(text) ?? 'nothing'} reads as the hexadecimal ${value}`, () => {
    assert.equal(hexadecimal(text), value);
  });
}

test('words are what stands between blanks', () => {
  assert.deepEqual(words('  a \t b  '), ['a', 'b']);
  assert.deepEqual(words('  '), []);
});

test('lines are whole: one without an end was cut', () => {
  assert.deepEqual(lines('/f', 'a\n\nb \n'), ['a', 'b ']);
  assert.deepEqual(lines('/f', ''), []);
  assert.throws(() => lines('/f', 'a 100\nb 10'), {
    code: 'PARSE',
    message: '/f: expected the end of a line, got "b 10"',
  });
});
