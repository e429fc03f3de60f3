/**
 * The catalogue: every metric that a node's event may carry. It is on the run-time path of both sides: a collector can
 * only emit what stands here, a decoder skips what does not, `/metrics`, docs, rules and dashboards are checked against it.
 *
 * Names, types and labels are node_exporter's (1.12), so dashboards and rules that people own work unchanged. In `/metrics`
 * each series also carries `cluster` and `node`. Where the kernel makes the names a row is a pattern: `*` stands for one
 * or more of `[a-zA-Z0-9_]`, in the help text too.
 *
 * A name's labels and their order are wire format (see event.ts): they never change within event version 1, which
 * `testdata/labels-v1.json` holds.
 */

export interface MetricDef {
  readonly type: 'counter' | 'gauge';
  /** The base unit, as it ends the name; `info` marks a constant 1 whose labels are the content. */
  readonly unit: 'seconds' | 'bytes' | 'info' | 'count' | 'boolean';
  readonly help: string;
  readonly labels: readonly string[];
}

const DISK = ['device'] as const;
const FILESYSTEM = ['device', 'mountpoint', 'fstype', 'device_error'] as const;
const NETWORK = ['device'] as const;
const COLLECTOR = ['collector'] as const;

export const METRICS = {
  // cpu: /proc/stat
  node_cpu_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds each CPU spent in each mode.',
    labels: ['cpu', 'mode'],
  },
  node_cpu_guest_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds each CPU spent running guests (virtual machines), which its user and nice modes include.',
    labels: ['cpu', 'mode'],
  },

  // loadavg: /proc/loadavg
  node_load1: { type: 'gauge', unit: 'count', help: 'Load average over 1 minute.', labels: [] },
  node_load5: { type: 'gauge', unit: 'count', help: 'Load average over 5 minutes.', labels: [] },
  node_load15: { type: 'gauge', unit: 'count', help: 'Load average over 15 minutes.', labels: [] },

  // meminfo: /proc/meminfo
  'node_memory_*_bytes': { type: 'gauge', unit: 'bytes', help: 'The field * of /proc/meminfo, in bytes.', labels: [] },
  'node_memory_HugePages_*': {
    type: 'gauge',
    unit: 'count',
    help: 'The field HugePages_* of /proc/meminfo, a number of pages.',
    labels: [],
  },

  // pressure: /proc/pressure
  node_pressure_cpu_waiting_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which at least one task waited for a CPU.',
    labels: [],
  },
  node_pressure_memory_waiting_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which at least one task waited for memory.',
    labels: [],
  },
  node_pressure_memory_stalled_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which all tasks at once waited for memory.',
    labels: [],
  },
  node_pressure_io_waiting_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which at least one task waited for I/O.',
    labels: [],
  },
  node_pressure_io_stalled_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which all tasks at once waited for I/O.',
    labels: [],
  },
  node_pressure_irq_stalled_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which all tasks at once waited for interrupt handling.',
    labels: [],
  },

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

  // netdev: /proc/1/net/dev
  node_network_receive_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes received.', labels: NETWORK },
  node_network_receive_packets_total: { type: 'counter', unit: 'count', help: 'Packets received.', labels: NETWORK },
  node_network_receive_errs_total: { type: 'counter', unit: 'count', help: 'Errors on receiving.', labels: NETWORK },
  node_network_receive_drop_total: {
    type: 'counter',
    unit: 'count',
    help: 'Received packets dropped.',
    labels: NETWORK,
  },
  node_network_receive_fifo_total: {
    type: 'counter',
    unit: 'count',
    help: 'FIFO overruns on receiving.',
    labels: NETWORK,
  },
  node_network_receive_frame_total: { type: 'counter', unit: 'count', help: 'Framing errors.', labels: NETWORK },
  node_network_receive_compressed_total: {
    type: 'counter',
    unit: 'count',
    help: 'Compressed packets received.',
    labels: NETWORK,
  },
  node_network_receive_multicast_total: {
    type: 'counter',
    unit: 'count',
    help: 'Multicast packets received.',
    labels: NETWORK,
  },
  node_network_transmit_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes sent.', labels: NETWORK },
  node_network_transmit_packets_total: { type: 'counter', unit: 'count', help: 'Packets sent.', labels: NETWORK },
  node_network_transmit_errs_total: { type: 'counter', unit: 'count', help: 'Errors on sending.', labels: NETWORK },
  node_network_transmit_drop_total: {
    type: 'counter',
    unit: 'count',
    help: 'Packets dropped before sending.',
    labels: NETWORK,
  },
  node_network_transmit_fifo_total: {
    type: 'counter',
    unit: 'count',
    help: 'FIFO overruns on sending.',
    labels: NETWORK,
  },
  node_network_transmit_colls_total: { type: 'counter', unit: 'count', help: 'Collisions detected.', labels: NETWORK },
  node_network_transmit_carrier_total: {
    type: 'counter',
    unit: 'count',
    help: 'Losses of carrier on sending.',
    labels: NETWORK,
  },
  node_network_transmit_compressed_total: {
    type: 'counter',
    unit: 'count',
    help: 'Compressed packets sent.',
    labels: NETWORK,
  },

  // uname: /proc/sys/kernel
  node_uname_info: {
    type: 'gauge',
    unit: 'info',
    help: "The node's operating system and name, as uname(2) tells them.",
    labels: ['sysname', 'release', 'version', 'machine', 'nodename', 'domainname'],
  },

  // about the collectors themselves
  node_scrape_collector_duration_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'How long a collector took.',
    labels: COLLECTOR,
  },
  node_scrape_collector_success: {
    type: 'gauge',
    unit: 'boolean',
    help: 'Whether a collector read everything it looks for.',
    labels: COLLECTOR,
  },
} as const satisfies Record<string, MetricDef>;

type Table = typeof METRICS;

/** Every name that may be emitted, patterns expanded to template types. */
export type MetricName = { [K in keyof Table]: Named<K> }[keyof Table];
type Named<K> = K extends `${infer Before}*${infer After}` ? `${Before}${string}${After}` : K;

/** The arguments that name a series of `N` after its value: none, or one object with exactly its labels. */
export type LabelArgs<N extends MetricName> = {
  [K in keyof Table]: N extends Named<K> ? Args<Table[K]['labels'][number]> : never;
}[keyof Table];
type Args<L extends string> = [L] extends [never] ? [] : [labels: Readonly<Record<L, string>>];

/** A row of the catalogue as it applies to one name: a pattern's `*` filled in. */
export interface Metric extends MetricDef {
  readonly name: string;
}

const PATTERNS = Object.entries<MetricDef>(METRICS)
  .filter(([key]) => key.includes('*'))
  .map(([key, definition]) => {
    const [before = '', after = ''] = key.split('*');
    return { before, after, definition };
  });
const LITERALS = new Map<string, Metric>(
  Object.entries<MetricDef>(METRICS)
    .filter(([key]) => !key.includes('*'))
    .map(([name, definition]) => [name, { ...definition, name }]),
);
const NAME = /^[a-zA-Z0-9_]+$/;

/** The row of a name, or `undefined` if the catalogue has none. */
export function metricOf(name: string): Metric | undefined {
  const literal = LITERALS.get(name);
  if (literal !== undefined) return literal;
  for (const { before, after, definition } of PATTERNS) {
    if (!name.startsWith(before) || !name.endsWith(after)) continue;
    const middle = name.slice(before.length, name.length - after.length);
    if (NAME.test(middle)) return { ...definition, name, help: definition.help.replace('*', middle) };
  }
  return undefined;
}
