import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callsOf, numberAt, parseRpcStats } from './rpc-stats.ts';

const { NaN: none } = Number;
const METHODS = ['Null', '', 'Read'];
const TABLE: readonly [what: string, text: string, expected: [string, number][]][] = [
  [
    'calls by procedure, without those that have no name',
    'proc3 3 7 8 9\n',
    [
      ['Null', 7],
      ['Read', 9],
    ],
  ],
  ['an older kernel has fewer', 'proc3 1 7\n', [['Null', 7]]],
  [
    'a newer one has more',
    'proc3 4 7 8 9 10\n',
    [
      ['Null', 7],
      ['Read', 9],
    ],
  ],
  [
    'with fewer values than it says nobody knows which is missing',
    'proc3 3 7 9\n',
    [
      ['Null', none],
      ['Read', none],
    ],
  ],
  [
    'with none at all, neither',
    'proc3\n',
    [
      ['Null', none],
      ['Read', none],
    ],
  ],
  [
    'a value that is no number is NaN',
    'proc3 3 x 8 9\n',
    [
      ['Null', none],
      ['Read', 9],
    ],
  ],
  ['a kernel without that version', 'net 1 2\n', []],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/net/rpc: ${what}`, () => {
    assert.deepEqual(callsOf(parseRpcStats('/f', text), 'proc3', METHODS), expected);
  });
}

test('/proc/net/rpc: a line that is missing is nothing, one too short is NaN', () => {
  const stats = parseRpcStats('/f', 'net 1 2\n');
  assert.deepEqual(
    [numberAt(stats, 'net', 1), numberAt(stats, 'net', 2), numberAt(stats, 'rpc', 0)],
    [2, none, undefined],
  );
});

test('/proc/net/rpc: one that was cut is unreadable', () => {
  assert.throws(() => parseRpcStats('/f', 'net 1 2'), { code: 'PARSE' });
});
