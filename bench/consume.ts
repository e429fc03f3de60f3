/**
 * Taking events and answering scrapes, without the bus: our state and exposition, the same with the default rules, and a
 * consumer as it is usually written, which parses and sets prom-client gauges.
 */
import { readFileSync } from 'node:fs';
import { Gauge, Registry } from 'prom-client';
import { decodeEvent, encodeEvent } from '#contract/codec.ts';
import { keyOf, type Metrics, type NodeEvent, type Row } from '#contract/event.ts';
import { metricOf } from '#contract/metrics.ts';
import { render } from '../services/consumer/exposition.ts';
import { createJudge } from '../services/consumer/rules/judge.ts';
import { parseRuleFile } from '../services/consumer/rules/rule-file.ts';
import { DEFAULT_RULES } from '../services/consumer/settings.ts';
import { createState } from '../services/consumer/state.ts';
import type { Figures } from './main.ts';

const NODES = 1000;
const EVENTS_PER_NODE = 30;
const SCRAPES = 5;

interface Side {
  take(record: Record): void;
  scrape(): Promise<number>;
}
interface Record {
  readonly key: Buffer;
  readonly value: Buffer;
}

const SIDES: { readonly [side: string]: () => Side } = {
  state: () => ours(false),
  'state+rules': () => ours(true),
  'prom-client': promClient,
};

function ours(rules: boolean): Side {
  const state = createState();
  const judge = createJudge(rules ? parseRuleFile(readFileSync(DEFAULT_RULES, 'utf8'), DEFAULT_RULES).rules : []);
  return {
    take(record) {
      const decoded = decodeEvent({ ...record, headers: {} });
      if ('error' in decoded) throw new Error(decoded.error.detail);
      if (
        state.take({
          event: decoded.event,
          samples: decoded.samples,
          bytes: record.value.length,
          partition: 0,
          now: decoded.event.time,
        }) === 'applied'
      )
        judge.judge(decoded.event);
    },
    async scrape() {
      let size = 0;
      for (const piece of render(state.nodes(), 0)) size += Buffer.from(piece).length;
      return size;
    },
  };
}

function promClient(): Side {
  const registry = new Registry();
  const gauges = new Map<string, Gauge>();
  return {
    take({ value }) {
      const event = JSON.parse(value.toString()) as NodeEvent;
      for (const [name, series] of Object.entries(event.metrics)) {
        const labels = metricOf(name)?.labels ?? [];
        let gauge = gauges.get(name);
        if (gauge === undefined) {
          gauge = new Gauge({ name, help: name, labelNames: ['cluster', 'node', ...labels], registers: [registry] });
          gauges.set(name, gauge);
        }
        const rows: readonly Row[] = typeof series === 'number' ? [[series]] : series;
        for (const row of rows) {
          const own: { [label: string]: string } = { cluster: event.cluster, node: event.node };
          for (const [i, label] of labels.entries()) own[label] = row[i] as string;
          gauge.set(own, row[labels.length] as number);
        }
      }
    },
    scrape: async () => Buffer.from(await registry.metrics()).length,
  };
}

const MODES = { user: 0.2, nice: 0, system: 0.06, idle: 0.7, iowait: 0.03, irq: 0, softirq: 0.01, steal: 0 };
const CPUS = [0, 1, 2, 3, 4, 5, 6, 7];
const DISKS = ['sda', 'sdb'];
const FILESYSTEMS = [
  ['/dev/sda1', '/', 'ext4', ''],
  ['/dev/sdb1', '/data', 'xfs', ''],
];
const INTERFACES = ['eth0', 'eth1', 'cni0', 'flannel.1'];
const INTERVAL_S = 5;

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
  const faults = ['receive_errs', 'receive_drop', 'transmit_errs', 'transmit_drop'];
  const pressures = ['cpu_waiting', 'memory_waiting', 'memory_stalled', 'io_waiting', 'io_stalled'];
  return Object.fromEntries([
    ['node_cpu_seconds_total', cpu],
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

function recordsAt(tick: number): Record[] {
  return Array.from({ length: NODES }, (_, node) => {
    const identity = { cluster: 'production', node: `worker-${node}`, epoch: `epoch-${node}` };
    const event: NodeEvent = {
      v: 1,
      ...identity,
      seq: tick,
      time: tick * 5000,
      interval: 5000,
      metrics: metricsAt(node, tick),
    };
    return { key: Buffer.from(keyOf(event)), value: Buffer.from(encodeEvent(event)) };
  });
}

const side = SIDES[process.argv[2] ?? '']?.();
if (side === undefined) throw new Error(`expected one of ${Object.keys(SIDES).join(', ')}`);
for (const record of recordsAt(0)) side.take(record);
await side.scrape();

let takeUs = 0;
for (let tick = 1; tick <= EVENTS_PER_NODE; tick++) {
  const records = recordsAt(tick);
  const before = process.cpuUsage();
  for (const record of records) side.take(record);
  const { user, system } = process.cpuUsage(before);
  takeUs += user + system;
}
const before = process.cpuUsage();
let size = 0;
for (let i = 0; i < SCRAPES; i++) size += await side.scrape();
const { user, system } = process.cpuUsage(before);
if (size < SCRAPES * NODES * 146 * 20) throw new Error(`expected a scrape of every series, got ${size} bytes`);
globalThis.gc?.();
const figures: Figures = {
  'CPU µs per event': takeUs / (NODES * EVENTS_PER_NODE),
  'CPU ms per scrape': (user + system) / 1000 / SCRAPES,
  'resident MiB after': process.memoryUsage().rss / 2 ** 20,
};
process.stdout.write(JSON.stringify(figures));
