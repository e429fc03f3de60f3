/**
 * /sys/fs/bcache/UUID: a set of SSDs that cache disks. Its numbers are for people: `4.5M` is four times 1024² and a bit.
 *
 *   average_key_size  btree_cache_size  internal/btree_nodes …
 *   bdev0/{dirty_data,writeback_rate_debug,stats_total/cache_hits …}   cache0/{io_errors,written …}
 *
 * https://www.kernel.org/doc/html/latest/admin-guide/bcache.html
 */

import type { Collector, Emit } from '../collector.ts';
import { divided, textIn } from '../host/attributes.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';
import { each } from './each.ts';

const ROOT = 'sys/fs/bcache';

const SET = [
  ['average_key_size', 'node_bcache_average_key_size_sectors', 1],
  ['btree_cache_size', 'node_bcache_btree_cache_size_bytes', 1],
  ['cache_available_percent', 'node_bcache_cache_available_percent', 1],
  ['congested', 'node_bcache_congested', 1],
  ['root_usage_percent', 'node_bcache_root_usage_percent', 1],
  ['tree_depth', 'node_bcache_tree_depth', 1],
  ['internal/active_journal_entries', 'node_bcache_active_journal_entries', 1],
  ['internal/btree_nodes', 'node_bcache_btree_nodes', 1],
  // Whatever the file's name says, node_exporter takes it for nanoseconds.
  ['internal/btree_read_average_duration_us', 'node_bcache_btree_read_average_duration_seconds', 1e9],
  ['internal/cache_read_races', 'node_bcache_cache_read_races_total', 1],
] as const;

const BACKING = [
  ['dirty_data', 'node_bcache_dirty_data_bytes'],
  ['stats_total/bypassed', 'node_bcache_bypassed_bytes_total'],
  ['stats_total/cache_hits', 'node_bcache_cache_hits_total'],
  ['stats_total/cache_misses', 'node_bcache_cache_misses_total'],
  ['stats_total/cache_bypass_hits', 'node_bcache_cache_bypass_hits_total'],
  ['stats_total/cache_bypass_misses', 'node_bcache_cache_bypass_misses_total'],
  ['stats_total/cache_miss_collisions', 'node_bcache_cache_miss_collisions_total'],
  ['stats_total/cache_readaheads', 'node_bcache_cache_readaheads_total'],
] as const;

const WRITEBACK = [
  ['target', 'node_bcache_dirty_target_bytes'],
  ['rate', 'node_bcache_writeback_rate'],
  ['proportional', 'node_bcache_writeback_rate_proportional_term'],
  ['integral', 'node_bcache_writeback_rate_integral_term'],
  ['change', 'node_bcache_writeback_change'],
] as const;

const CACHE = [
  ['io_errors', 'node_bcache_io_errors'],
  ['metadata_written', 'node_bcache_metadata_written_bytes_total'],
  ['written', 'node_bcache_written_bytes_total'],
] as const;

interface CacheSet {
  readonly uuid: string;
  readonly backing: readonly string[];
  readonly caches: readonly string[];
}

export function bcache(now: () => number): Collector {
  const sets = remembered(now, A_MINUTE_MS, findSets);
  return {
    name: 'bcache',
    collect(host, emit) {
      each(sets(host), (set) => emitSet(host, emit, set));
    },
  };
}

function emitSet(host: Host, emit: Emit, { uuid, backing, caches }: CacheSet): void {
  const path = `${ROOT}/${uuid}`;
  const read = (file: string) => {
    const text = textIn(host, `${path}/${file}`);
    return text === undefined ? undefined : forPeople(text);
  };
  for (const [file, name, units] of SET) {
    emit(name, divided(read(file), units), { uuid });
  }
  for (const backing_device of backing) {
    const labels = { uuid, backing_device };
    for (const [file, name] of BACKING) emit(name, read(`${backing_device}/${file}`), labels);
    const text = textIn(host, `${path}/${backing_device}/writeback_rate_debug`);
    if (text === undefined) continue;
    const found = parseWriteback(text);
    for (const [key, name] of WRITEBACK) emit(name, found.get(key) ?? Number.NaN, labels);
  }
  for (const cache_device of caches) {
    for (const [file, name] of CACHE) emit(name, read(`${cache_device}/${file}`), { uuid, cache_device });
  }
}

/** Lines of `rate: 1.1M/sec`, with blanks in between. */
export function parseWriteback(text: string): ReadonlyMap<string, number> {
  return new Map(
    text.split('\n').map((line) => {
      const [key = '', value = ''] = line.split(':');
      return [key, forPeople(value.trim().replace(/\/sec$/, ''))];
    }),
  );
}

/**
 * The value of what the kernel's bch_hprint wrote. After the point stand 1024ths, divided by 100 and so 0 to 10: the tenth
 * of them is `.10`, which is more than `.9`.
 */
export function forPeople(text: string): number {
  const [, sign = '', whole, part = '0', unit = ''] = /^(-?)(\d+)(?:\.(\d+))?([kMGTPEZY]?)$/.exec(text) ?? [];
  if (whole === undefined) return Number.NaN;
  if (unit === '') return Number(text);
  const power = 'kMGTPEZY'.indexOf(unit) + 1;
  const value = Math.trunc((Number(whole) + Number(part) / 10.24) * 1024 ** power);
  return sign === '-' ? -value : value;
}

function findSets(host: Host): CacheSet[] {
  const uuids = host.list(ROOT).filter((name) => name.includes('-'));
  return uuids.map((uuid) => {
    const inside = host.list(`${ROOT}/${uuid}`);
    return {
      uuid,
      backing: inside.filter((name) => /^bdev\d/.test(name)),
      caches: inside.filter((name) => /^cache\d/.test(name)),
    };
  });
}
