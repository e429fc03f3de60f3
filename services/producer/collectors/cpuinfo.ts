/**
 * /proc/cpuinfo: what kind of CPU each one is. A block of lines for each, of `name : value`, with an empty line between:
 *
 *   processor       : 0
 *   vendor_id       : AuthenticAMD
 *   model name      : AMD EPYC
 *
 * Architectures name these things differently; ARM has codes in place of names.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#kernel-data
 */
import type { Collector } from '../collector.ts';
import { FIVE_MINUTES_MS, remembered } from '../host/remembered.ts';
import { lines, malformed } from '../kernel/text.ts';

/** By label: the names of the lines that tell it, on x86 and then on ARM. */
const LINES = {
  package: ['physical id'],
  core: ['core id'],
  cpu: ['processor'],
  vendor: ['vendor_id', 'CPU implementer'],
  family: ['cpu family', 'CPU architecture'],
  model: ['model', 'CPU part'],
  model_name: ['model name'],
  microcode: ['microcode'],
  stepping: ['stepping', 'CPU revision'],
  cachesize: ['cache size'],
} as const;

export type CpuInfo = Readonly<Record<keyof typeof LINES, string>>;

export function cpuinfo(now: () => number): Collector {
  const infos = remembered(now, FIVE_MINUTES_MS, (host) => {
    const text = host.read('proc/cpuinfo');
    if (text === undefined) throw malformed('/proc/cpuinfo', 'a file that may be read', undefined);
    return parseCpuinfo(text);
  });
  return {
    name: 'cpuinfo',
    collect(host, emit) {
      for (const info of infos(host)) emit('node_cpu_info', 1, info);
    },
  };
}

/** What a CPU does not tell is empty. */
export function parseCpuinfo(text: string): CpuInfo[] {
  const blocks: Map<string, string>[] = [];
  for (const line of lines('/proc/cpuinfo', text)) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, Math.max(colon, 0)).trim(), line.slice(colon + 1).trim()];
    if (name === 'processor' && /^\d+$/.test(value)) blocks.push(new Map());
    blocks.at(-1)?.set(name, value);
  }
  if (blocks.length === 0) throw malformed('/proc/cpuinfo', 'a line of a processor', text);
  return blocks.map((block) => {
    const told = Object.entries(LINES).map(([label, names]) => [
      label,
      names.map((name) => block.get(name)).find((value) => value !== undefined) ?? '',
    ]);
    return Object.fromEntries(told) as CpuInfo;
  });
}
