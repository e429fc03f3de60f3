import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSeriesName } from './series-name.ts';

test('a series is named by its metric and its labels, either of which may be missing', () => {
  for (const [text, metric, labels] of [
    ['node_load1', 'node_load1', {}],
    [' node_load1 { } ', 'node_load1', {}],
    ['node_load1{a="b"}', 'node_load1', { a: 'b' }],
    [`x{ a = "b" , c='d', e=\`f\\g\`, }`, 'x', { a: 'b', c: 'd', e: 'f\\g' }],
    ['x{a="}, \\"\\\\ ="}', 'x', { a: '}, "\\ =' }],
    ['{__name__="x",a=""}', 'x', { a: '' }],
    ['{}', '', {}],
    ['', '', {}],
    ['instance:x:rate5m{a="b"}', 'instance:x:rate5m', { a: 'b' }],
  ] as const) {
    assert.deepEqual(readSeriesName(text), { name: { metric, labels } }, text);
  }
});

test('what is no name is told with its place', () => {
  for (const [text, offset] of [
    ['node_load1{a=~"b"}', 11],
    ['node_load1{a="b"', 16],
    ['node_load1{a="b" c="d"}', 17],
    ['node_load1{a="b"} 5', 18],
    ['node-load1', 4],
    ['x{a="\\q"}', 2],
  ] as const) {
    const read = readSeriesName(text);
    assert.ok('mistake' in read, text);
    assert.equal(read.mistake.offset, offset, text);
  }
});
