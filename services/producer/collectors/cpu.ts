/**
 * /proc/stat: the time each CPU spent in each mode, in ticks of a hundredth of a second; and what /sys tells of CPUs as
 * devices (cpu-devices.ts).
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat
 */
import type { Collector } from '../collector.ts';
import type { ReadFile } from '../host/shared-file.ts';
import { decimal, lines, malformed, words } from '../kernel/text.ts';
import { cpuDevices } from './cpu-devices.ts';

/** USER_HZ. The kernel counts faster and converts, on every architecture that Linux now has. */
const TICKS_PER_SECOND = 100;

/** The columns, as many as the kernel has: older ones stop sooner. Time as a guest is part of user and nice, too. */
const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const GUEST_MODES = ['user', 'nice'] as const;
const COLUMNS = MODES.length + GUEST_MODES.length;
const IDLE = MODES.indexOf('idle');

/**
 * The kernel estimates idle and iowait, and may take a little of it back. An idle time that falls by more than this is
 * that of a CPU which was taken out and put back in, and counts anew.
 */
const NEW_CPU_SECONDS = 3;

export interface CpuTimes {
  readonly cpu: string;
  /** By column of the file. */
  readonly seconds: readonly number[];
}

export interface CpuOptions {
  /** /proc/stat, which another collector reads, too. */
  readonly readStat: ReadFile;
  readonly now: () => number;
}

export function cpu({ readStat, now }: CpuOptions): Collector {
  let last = new Map<string, readonly number[]>();
  const emitDevices = cpuDevices(now);

  const emitTimes: Collector['collect'] = (host, emit) => {
    const text = readStat(host);
    if (text === undefined) throw malformed('/proc/stat', 'a file that may be read', undefined);
    const times = parseStat(text).map((now) => ({ cpu: now.cpu, seconds: neverBack(last.get(now.cpu), now.seconds) }));
    last = new Map(times.map(({ cpu, seconds }) => [cpu, seconds]));
    for (const { cpu, seconds } of times) {
      for (const [i, mode] of MODES.entries()) emit('node_cpu_seconds_total', seconds[i], { cpu, mode });
      for (const [i, mode] of GUEST_MODES.entries()) {
        emit('node_cpu_guest_seconds_total', seconds[MODES.length + i], { cpu, mode });
      }
    }
  };

  return {
    name: 'cpu',
    collect(host, emit) {
      try {
        emitTimes(host, emit);
      } finally {
        emitDevices(host, emit);
      }
    },
  };
}

export function parseStat(text: string): CpuTimes[] {
  const cpus: CpuTimes[] = [];
  for (const line of lines('/proc/stat', text)) {
    const [, cpu, columns] = /^cpu(\d+) (.+)$/.exec(line) ?? [];
    if (cpu === undefined || columns === undefined) continue;
    const ticks = words(columns).slice(0, COLUMNS);
    cpus.push({ cpu, seconds: ticks.map((count) => decimal(count) / TICKS_PER_SECOND) });
  }
  if (cpus.length === 0) throw malformed('/proc/stat', 'a line of a CPU', text);
  return cpus;
}

function neverBack(before: readonly number[] | undefined, now: readonly number[]): readonly number[] {
  if (before === undefined) return now;
  if ((before[IDLE] ?? 0) - (now[IDLE] ?? 0) >= NEW_CPU_SECONDS) return now;
  return now.map((seconds, i) => Math.max(seconds, before[i] ?? 0));
}
