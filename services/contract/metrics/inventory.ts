/** What a node is made of, as the slow inventory tells it. node_exporter has no names for these. */
import type { MetricTable } from './definition.ts';

export const INVENTORY_METRICS = {
  sysmon_node_cpu_model_info: {
    type: 'gauge',
    unit: 'info',
    help: 'The make of the CPUs.',
    labels: ['vendor', 'brand'],
  },
  sysmon_node_system_model_info: {
    type: 'gauge',
    unit: 'info',
    help: 'The make of the machine, or what a hypervisor says in its place.',
    labels: ['manufacturer', 'model'],
  },
} as const satisfies MetricTable;
