/** CPUs, load, memory, pressure and what else the kernel counts about itself. */
import type { MetricTable } from './definition.ts';

export const KERNEL_METRICS = {
  // cpu: /proc/stat
  node_cpu_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds each CPU spent in each mode.',
    labels: ['cpu', 'mode'],
  },
  node_cpu_guest_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds each CPU spent running guests (virtual machines), which its user and nice modes include.',
    labels: ['cpu', 'mode'],
  },

  // loadavg: /proc/loadavg
  node_load1: { type: 'gauge', unit: 'count', help: 'Load average over 1 minute.', labels: [] },
  node_load5: { type: 'gauge', unit: 'count', help: 'Load average over 5 minutes.', labels: [] },
  node_load15: { type: 'gauge', unit: 'count', help: 'Load average over 15 minutes.', labels: [] },

  // meminfo: /proc/meminfo
  'node_memory_*_bytes': { type: 'gauge', unit: 'bytes', help: 'The field * of /proc/meminfo, in bytes.', labels: [] },
  'node_memory_HugePages_*': {
    type: 'gauge',
    unit: 'count',
    help: 'The field HugePages_* of /proc/meminfo, a number of pages.',
    labels: [],
  },

  // pressure: /proc/pressure
  node_pressure_cpu_waiting_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which at least one task waited for a CPU.',
    labels: [],
  },
  node_pressure_memory_waiting_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which at least one task waited for memory.',
    labels: [],
  },
  node_pressure_memory_stalled_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which all tasks at once waited for memory.',
    labels: [],
  },
  node_pressure_io_waiting_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which at least one task waited for I/O.',
    labels: [],
  },
  node_pressure_io_stalled_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which all tasks at once waited for I/O.',
    labels: [],
  },
  node_pressure_irq_stalled_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'Seconds in which all tasks at once waited for interrupt handling.',
    labels: [],
  },
} as const satisfies MetricTable;
