/**
 * What a person wants to see of a node, computed from its events: shares and rates in the place of counters. A rate needs the
 * event before; a counter that has gone back, as after a reboot, and another run of the producer have none. Pure.
 *
 * On the path of each event, so it walks rows once and looks nothing up that the order of rows already tells.
 */
import type { Metrics, NodeEvent, Row } from '#contract/event.ts';
import type { NodeFigures } from './shapes.ts';

export interface Figures extends Omit<NodeFigures, 'alertsFiring' | 'alertsPending'> {
  readonly diskMountpoint?: string | undefined;
}

/** What carries the traffic of others would count it twice: bridges, bonds, tunnels, VLANs, the ends of pods. */
const NOT_HARDWARE =
  /^(lo$|veth|cali|cni|flannel|docker|br-|virbr|vmbr|lxc|cilium|tunl|tun\d|tap|vxlan|geneve|genev_sys|wg\d|bond\d|team\d|dummy|ifb|kube-|nodelocaldns|ovs-|podman)|\./;

interface Counters {
  readonly epoch: string;
  readonly time: number;
  readonly cpuSeconds: number | undefined;
  readonly cpuBusySeconds: number | undefined;
  readonly received: number | undefined;
  readonly sent: number | undefined;
  readonly cpuWaiting: number | undefined;
  readonly memoryWaiting: number | undefined;
  readonly ioWaiting: number | undefined;
}

/** Of one node. */
export class FigureMaker {
  #last: Counters | undefined;

  take(event: NodeEvent): Figures {
    const { metrics } = event;
    const [now, last] = [countersOf(event), this.#last];
    this.#last = now;
    const seconds = last?.epoch === now.epoch && now.time > last.time ? (now.time - last.time) / 1000 : 0;
    const rate = (counter: Exclude<keyof Counters, 'epoch' | 'time'>): number | undefined => {
      const from = last?.[counter];
      const to = now[counter];
      if (from === undefined || to === undefined || seconds === 0 || to < from) return undefined;
      return (to - from) / seconds;
    };
    const [total, busy] = [rate('cpuSeconds'), rate('cpuBusySeconds')];
    const disk = fullestDisk(metrics);
    const load1 = numberOf(metrics, 'node_load1');
    return {
      cpuPercent: total === undefined || busy === undefined || total === 0 ? undefined : share(busy, total),
      memoryPercent: memoryPercentOf(metrics),
      diskPercent: disk?.percent,
      diskMountpoint: disk?.mountpoint,
      networkReceiveBytesPerSecond: whole(rate('received')),
      networkTransmitBytesPerSecond: whole(rate('sent')),
      load1,
      cpuPressurePercent: percentOfTime(rate('cpuWaiting')),
      memoryPressurePercent: percentOfTime(rate('memoryWaiting')),
      ioPressurePercent: percentOfTime(rate('ioWaiting')),
    };
  }
}

function countersOf({ epoch, time, metrics }: NodeEvent): Counters {
  let cpuSeconds: number | undefined;
  let cpuBusySeconds: number | undefined;
  for (const row of rowsOf(metrics, 'node_cpu_seconds_total')) {
    const mode = row[1];
    const seconds = row[2] as number;
    cpuSeconds = (cpuSeconds ?? 0) + seconds;
    cpuBusySeconds = (cpuBusySeconds ?? 0) + (mode === 'idle' || mode === 'iowait' ? 0 : seconds);
  }
  return {
    epoch,
    time,
    cpuSeconds,
    cpuBusySeconds,
    received: trafficOf(metrics, 'node_network_receive_bytes_total'),
    sent: trafficOf(metrics, 'node_network_transmit_bytes_total'),
    cpuWaiting: numberOf(metrics, 'node_pressure_cpu_waiting_seconds_total'),
    memoryWaiting: numberOf(metrics, 'node_pressure_memory_waiting_seconds_total'),
    ioWaiting: numberOf(metrics, 'node_pressure_io_waiting_seconds_total'),
  };
}

function trafficOf(metrics: Metrics, name: string): number | undefined {
  let sum: number | undefined;
  for (const row of rowsOf(metrics, name)) {
    if (!isHardware(row[0] as string)) continue;
    sum = (sum ?? 0) + (row[1] as number);
  }
  return sum;
}

/** Names come again with each event. */
const hardware = new Map<string, boolean>();
const NAMES_REMEMBERED = 10_000;

function isHardware(device: string): boolean {
  let is = hardware.get(device);
  if (is === undefined) {
    is = !NOT_HARDWARE.test(device);
    if (hardware.size >= NAMES_REMEMBERED) hardware.clear();
    hardware.set(device, is);
  }
  return is;
}

function memoryPercentOf(metrics: Metrics): number | undefined {
  const [total, available] = [
    numberOf(metrics, 'node_memory_MemTotal_bytes'),
    numberOf(metrics, 'node_memory_MemAvailable_bytes'),
  ];
  return total === undefined || available === undefined || total <= 0 ? undefined : share(total - available, total);
}

/** As the rules that come with the consumer reckon; a read-only image is always full. */
function fullestDisk(metrics: Metrics): { readonly percent: number; readonly mountpoint: string } | undefined {
  const [sizes, readOnly] = [
    rowsOf(metrics, 'node_filesystem_size_bytes'),
    rowsOf(metrics, 'node_filesystem_readonly'),
  ];
  const available = rowsOf(metrics, 'node_filesystem_avail_bytes');
  let fullest: Row | undefined;
  let percent = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < available.length; i++) {
    const row = available[i] as Row;
    const size = valueLike(sizes, row, i);
    if (size === undefined || size <= 0 || valueLike(readOnly, row, i) === 1) continue;
    const used = share(size - (row[4] as number), size);
    if (used > percent) [fullest, percent] = [row, used];
  }
  return fullest === undefined ? undefined : { percent, mountpoint: fullest[1] as string };
}

/** The value of the file system's row in another metric, which nearly always stands at the same place. */
function valueLike(rows: readonly Row[], like: Row, i: number): number | undefined {
  const here = rows[i];
  const row = here !== undefined && isSame(here, like) ? here : rows.find((other) => isSame(other, like));
  return row?.[4] as number | undefined;
}

function isSame(a: Row, b: Row): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}

const NONE: readonly Row[] = [];

function rowsOf(metrics: Metrics, name: string): readonly Row[] {
  const series = metrics[name];
  return series === undefined || typeof series === 'number' ? NONE : series;
}

function numberOf(metrics: Metrics, name: string): number | undefined {
  const series = metrics[name];
  return typeof series === 'number' && Number.isFinite(series) ? series : undefined;
}

function share(part: number, whole: number): number {
  return hundredths(Math.min(100, Math.max(0, (part / whole) * 100)));
}

function whole(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value);
}

/** Clocks of the kernel and of the producer differ by some milliseconds. */
function percentOfTime(secondsPerSecond: number | undefined): number | undefined {
  return secondsPerSecond === undefined ? undefined : hundredths(Math.min(100, secondsPerSecond * 100));
}

/** As exact as anybody wants to know, and short in JSON. */
function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
