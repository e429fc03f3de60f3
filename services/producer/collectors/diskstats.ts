/**
 * /proc/diskstats: `major minor device`, then 11 columns, 15 since Linux 4.18 (discards), 17 since 5.5 (flushes). Sectors are
 * of 512 bytes whatever the device's are, times are in milliseconds.
 * https://www.kernel.org/doc/html/latest/admin-guide/iostats.html
 */
import type { Collector } from '../collector.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';
import { decimal, lines, words } from '../kernel/text.ts';
import { type Disk, type DiskInfo, emitDiskInfo, lookAtDisk } from './disk-info.ts';

/** node_exporter's default: RAM disks, loop devices, floppies, and partitions, which their disk includes. */
const EXCLUDED = /^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/;

const SECTOR_BYTES = 512;

const asIs = (count: number) => count;
const sectors = (count: number) => count * SECTOR_BYTES;
const milliseconds = (count: number) => count / 1000;

const COLUMNS = [
  ['node_disk_reads_completed_total', asIs],
  ['node_disk_reads_merged_total', asIs],
  ['node_disk_read_bytes_total', sectors],
  ['node_disk_read_time_seconds_total', milliseconds],
  ['node_disk_writes_completed_total', asIs],
  ['node_disk_writes_merged_total', asIs],
  ['node_disk_written_bytes_total', sectors],
  ['node_disk_write_time_seconds_total', milliseconds],
  ['node_disk_io_now', asIs],
  ['node_disk_io_time_seconds_total', milliseconds],
  ['node_disk_io_time_weighted_seconds_total', milliseconds],
  ['node_disk_discards_completed_total', asIs],
  ['node_disk_discards_merged_total', asIs],
  ['node_disk_discarded_sectors_total', asIs],
  ['node_disk_discard_time_seconds_total', milliseconds],
  ['node_disk_flush_requests_total', asIs],
  ['node_disk_flush_requests_time_seconds_total', milliseconds],
] as const;
/** Those that every kernel has. */
const FIRST_COLUMNS = 11;

export interface DiskStats extends Disk {
  /** By column after the device, as the kernel counts them. */
  readonly counts: readonly number[];
}

export function diskstats(now: () => number): Collector {
  const lookedUp = remembered(now, A_MINUTE_MS, () => new Map<string, DiskInfo>());
  return {
    name: 'diskstats',
    collect(host, emit) {
      const text = host.read('proc/diskstats');
      if (text === undefined) return;
      const infos = lookedUp(host);
      for (const disk of parseDiskstats(text)) {
        const { major, minor, device, counts } = disk;
        if (EXCLUDED.test(device)) continue;
        if (/^\d+:\d+ ./.test(`${major}:${minor} ${device}`)) {
          const info = infos.get(device) ?? lookAtDisk(host, disk);
          infos.set(device, info);
          emitDiskInfo(emit, disk, info);
        }
        for (const [i, count] of counts.entries()) {
          const [name, scale] = COLUMNS[i] ?? [];
          if (name !== undefined) emit(name, scale(count), { device });
        }
      }
    },
  };
}

/** A file without lines is one without disks. */
export function parseDiskstats(text: string): DiskStats[] {
  return lines('/proc/diskstats', text).map((line) => {
    const [major = '', minor = '', device = '', ...columns] = words(line);
    const width = Math.min(Math.max(columns.length, FIRST_COLUMNS), COLUMNS.length);
    return { major, minor, device, counts: Array.from({ length: width }, (_, i) => decimal(columns[i])) };
  });
}
