/**
 * /proc/meminfo: lines of `Name: value kB`, or without a unit for a number of pages. There is no list of names here: what a
 * kernel adds is exported under the name it gave.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#meminfo
 */
import type { Collector } from '../collector.ts';
import { decimal, lines, malformed, words } from '../kernel/text.ts';

/** The kernel writes kB and means 1024. */
const BYTES_PER_KB = 1024;

export interface MeminfoField {
  /** As part of a metric's name: `Active(anon)` is `Active_anon`. */
  readonly name: string;
  readonly value: number;
  readonly unit: 'bytes' | 'pages';
}

export function meminfo(): Collector {
  return {
    name: 'meminfo',
    collect(host, emit) {
      const text = host.read('proc/meminfo');
      if (text === undefined) throw malformed('/proc/meminfo', 'a file that may be read', undefined);
      for (const { name, value, unit } of parseMeminfo(text)) {
        if (unit === 'bytes' || Number.isNaN(value)) emit(`node_memory_${name}_bytes`, value);
        else if (name.startsWith('HugePages_')) emit(`node_memory_HugePages_${name.slice('HugePages_'.length)}`, value);
      }
    },
  };
}

export function parseMeminfo(text: string): MeminfoField[] {
  const fields = lines('/proc/meminfo', text).map((line): MeminfoField => {
    const [label = '', rest = ''] = line.split(':', 2);
    const [value, unit] = words(rest);
    const name = label.replace(/[^A-Za-z0-9_]+/g, '_').replace(/_$/, '');
    return unit === 'kB'
      ? { name, value: decimal(value) * BYTES_PER_KB, unit: 'bytes' }
      : { name, value: decimal(value), unit: 'pages' };
  });
  if (fields.length === 0) throw malformed('/proc/meminfo', 'a field', text);
  return fields;
}
