/**
 * /sys/fs/xfs/DEVICE/stats/stats: what an XFS file system has done since it was mounted, a line of counters for each of its
 * parts, in an order that stays; later kernels add lines and columns.
 *
 *   extent_alloc 92447 97589 92448 93751
 *   rw 107739 94045
 *
 * https://www.kernel.org/doc/html/latest/admin-guide/xfs.html
 */
import type { Collector } from '../collector.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';
import { decimal, lines, words } from '../kernel/text.ts';

const ROOT = 'sys/fs/xfs';
/** Between the devices: the sum of all, and settings. */
const OTHERS: readonly string[] = ['stats', 'debug'];

/** The columns of the lines that are shown. */
const LINES = {
  extent_alloc: [
    'node_xfs_extent_allocation_extents_allocated_total',
    'node_xfs_extent_allocation_blocks_allocated_total',
    'node_xfs_extent_allocation_extents_freed_total',
    'node_xfs_extent_allocation_blocks_freed_total',
  ],
  abt: [
    'node_xfs_allocation_btree_lookups_total',
    'node_xfs_allocation_btree_compares_total',
    'node_xfs_allocation_btree_records_inserted_total',
    'node_xfs_allocation_btree_records_deleted_total',
  ],
  blk_map: [
    'node_xfs_block_mapping_reads_total',
    'node_xfs_block_mapping_writes_total',
    'node_xfs_block_mapping_unmaps_total',
    'node_xfs_block_mapping_extent_list_insertions_total',
    'node_xfs_block_mapping_extent_list_deletions_total',
    'node_xfs_block_mapping_extent_list_lookups_total',
    'node_xfs_block_mapping_extent_list_compares_total',
  ],
  bmbt: [
    'node_xfs_block_map_btree_lookups_total',
    'node_xfs_block_map_btree_compares_total',
    'node_xfs_block_map_btree_records_inserted_total',
    'node_xfs_block_map_btree_records_deleted_total',
  ],
  dir: [
    'node_xfs_directory_operation_lookup_total',
    'node_xfs_directory_operation_create_total',
    'node_xfs_directory_operation_remove_total',
    'node_xfs_directory_operation_getdents_total',
  ],
  ig: [
    'node_xfs_inode_operation_attempts_total',
    'node_xfs_inode_operation_found_total',
    'node_xfs_inode_operation_recycled_total',
    'node_xfs_inode_operation_missed_total',
    'node_xfs_inode_operation_duplicates_total',
    'node_xfs_inode_operation_reclaims_total',
    'node_xfs_inode_operation_attribute_changes_total',
  ],
  rw: ['node_xfs_write_calls_total', 'node_xfs_read_calls_total'],
  vnodes: [
    'node_xfs_vnode_active_total',
    'node_xfs_vnode_allocate_total',
    'node_xfs_vnode_get_total',
    'node_xfs_vnode_hold_total',
    'node_xfs_vnode_release_total',
    'node_xfs_vnode_reclaim_total',
    'node_xfs_vnode_remove_total',
  ],
} as const;

type XfsMetric = (typeof LINES)[keyof typeof LINES][number];
const BY_WORD = new Map<string, readonly XfsMetric[]>(Object.entries(LINES));

export function xfs(now: () => number): Collector {
  const devices = remembered(now, A_MINUTE_MS, (host) => host.list(ROOT).filter((name) => !OTHERS.includes(name)));
  return {
    name: 'xfs',
    collect(host, emit) {
      for (const device of devices(host)) {
        const text = host.read(`${ROOT}/${device}/stats/stats`);
        if (text === undefined) continue;
        for (const [name, value] of parseXfsStats(text)) emit(name, value, { device });
      }
    },
  };
}

export function parseXfsStats(text: string): [XfsMetric, number][] {
  return lines('/sys/fs/xfs/*/stats/stats', text).flatMap((line) => {
    const [word = '', ...columns] = words(line);
    return (BY_WORD.get(word) ?? []).map((name, i): [XfsMetric, number] => [name, decimal(columns[i])]);
  });
}
