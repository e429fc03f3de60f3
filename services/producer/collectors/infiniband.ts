/**
 * /sys/class/infiniband: the ports of InfiniBand and RoCE adapters. `DEVICE/ports/PORT` has `state` and `phys_state`, `4: ACTIVE`,
 * `rate`, `100 Gb/sec (4X EDR)`, and directories of counters, one number to a file. Which counters there are depends on the
 * adapter, so that is looked at once a minute. Some drivers answer `N/A (no PMA)` for a counter that they lack.
 * https://www.kernel.org/doc/Documentation/ABI/stable/sysfs-class-infiniband
 */
import type { Collector, Emit } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';
import { decimal } from '../kernel/text.ts';
import { each } from './each.ts';
import { INFINIBAND_COUNTERS } from './infiniband-counters.ts';

const CLASS = 'sys/class/infiniband';
const BYTES_PER_GIGABIT = 1e9 / 8;
const MILLISECONDS_PER_SECOND = 1000;
const NOT_COUNTED = 'N/A (no PMA)';

interface Device {
  readonly info: Readonly<Record<'device' | 'board_id' | 'firmware_version' | 'hca_type', string>>;
  readonly ports: readonly Port[];
}

interface Port {
  readonly path: string;
  readonly labels: { readonly device: string; readonly port: string };
  /** By place in `INFINIBAND_COUNTERS`. */
  readonly counters: readonly number[];
}

export function infiniband(now: () => number): Collector {
  const devices = remembered(now, A_MINUTE_MS, (host) => host.list(CLASS).map((device) => lookAt(host, device)));
  return {
    name: 'infiniband',
    collect(host, emit) {
      for (const { info } of devices(host)) emit('node_infiniband_info', 1, info);
      each(
        devices(host).flatMap(({ ports }) => ports),
        (port) => emitPort(host, emit, port),
      );
    },
  };
}

function lookAt(host: Host, device: string): Device {
  const text = (file: string) => host.peek(`${CLASS}/${device}/${file}`) ?? '';
  return {
    info: { device, board_id: text('board_id'), firmware_version: text('fw_ver'), hca_type: text('hca_type') },
    ports: host.list(`${CLASS}/${device}/ports`).map((port) => {
      const path = `${CLASS}/${device}/ports/${port}`;
      const files = new Set(
        ['counters', 'counters_ext', 'hw_counters'].flatMap((folder) =>
          host.list(`${path}/${folder}`).map((file) => `${folder}/${file}`),
        ),
      );
      const counters = [...INFINIBAND_COUNTERS.keys()].filter((i) => files.has(INFINIBAND_COUNTERS[i]?.[1] ?? ''));
      return { path, labels: { device, port }, counters };
    }),
  };
}

function emitPort(host: Host, emit: Emit, { path, labels, counters }: Port): void {
  const text = (file: string) => host.peek(`${path}/${file}`);
  emit('node_infiniband_state_id', parseState(text('state')), labels);
  emit('node_infiniband_physical_state_id', parseState(text('phys_state')), labels);
  emit('node_infiniband_rate_bytes_per_second', parseRate(text('rate')), labels);
  for (const i of counters) {
    const [name, file, factor = 1] = INFINIBAND_COUNTERS[i] ?? [];
    if (name === undefined) continue;
    const value = text(file);
    if (value !== undefined && value !== '' && !value.includes(NOT_COUNTED))
      emit(name, decimal(value) * factor, labels);
  }
  const lifespan = text('hw_counters/lifespan');
  if (lifespan !== undefined) {
    emit('node_infiniband_lifespan_seconds', decimal(lifespan) / MILLISECONDS_PER_SECOND, labels);
  }
}

/** The number of a state, `4: ACTIVE`. */
export function parseState(text: string | undefined): number | undefined {
  return text === undefined ? undefined : decimal(/^(\d+):/.exec(text)?.[1]);
}

/** Bytes per second of a rate, `2.5 Gb/sec (1X SDR)`. */
export function parseRate(text: string | undefined): number | undefined {
  return text === undefined ? undefined : decimal(/^([\d.]+) Gb\/sec\b/.exec(text)?.[1]) * BYTES_PER_GIGABIT;
}
