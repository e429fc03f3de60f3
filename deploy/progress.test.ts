import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProgress, elapsed } from './progress.ts';

function setUp(isTTY: boolean) {
  let time = 0;
  const printed: string[] = [];
  const terminal = { isTTY, columns: 30, write: (text: string) => void printed.push(text) };
  const progress = createProgress(terminal, () => time);
  return {
    progress,
    printed: () => printed.join(''),
    at(ms: number) {
      time = ms;
    },
  };
}

test('on a terminal the line of waiting is rewritten, cut to its width, and gives way to a line that stays', () => {
  const { progress, printed, at } = setUp(true);
  progress.waiting('waiting for something with a long name');
  at(65_000);
  progress.say('ready');
  assert.equal(printed(), '\r\x1b[K     0s  waiting for somethin\r\x1b[K  1m05s  ready\n');
});

test('elsewhere a line of waiting is printed when it changes, and not all the time', () => {
  const { progress, printed, at } = setUp(false);
  progress.waiting('1 of 3');
  at(2000);
  progress.waiting('2 of 3');
  at(20_000);
  progress.waiting('2 of 3');
  at(40_000);
  progress.waiting('2 of 3');
  assert.equal(printed(), '     0s  1 of 3\n    20s  2 of 3\n');
});

test('further lines of a text stand below the first', () => {
  const { progress, printed } = setUp(false);
  progress.say('kept:\n  volume a');
  assert.equal(printed(), '     0s  kept:\n           volume a\n');
});

for (const [ms, text] of [
  [999, '0s'],
  [59_999, '59s'],
  [60_000, '1m00s'],
  [3_725_000, '62m05s'],
] as const) {
  test(`${ms} ms are ${text}`, () => assert.equal(elapsed(ms), text));
}
