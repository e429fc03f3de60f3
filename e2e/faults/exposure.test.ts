import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, judgeExposure } from './exposure.ts';

/** `a 0-10 n=1 m=2`: replica a, asked at 0 and answered at 10, shows the event of 1 of node n and that of 2 of node m. */
const answers = (...lines: string[]): Answer[] =>
  lines.map((line) => {
    const [replica = '', span = '', ...shown] = line.split(' ');
    const [start = 0, end = 0] = span.split('-').map(Number);
    const nodes = shown.map((each) => each.split('=')).map(([node = '', time]) => [node, Number(time)] as const);
    return { replica, start, end, nodes: new Map(nodes) };
  });

test('a node that is handed over is neither doubled nor stale, whenever in the meantime the two answered', () => {
  const { doubled, stale, longestGapMs } = judgeExposure(
    answers('a 0-10 n=1', 'b 5-15', 'b 20-30 n=1', 'a 25-40 n=1', 'a 50-60', 'b 50-60 n=2'),
  );
  assert.deepEqual({ doubled, stale, longestGapMs }, { doubled: [], stale: [], longestGapMs: 20 });
});

test('a node is doubled when another replica shows it between two answers with it', () => {
  const { doubled } = judgeExposure(answers('a 0-10 n=1', 'b 10-20 n=1 m=1', 'a 20-30 n=1 m=1', 'b 40-50'));
  assert.deepEqual(doubled, ['n: a and b']);
});

test('a node that went away and came back between two answers far apart is not doubled', () => {
  assert.deepEqual(judgeExposure(answers('a 0-10 n=1', 'b 500-510 n=1', 'a 5000-5010 n=2')).doubled, []);
});

test('an older event is stale after an answer with a newer one, whoever gave that', () => {
  const { stale } = judgeExposure(answers('a 0-10 n=5 m=5', 'b 5-20 n=4 m=6', 'b 30-40 n=4 m=6'));
  assert.deepEqual(stale, ['n: b shows 4 after 5 of a']);
});

test('a gap lasts from an answer to the next one with the node, or to the end', () => {
  assert.equal(judgeExposure(answers('a 0-10 n=1', 'b 20-30', 'a 30-40 n=2', 'b 50-60')).longestGapMs, 30);
  assert.equal(judgeExposure(answers('a 0-10 n=1', 'a 20-30', 'b 30-90')).longestGapMs, 80);
});
