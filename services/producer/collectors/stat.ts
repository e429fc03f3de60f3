/**
 * /proc/stat: what the kernel counts since boot, beside the time of its CPUs (cpu.ts). Lines of a name and a number, or a
 * sum and its many parts:
 *
 *   intr 3545616 0 9 …
 *   ctxt 6985847
 *   btime 1795393240
 *   processes 41512
 *   procs_running 1
 *   procs_blocked 0
 *
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat
 */
import type { Collector } from '../collector.ts';
import type { ReadFile } from '../host/shared-file.ts';
import { decimal, lines, malformed } from '../kernel/text.ts';

const SERIES = [
  ['intr', 'node_intr_total'],
  ['ctxt', 'node_context_switches_total'],
  ['processes', 'node_forks_total'],
  ['btime', 'node_boot_time_seconds'],
  ['procs_running', 'node_procs_running'],
  ['procs_blocked', 'node_procs_blocked'],
] as const;

/** @param readStat /proc/stat, which another collector reads, too. */
export function stat(readStat: ReadFile): Collector {
  return {
    name: 'stat',
    collect(host, emit) {
      const text = readStat(host);
      if (text === undefined) throw malformed('/proc/stat', 'a file that may be read', undefined);
      const found = parseKernelStat(text);
      for (const [line, name] of SERIES) emit(name, found.get(line) ?? Number.NaN);
    },
  };
}

/** The first number of each line, by the line's first word. */
export function parseKernelStat(text: string): ReadonlyMap<string, number> {
  return new Map(
    lines('/proc/stat', text).map((line) => {
      const [name = '', value] = line.split(' ', 2);
      return [name, decimal(value)];
    }),
  );
}
