import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseXfsStats } from './xfs.ts';

test('XFS: the columns of known lines, those that later kernels add ignored, those that are missing no number', () => {
  assert.deepEqual(parseXfsStats('extent_alloc 1 2 3 4 5\nrw 6\nnew 7\nxpc 8 9 10\n'), [
    ['node_xfs_extent_allocation_extents_allocated_total', 1],
    ['node_xfs_extent_allocation_blocks_allocated_total', 2],
    ['node_xfs_extent_allocation_extents_freed_total', 3],
    ['node_xfs_extent_allocation_blocks_freed_total', 4],
    ['node_xfs_write_calls_total', 6],
    ['node_xfs_read_calls_total', Number.NaN],
  ]);
  assert.deepEqual(parseXfsStats(''), []);
  assert.throws(() => parseXfsStats('rw 6 1'), { code: 'PARSE' });
});
