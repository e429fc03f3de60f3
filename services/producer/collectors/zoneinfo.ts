/**
 * /proc/zoneinfo: the pages of each zone of memory. Zones begin with a line of their own, and go on with lines of a name
 * and a number; the first zone of a node has the figures of the whole node, too.
 *
 *   Node 0, zone      DMA
 *     per-node stats
 *         nr_inactive_anon 1639
 *     pages free     3840
 *           min      28
 *           protection: (0, 3019, 8779, 8779, 8779)
 *
 * https://www.kernel.org/doc/html/latest/admin-guide/sysctl/vm.html#lowmem-reserve-ratio
 */
import type { Collector } from '../collector.ts';
import { decimal, lines, malformed, words } from '../kernel/text.ts';

/** node_exporter's choice and names. The kernel has many more. */
const SERIES = [
  ['nr_free_pages', 'node_zoneinfo_nr_free_pages'],
  ['min', 'node_zoneinfo_min_pages'],
  ['low', 'node_zoneinfo_low_pages'],
  ['high', 'node_zoneinfo_high_pages'],
  ['scanned', 'node_zoneinfo_scanned_pages'],
  ['spanned', 'node_zoneinfo_spanned_pages'],
  ['present', 'node_zoneinfo_present_pages'],
  ['managed', 'node_zoneinfo_managed_pages'],
  ['nr_active_anon', 'node_zoneinfo_nr_active_anon_pages'],
  ['nr_inactive_anon', 'node_zoneinfo_nr_inactive_anon_pages'],
  ['nr_isolated_anon', 'node_zoneinfo_nr_isolated_anon_pages'],
  ['nr_anon_pages', 'node_zoneinfo_nr_anon_pages'],
  ['nr_anon_transparent_hugepages', 'node_zoneinfo_nr_anon_transparent_hugepages'],
  ['nr_active_file', 'node_zoneinfo_nr_active_file_pages'],
  ['nr_inactive_file', 'node_zoneinfo_nr_inactive_file_pages'],
  ['nr_isolated_file', 'node_zoneinfo_nr_isolated_file_pages'],
  ['nr_file_pages', 'node_zoneinfo_nr_file_pages'],
  ['nr_slab_reclaimable', 'node_zoneinfo_nr_slab_reclaimable_pages'],
  ['nr_slab_unreclaimable', 'node_zoneinfo_nr_slab_unreclaimable_pages'],
  ['nr_mlock_stack', 'node_zoneinfo_nr_mlock_stack_pages'],
  ['nr_kernel_stack', 'node_zoneinfo_nr_kernel_stacks'],
  ['nr_mapped', 'node_zoneinfo_nr_mapped_pages'],
  ['nr_dirty', 'node_zoneinfo_nr_dirty_pages'],
  ['nr_writeback', 'node_zoneinfo_nr_writeback_pages'],
  ['nr_unevictable', 'node_zoneinfo_nr_unevictable_pages'],
  ['nr_shmem', 'node_zoneinfo_nr_shmem_pages'],
  ['nr_dirtied', 'node_zoneinfo_nr_dirtied_total'],
  ['nr_written', 'node_zoneinfo_nr_written_total'],
  ['numa_hit', 'node_zoneinfo_numa_hit_total'],
  ['numa_miss', 'node_zoneinfo_numa_miss_total'],
  ['numa_foreign', 'node_zoneinfo_numa_foreign_total'],
  ['numa_interleave', 'node_zoneinfo_numa_interleave_total'],
  ['numa_local', 'node_zoneinfo_numa_local_total'],
  ['numa_other', 'node_zoneinfo_numa_other_total'],
] as const;
const WANTED: ReadonlySet<string> = new Set(SERIES.map(([field]) => field));

export interface Zone {
  readonly node: string;
  readonly zone: string;
  /** Pages, by the kernel's name. */
  readonly fields: ReadonlyMap<string, number>;
  readonly protection: readonly number[];
}

export function zoneinfo(): Collector {
  return {
    name: 'zoneinfo',
    collect(host, emit) {
      const text = host.read('proc/zoneinfo');
      if (text === undefined) throw malformed('/proc/zoneinfo', 'a file that may be read', undefined);
      for (const { node, zone, fields, protection } of parseZoneinfo(text)) {
        const labels = { exported_node: node, zone };
        for (const [field, name] of SERIES) emit(name, fields.get(field), labels);
        for (const [i, pages] of protection.entries()) emit(`node_zoneinfo_protection_${i}`, pages, labels);
      }
    },
  };
}

export function parseZoneinfo(text: string): Zone[] {
  const zones: { node: string; zone: string; fields: Map<string, number>; protection: number[] }[] = [];
  for (const line of lines('/proc/zoneinfo', text)) {
    const [, node, zone] = /^Node (\d+), zone +(\S+)$/.exec(line.trimEnd()) ?? [];
    if (node !== undefined && zone !== undefined) zones.push({ node, zone, fields: new Map(), protection: [] });
    const last = zones.at(-1);
    if (last === undefined || (node === undefined && line.startsWith('Node')))
      throw malformed('/proc/zoneinfo', 'a zone', line);
    const [field = '', value] = words(line);
    if (WANTED.has(field) && !last.fields.has(field)) last.fields.set(field, decimal(value));
    if (field === 'protection:') last.protection = (/\((.*)\)/.exec(line)?.[1] ?? '').split(', ').map(decimal);
  }
  if (zones.length === 0) throw malformed('/proc/zoneinfo', 'a zone', text);
  return zones;
}
