/**
 * /proc/softirqs: how often each CPU ran each type of soft interrupt (per-cpu-table.ts), by the names that the kernel gives them.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#softirqs
 */
import type { Collector } from '../collector.ts';
import { malformed } from '../kernel/text.ts';
import { parsePerCpuTable } from './per-cpu-table.ts';

export function softirqs(): Collector {
  return {
    name: 'softirqs',
    collect(host, emit) {
      const text = host.read('proc/softirqs');
      if (text === undefined) throw malformed('/proc/softirqs', 'a file that may be read', undefined);
      const { cpus, lines } = parsePerCpuTable('/proc/softirqs', text);
      for (const { name, counts } of lines) {
        for (const [i, cpu] of cpus.entries()) emit('node_softirqs_functions_total', counts[i], { cpu, type: name });
      }
    },
  };
}
