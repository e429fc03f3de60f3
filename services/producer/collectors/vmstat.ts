/**
 * /proc/vmstat: what the memory management counts, a `name value` a line. There are nearly two hundred; those about paging, swapping,
 * faults and processes killed for want of memory are exported, which is node_exporter's choice.
 * https://www.kernel.org/doc/html/latest/admin-guide/mm/index.html
 */
import type { Collector } from '../collector.ts';
import { decimal, lines, malformed } from '../kernel/text.ts';

const EXPORTED = /^(?:oom_kill|pgpg|pswp|pg.*fault)\w*$/;

export interface VmstatField {
  readonly name: string;
  readonly value: number;
}

export function vmstat(): Collector {
  return {
    name: 'vmstat',
    collect(host, emit) {
      const text = host.read('proc/vmstat');
      if (text === undefined) throw malformed('/proc/vmstat', 'a file that may be read', undefined);
      for (const { name, value } of parseVmstat(text)) emit(`node_vmstat_${name}`, value);
    },
  };
}

/** Those fields that are exported. */
export function parseVmstat(text: string): VmstatField[] {
  const fields = lines('/proc/vmstat', text).flatMap((line): VmstatField[] => {
    const [name = '', value] = line.split(' ', 2);
    return EXPORTED.test(name) ? [{ name, value: decimal(value) }] : [];
  });
  if (fields.length === 0) throw malformed('/proc/vmstat', 'a field pgpgin', text);
  return fields;
}
