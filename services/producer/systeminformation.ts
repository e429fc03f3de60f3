/**
 * What systeminformation is used for, all of it in this file: the slow inventory on every system, and, where there is no /proc
 * (macOS, Windows), the few metrics that it can fill truthfully. It has no root directory option, starts child processes and
 * answers with plausible values for what it does not know, so nothing else is taken from it.
 *
 * Its answers take their time, so a collector shows the last one and asks for the next in the background.
 */
import { arch, cpus, loadavg, platform, release, type } from 'node:os';
import systeminformation from 'systeminformation';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import type { Collector } from './collector.ts';

/** The part of it that is asked. */
export type Asked = Pick<typeof systeminformation, 'cpu' | 'system' | 'mem' | 'fsSize' | 'networkStats'>;

export interface SysteminformationOptions {
  readonly nodename: string;
  /** Milliseconds. */
  readonly now: () => number;
  readonly asked?: Asked;
}

const HOUR_MS = 60 * 60 * 1000;
/** Without an answer for so long there will be none. */
const NO_ANSWER_MS = 60_000;

/** The make of CPU and machine: asked at the start and every hour. */
export function inventory({ now, asked = systeminformation }: SysteminformationOptions): Collector {
  const answer = background(() => Promise.all([asked.cpu(), asked.system()]), HOUR_MS, now);
  return {
    name: 'inventory',
    collect(_host, emit) {
      const [cpu, system] = answer() ?? [];
      if (cpu?.brand) emit('sysmon_node_cpu_model_info', 1, { vendor: cpu.manufacturer, brand: cpu.brand });
      // Inside a container that is all it says of the machine.
      if (system?.model && !/container/i.test(system.model)) {
        emit('sysmon_node_system_model_info', 1, { manufacturer: system.manufacturer, model: system.model });
      }
    },
  };
}

/** For systems without /proc. Written after the documentation of Node.js and systeminformation; not tested on one. */
export function portableCollectors(options: SysteminformationOptions): readonly Collector[] {
  const { nodename, now, asked = systeminformation } = options;
  /** Asked at each tick, shown at the next. */
  const atOnce = <T>(ask: () => Promise<T>) => background(ask, 0, now);
  const memory = atOnce(() => asked.mem());
  const fileSystems = atOnce(() => asked.fsSize());
  const interfaces = atOnce(() => asked.networkStats('*'));
  return [
    {
      name: 'cpu',
      collect(_host, emit) {
        for (const [i, { times }] of cpus().entries()) {
          const modes = { user: times.user, nice: times.nice, system: times.sys, idle: times.idle, irq: times.irq };
          for (const [mode, ms] of Object.entries(modes)) {
            emit('node_cpu_seconds_total', ms / 1000, { cpu: String(i), mode });
          }
        }
      },
    },
    {
      name: 'loadavg',
      collect(_host, emit) {
        // Windows has no load average, and Node.js says 0 for it.
        if (platform() === 'win32') return;
        const [load1, load5, load15] = loadavg();
        emit('node_load1', load1);
        emit('node_load5', load5);
        emit('node_load15', load15);
      },
    },
    {
      name: 'meminfo',
      collect(_host, emit) {
        const found = memory();
        emit('node_memory_MemTotal_bytes', found?.total);
        emit('node_memory_MemFree_bytes', found?.free);
        emit('node_memory_MemAvailable_bytes', found?.available);
        emit('node_memory_SwapTotal_bytes', found?.swaptotal);
        emit('node_memory_SwapFree_bytes', found?.swapfree);
      },
    },
    {
      name: 'filesystem',
      collect(_host, emit) {
        for (const { fs: device, type: fstype, mount: mountpoint, size, available } of fileSystems() ?? []) {
          const labels = { device, mountpoint, fstype, device_error: '' };
          emit('node_filesystem_size_bytes', size, labels);
          emit('node_filesystem_avail_bytes', available, labels);
        }
      },
    },
    {
      name: 'netdev',
      collect(_host, emit) {
        for (const { iface: device, rx_bytes, tx_bytes } of interfaces() ?? []) {
          emit('node_network_receive_bytes_total', rx_bytes, { device });
          emit('node_network_transmit_bytes_total', tx_bytes, { device });
        }
      },
    },
    {
      name: 'uname',
      collect(_host, emit) {
        const labels = { sysname: type(), release: release(), version: '', machine: arch(), nodename, domainname: '' };
        emit('node_uname_info', 1, labels);
      },
    },
    inventory(options),
  ];
}

/**
 * The last answer; asks for the next when that is older than `everyMs`, one question at a time.
 *
 * @returns a function that throws what the last question ended in, if it did not end well.
 */
function background<T>(ask: () => Promise<T>, everyMs: number, now: () => number): () => T | undefined {
  let askedAt: number | undefined;
  let waiting = false;
  let answer: T | undefined;
  let failure: PipelineError | undefined;

  async function askAgain(): Promise<void> {
    waiting = true;
    askedAt = now();
    try {
      answer = await ask();
      failure = undefined;
    } catch (cause) {
      failure = new PipelineError('PARSE', `systeminformation: ${messageOf(cause)}`, { cause, retryable: true });
    }
    waiting = false;
  }

  return () => {
    const age = askedAt === undefined ? Number.POSITIVE_INFINITY : now() - askedAt;
    if (waiting) {
      if (age > NO_ANSWER_MS) throw new PipelineError('PARSE', `systeminformation: no answer for ${NO_ANSWER_MS} ms`);
    } else if (age >= everyMs) void askAgain();
    if (failure !== undefined) throw failure;
    return answer;
  };
}
