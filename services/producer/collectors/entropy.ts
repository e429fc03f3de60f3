/**
 * /proc/sys/kernel/random/{entropy_avail,poolsize}: a number of bits each. From Linux 5.18 on both are 256 as soon as the
 * generator is seeded.
 * https://www.kernel.org/doc/html/latest/admin-guide/sysctl/kernel.html#random
 */
import type { Collector } from '../collector.ts';
import { decimal, lines } from '../kernel/text.ts';

const SERIES = [
  ['entropy_avail', 'node_entropy_available_bits'],
  ['poolsize', 'node_entropy_pool_size_bits'],
] as const;

export function entropy(): Collector {
  return {
    name: 'entropy',
    collect(host, emit) {
      for (const [file, name] of SERIES) {
        const text = host.read(`proc/sys/kernel/random/${file}`);
        emit(name, text === undefined ? Number.NaN : parseBits(text));
      }
    },
  };
}

export function parseBits(text: string): number {
  return decimal(lines('/proc/sys/kernel/random', text)[0]);
}
