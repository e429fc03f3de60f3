import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonOf, momentOf, spanOf, tableOf } from './text.ts';

test('a span is told in its two largest units, a moment in universal time', () => {
  const spans = [0, 400, 59_000, 60_000, 750_000, 3_600_000, 3_605_000, 90_000_000, 86_400_000 * 12, -5];
  assert.deepEqual(spans.map(spanOf), ['0s', '0s', '59s', '1m', '12m30s', '1h', '1h', '1d1h', '12d', '0s']);
  assert.equal(momentOf(Date.UTC(2026, 0, 7, 12, 0, 5)), '01-07 12:00:05');
});

test('a table fits: what may be cut is, the last column first, and no further than it may', () => {
  assert.deepEqual(
    tableOf(
      [{ title: 'A' }, { title: 'LONGER' }],
      [
        ['one', 'x'],
        ['2', ''],
      ],
    ),
    ['A    LONGER', 'one  x', '2'],
  );
  const columns = [{ title: 'A' }, { title: 'B', atLeast: 20 }, { title: 'C', atLeast: 10 }];
  const cut = tableOf(columns, [['a'.repeat(40), 'b'.repeat(60), 'c'.repeat(90)]]);
  assert.equal(cut[1], `${'a'.repeat(40)}  ${'b'.repeat(60)}  ${'c'.repeat(15)}…`);
  const both = tableOf(columns, [['a'.repeat(40), 'b'.repeat(100), 'c'.repeat(90)]]);
  assert.equal(both[1], `${'a'.repeat(40)}  ${'b'.repeat(65)}…  ${'c'.repeat(9)}…`);
  for (const line of [...cut, ...both]) assert.ok(line.length <= 120);
});

test('what others wrote commands no terminal', () => {
  assert.deepEqual(tableOf([{ title: 'A' }], [['\u001b[2Jx\ny\u202e']]), ['A', '\ufffd[2Jx\ufffdy\ufffd']);
  assert.equal(jsonOf({ a: '\u009b\u202e' }), '{\n  "a": "\\u009b\\u202e"\n}');
});
