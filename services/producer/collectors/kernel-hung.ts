/**
 * /proc/sys/kernel/hung_task_detect_count: how many tasks hung, a number. There from Linux 6.15 on, if it was built to look for them.
 * https://www.kernel.org/doc/html/latest/admin-guide/sysctl/kernel.html#hung-task-detect-count
 */
import type { Collector } from '../collector.ts';
import { decimal, lines } from '../kernel/text.ts';

export function kernelHung(): Collector {
  return {
    name: 'kernel_hung',
    collect(host, emit) {
      const text = host.read('proc/sys/kernel/hung_task_detect_count');
      if (text !== undefined) emit('node_kernel_hung_tasks_total', parseHungTasks(text));
    },
  };
}

export function parseHungTasks(text: string): number {
  return decimal(lines('/proc/sys/kernel/hung_task_detect_count', text)[0]);
}
