import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocationRatio, parseCommitStats } from './btrfs.ts';

const TABLE: readonly [mode: string, devices: number, ratio: number | undefined][] = [
  ['single', 1, 1],
  ['raid0', 4, 1],
  ['dup', 1, 2],
  ['raid1', 2, 2],
  ['raid1c4', 4, 4],
  ['raid5', 3, 1.5],
  ['raid6', 4, 2],
  ['flags', 4, undefined],
];
for (const [mode, devices, ratio] of TABLE) {
  test(`btrfs: ${mode} on ${devices} devices takes ${ratio ?? 'nothing, as it is no mode'}`, () => {
    assert.equal(allocationRatio(mode, devices), ratio);
  });
}

test('commit_stats: a name and a number a line', () => {
  assert.deepEqual(Object.fromEntries(parseCommitStats('commits 3\nlast_commit_ms ?\nnew')), {
    commits: 3,
    last_commit_ms: Number.NaN,
    new: Number.NaN,
  });
});
