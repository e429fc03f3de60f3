/** The events of a fleet of healthy nodes, as their producers would send them. */
import { encodeEvent } from '#contract/codec.ts';
import { headersOf, keyOf, type Metrics, type NodeEvent, type Row } from '#contract/event.ts';

/** Of each node. */
export const SAMPLES = 163;
export const INTERVAL_S = 15;
/** So many ticks are not measured, until ranges of minutes are full, and so many are. */
export const WARM_UP = 24;
export const TICKS = 24;

export interface EncodedEvent {
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** What all nodes send at a tick, each its event of that number. */
export function eventsAt(tick: number, nodes: number, startMs = 0): EncodedEvent[] {
  return Array.from({ length: nodes }, (_, node) => {
    const event: NodeEvent = {
      v: 1,
      cluster: 'production',
      node: `worker-${node}`,
      epoch: `epoch-${node}`,
      seq: tick,
      time: startMs + tick * INTERVAL_S * 1000,
      interval: INTERVAL_S * 1000,
      metrics: metricsAt(node, tick),
    };
    return { key: keyOf(event), value: Buffer.from(encodeEvent(event)), headers: headersOf(event, event.time) };
  });
}

const MODES = { user: 0.2, nice: 0, system: 0.06, idle: 0.7, iowait: 0.03, irq: 0, softirq: 0.01, steal: 0 };
const CPUS = [0, 1, 2, 3, 4, 5, 6, 7];
const DISKS = ['sda', 'sdb'];
const FILESYSTEMS = [
  ['/dev/sda1', '/', 'ext4', ''],
  ['/dev/sdb1', '/data', 'xfs', ''],
];
const INTERFACES = ['eth0', 'eth1', 'cni0', 'flannel.1'];
/** A healthy node, in numbers as long as those of life: counters count, gauges waver. */
function metricsAt(node: number, tick: number): Metrics {
  const seconds = 1e5 + node * 37 + tick * INTERVAL_S;
  const wavering = (value: number, i = 0) => Math.round(value * (1 + 0.1 * Math.sin(node + tick + i)));
  const hundredths = (value: number) => Math.round(value * 100) / 100;
  const counted = (names: readonly string[], devices: readonly string[], perSecond: number) =>
    names.map((name, i) => {
      const rows = devices.map((device, j): Row => [device, hundredths(seconds * perSecond * (1 + i + j))]);
      return [name, rows] as const;
    });
  const cpu = CPUS.flatMap((cpu) =>
    Object.entries(MODES).map(([mode, share]): Row => [`${cpu}`, mode, hundredths(seconds * share)]),
  );
  const memory = {
    MemTotal: 64,
    MemFree: 20,
    MemAvailable: 40,
    Buffers: 1,
    Cached: 18,
    SwapTotal: 8,
    SwapFree: 8,
    Dirty: 0.1,
    Slab: 2,
  };
  const sizes = { size_bytes: 1e12, free_bytes: 6e11, avail_bytes: 5e11, files: 6e7, files_free: 5e7 };
  const others = {
    node_boot_time_seconds: 1e9,
    node_time_seconds: 1e9 + seconds,
    node_filefd_allocated: wavering(4000),
    node_filefd_maximum: 1e6,
    node_nf_conntrack_entries: wavering(2000),
    node_nf_conntrack_entries_limit: 262_144,
    node_vmstat_pswpin: 0,
    node_vmstat_pswpout: 0,
    node_vmstat_pgmajfault: Math.round(seconds * 0.2),
    node_vmstat_oom_kill: 0,
    node_netstat_Tcp_RetransSegs: Math.round(seconds * 0.1),
    node_netstat_Tcp_OutSegs: Math.round(seconds * 900),
    node_netstat_TcpExt_ListenOverflows: 0,
  };
  const faults = ['receive_errs', 'receive_drop', 'transmit_errs', 'transmit_drop'];
  const pressures = ['cpu_waiting', 'memory_waiting', 'memory_stalled', 'io_waiting', 'io_stalled'];
  return Object.fromEntries([
    ...Object.entries(others),
    ['node_cpu_seconds_total', cpu],
    ['node_network_speed_bytes', INTERFACES.map((device): Row => [device, 125e6])],
    ...['node_load1', 'node_load5', 'node_load15'].map((name, i) => [name, wavering(300, i) / 100] as const),
    ...Object.entries(memory).map(
      ([field, gib], i) => [`node_memory_${field}_bytes`, wavering(gib * 2 ** 30, i)] as const,
    ),
    ...pressures.map((kind) => [`node_pressure_${kind}_seconds_total`, hundredths(seconds * 0.01)] as const),
    ...Object.entries(sizes).map(
      ([figure, size]) =>
        [`node_filesystem_${figure}`, FILESYSTEMS.map((labels): Row => [...labels, wavering(size)])] as const,
    ),
    ...['readonly', 'device_error'].map(
      (flag) => [`node_filesystem_${flag}`, FILESYSTEMS.map((labels): Row => [...labels, 0])] as const,
    ),
    ...counted(
      [
        'reads_completed',
        'writes_completed',
        'read_time_seconds',
        'write_time_seconds',
        'io_time_seconds',
        'io_time_weighted_seconds',
      ].map((figure) => `node_disk_${figure}_total`),
      DISKS,
      0.03,
    ),
    ...counted(['node_disk_read_bytes_total', 'node_disk_written_bytes_total'], DISKS, 65536),
    ...counted(
      ['receive_bytes', 'receive_packets', 'transmit_bytes', 'transmit_packets'].map(
        (figure) => `node_network_${figure}_total`,
      ),
      INTERFACES,
      12345,
    ),
    ...faults.map((figure) => [`node_network_${figure}_total`, INTERFACES.map((device): Row => [device, 0])] as const),
  ]);
}
