/** Disks and file systems. */
import type { MetricTable } from './definition.ts';

const DISK = ['device'] as const;
const FILESYSTEM = ['device', 'mountpoint', 'fstype', 'device_error'] as const;

export const STORAGE_METRICS = {
  // diskstats: /proc/diskstats
  node_disk_reads_completed_total: { type: 'counter', unit: 'count', help: 'Reads completed.', labels: DISK },
  node_disk_reads_merged_total: { type: 'counter', unit: 'count', help: 'Reads merged before queueing.', labels: DISK },
  node_disk_read_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes read.', labels: DISK },
  node_disk_read_time_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds spent by all reads together.',
    labels: DISK,
  },
  node_disk_writes_completed_total: { type: 'counter', unit: 'count', help: 'Writes completed.', labels: DISK },
  node_disk_writes_merged_total: {
    type: 'counter',
    unit: 'count',
    help: 'Writes merged before queueing.',
    labels: DISK,
  },
  node_disk_written_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes written.', labels: DISK },
  node_disk_write_time_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds spent by all writes together.',
    labels: DISK,
  },
  node_disk_io_now: { type: 'gauge', unit: 'count', help: 'I/Os in progress.', labels: DISK },
  node_disk_io_time_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which the device had at least one I/O in progress.',
    labels: DISK,
  },
  node_disk_io_time_weighted_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds spent doing I/O, weighted by the number of I/Os in progress.',
    labels: DISK,
  },
  node_disk_discards_completed_total: { type: 'counter', unit: 'count', help: 'Discards completed.', labels: DISK },
  node_disk_discards_merged_total: {
    type: 'counter',
    unit: 'count',
    help: 'Discards merged before queueing.',
    labels: DISK,
  },
  node_disk_discarded_sectors_total: { type: 'counter', unit: 'count', help: 'Sectors discarded.', labels: DISK },
  node_disk_discard_time_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds spent by all discards together.',
    labels: DISK,
  },
  node_disk_flush_requests_total: { type: 'counter', unit: 'count', help: 'Flush requests completed.', labels: DISK },
  node_disk_flush_requests_time_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds spent by all flush requests together.',
    labels: DISK,
  },

  // filesystem: /proc/1/mountinfo and statfs
  node_filesystem_size_bytes: { type: 'gauge', unit: 'bytes', help: 'Size of the file system.', labels: FILESYSTEM },
  node_filesystem_free_bytes: { type: 'gauge', unit: 'bytes', help: 'Free space, for root.', labels: FILESYSTEM },
  node_filesystem_avail_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'Free space, for users other than root.',
    labels: FILESYSTEM,
  },
  node_filesystem_files: { type: 'gauge', unit: 'count', help: 'Inodes in all.', labels: FILESYSTEM },
  node_filesystem_files_free: { type: 'gauge', unit: 'count', help: 'Inodes free.', labels: FILESYSTEM },
  node_filesystem_readonly: {
    type: 'gauge',
    unit: 'boolean',
    help: 'Whether the file system is mounted read-only.',
    labels: FILESYSTEM,
  },
  node_filesystem_device_error: {
    type: 'gauge',
    unit: 'boolean',
    help: 'Whether asking the file system for its figures failed; device_error says how.',
    labels: FILESYSTEM,
  },
  node_filesystem_mount_info: {
    type: 'gauge',
    unit: 'info',
    help: 'The device numbers behind a mount point.',
    labels: ['device', 'major', 'minor', 'mountpoint'],
  },
} as const satisfies MetricTable;
