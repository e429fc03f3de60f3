/** What the node is, and how measuring it went. */
import type { MetricTable } from './definition.ts';

const COLLECTOR = ['collector'] as const;

export const IDENTITY_METRICS = {
  // uname: /proc/sys/kernel
  node_uname_info: {
    type: 'gauge',
    unit: 'info',
    help: "The node's operating system and name, as uname(2) tells them.",
    labels: ['sysname', 'release', 'version', 'machine', 'nodename', 'domainname'],
  },

  // about the collectors themselves
  node_scrape_collector_duration_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'How long a collector took.',
    labels: COLLECTOR,
  },
  node_scrape_collector_success: {
    type: 'gauge',
    unit: 'boolean',
    help: 'Whether a collector read everything it looks for.',
    labels: COLLECTOR,
  },
} as const satisfies MetricTable;
