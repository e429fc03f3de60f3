/**
 * /proc/interrupts: how often each CPU served each interrupt (per-cpu-table.ts). Of those with a number the first word about
 * it is the controller and the others the devices; those with letters are the architecture's own. What has no words about it
 * (ERR, MIS) is not counted by CPU, and left out. Series are sources times CPUs, many thousands on a large machine, so this
 * runs only where it is asked for.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#kernel-data
 */
import type { Collector } from '../collector.ts';
import { malformed } from '../kernel/text.ts';
import { parsePerCpuTable } from './per-cpu-table.ts';

export function interrupts(): Collector {
  return {
    name: 'interrupts',
    collect(host, emit) {
      const text = host.read('proc/interrupts');
      if (text === undefined) throw malformed('/proc/interrupts', 'a file that may be read', undefined);
      const { cpus, lines } = parsePerCpuTable('/proc/interrupts', text);
      for (const { name, counts, about } of lines) {
        if (about.length === 0) continue;
        const controller = /^\d+$/.test(name) ? 1 : about.length;
        const info = about.slice(0, controller).join(' ');
        const devices = about.slice(controller).join(' ');
        for (const [i, cpu] of cpus.entries()) {
          emit('node_interrupts_total', counts[i], { cpu, type: name, info, devices });
        }
      }
    },
  };
}
