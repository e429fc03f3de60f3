/**
 * /proc/loadavg: `1-minute 5-minutes 15-minutes running/all last-pid`.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#kernel-data
 */
import type { Collector } from '../collector.ts';
import { decimal, lines, malformed, words } from '../kernel/text.ts';

export interface LoadAverage {
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
}

export function loadavg(): Collector {
  return {
    name: 'loadavg',
    collect(host, emit) {
      const text = host.read('proc/loadavg');
      if (text === undefined) throw malformed('/proc/loadavg', 'a file that may be read', undefined);
      const { load1, load5, load15 } = parseLoadavg(text);
      emit('node_load1', load1);
      emit('node_load5', load5);
      emit('node_load15', load15);
    },
  };
}

export function parseLoadavg(text: string): LoadAverage {
  const [load1, load5, load15] = words(lines('/proc/loadavg', text)[0] ?? '');
  return { load1: decimal(load1), load5: decimal(load5), load15: decimal(load15) };
}
