import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { translateRegexp } from './regexp.ts';

test('a pattern matches what it matches in Prometheus', () => {
  for (const [pattern, matching, other] of [
    ['sd', ['sd'], ['sda', 'asd', '']],
    ['sda|sdb', ['sda', 'sdb'], ['sdaa', 'xsdb']],
    ['sd.*', ['sd', 'sda', 'sd\na'], ['nvme']],
    ['', [''], ['a']],
    ['a{2,3}', ['aa', 'aaa'], ['a', 'aaaa']],
    ['a{', ['a{'], ['a']],
    ['{,5}', ['{,5}'], ['']],
    ['a}]', ['a}]'], ['a']],
    ['\\-\\/\\_\\.', ['-/_.'], ['-/_x']],
    ['\\d\\w\\s', ['1a ', '1a\t'], ['1a\v', '1a\u00a0', '1é ']],
    ['\\D\\W\\S', ['aéb'], ['aé ']],
    ['[\\w-.]+', ['a-b.c'], ['a b']],
    ['[]a]', [']', 'a'], ['b', '']],
    ['[^]a]', ['b'], [']', 'a']],
    ['[a\\]b]', [']', 'a', 'b'], ['c']],
    ['[a^b-]', ['^', '-'], ['c']],
    ['[{}()|*+?.$]', ['{', '|', '$'], ['a']],
    ['[\\s,]', [' ', ','], ['s']],
    ['\\x41\\x{1F600}', ['A😀'], ['A']],
    ['.', ['😀', 'a', '\n'], ['ab', '']],
    ['(?i)Ab', ['ab', 'AB'], ['abc']],
    ['(?is)a.', ['A\n'], ['a']],
    ['x(?i:a)', ['xa', 'xA'], ['XA']],
    ['(?P<name>a)(?<other>b)(?:c)', ['abc'], ['ab']],
    ['/(?:var|run)/.+', ['/var/lib'], ['/var/']],
    ['^a$', ['a'], ['^a$']],
    ['a+?b*?', ['a', 'aab'], ['b']],
    ['\\bx\\B', [], ['x']],
  ] as const) {
    const translated = translateRegexp(pattern);
    assert.ok('regexp' in translated, `${pattern}: ${JSON.stringify(translated)}`);
    for (const text of matching) assert.ok(translated.regexp.test(text), `${pattern} matches ${JSON.stringify(text)}`);
    for (const text of other)
      assert.ok(!translated.regexp.test(text), `${pattern} does not match ${JSON.stringify(text)}`);
  }
});

test('what means something else in JavaScript, or nothing, is refused at its place', () => {
  for (const [pattern, at, message] of [
    ['a(?=b)', 1, /"\(\?=" is not supported/],
    ['(?<!a)b', 0, /is not supported/],
    ['a(?i)b', 1, /is not supported/],
    ['(?m)a', 0, /is not supported/],
    ['(a)\\1', 3, /"\\1" is not supported/],
    ['\\pL', 0, /"\\p" is not supported/],
    ['\\Qa\\E', 0, /"\\Q" is not supported/],
    ['a\\z', 1, /"\\z" is not supported/],
    ['[[:alpha:]]', 1, /"\[:" is not supported/],
    ['x[abc', 1, /this \[ has no \]/],
    ['a{1001}', 1, /more than 1000/],
    ['a\\', 1, /escapes nothing/],
    ['a**', 0, /not a regular expression/],
    ['(', 0, /not a regular expression/],
    ['[b-a]', 0, /not a regular expression/],
  ] as const) {
    const translated = translateRegexp(pattern);
    assert.ok('problem' in translated, pattern);
    assert.match(translated.problem.message, message, pattern);
    assert.equal(translated.problem.at, at, pattern);
  }
});

test('a text with every special character escaped matches itself and nothing longer', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const translated = translateRegexp(text.replaceAll(/[!-/:-@[-`{-~]/g, '\\$&'));
      assert.ok('regexp' in translated);
      assert.ok(translated.regexp.test(text));
      assert.ok(!translated.regexp.test(`${text}x`));
    }),
  );
});

test('whatever a pattern is, it is translated or refused', () => {
  fc.assert(fc.property(fc.string(), (pattern) => void translateRegexp(pattern)));
});
