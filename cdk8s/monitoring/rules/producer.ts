/** Does each producer measure its node, all of it, and get rid of what it found? */
import type { Rule } from './rule.ts';

/** @param producers matchers of their series. */
export function producerRules(producers: string): readonly Rule[] {
  return [
    {
      alert: 'SystemMonitoringProducersAbsent',
      expr: `absent(up{${producers}})`,
      for: '10m',
      labels: { severity: 'critical' },
      annotations: {
        summary: 'There is no producer',
        description:
          'No node is measured. See the DaemonSet: kubectl get daemonsets -A -l app.kubernetes.io/component=producer',
      },
    },
    {
      alert: 'SystemMonitoringProducerDown',
      expr: `up{${producers}} == 0`,
      for: '10m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'The producer on {{ $labels.node }} does not answer',
        description: 'The node may not be measured. See the log of {{ $labels.pod }}.',
      },
    },
    {
      alert: 'SystemMonitoringProducerNotPublishing',
      expr: `rate(sysmon_producer_events_published_total{${producers}}[5m]) == 0 and rate(sysmon_producer_ticks_total{${producers}}[5m]) > 0`,
      for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $labels.node }} is measured and nothing of it gets to Kafka',
        description:
          'Its events wait on the node. /readyz and the log of {{ $labels.pod }} say whether Kafka cannot be reached or refuses.',
      },
    },
    {
      alert: 'SystemMonitoringSpoolFilling',
      expr: `sysmon_producer_spool_bytes{${producers}} / sysmon_producer_spool_max_bytes{${producers}} > 0.7 or sysmon_producer_spool_oldest_seconds{${producers}} / sysmon_producer_spool_max_age_seconds{${producers}} > 0.7`,
      for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'The spool of {{ $labels.node }} is at {{ $value | humanizePercentage }} of its bounds',
        description:
          'Kafka takes its events too slowly or not at all. At its bound of size or age the oldest events go; how many is counted.',
      },
    },
    {
      alert: 'SystemMonitoringSpoolNotOnDisk',
      expr: `sysmon_producer_spool_disk_ok{${producers}} == 0`,
      for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $labels.node }} cannot spool to disk',
        description:
          'Events wait in memory alone and would not outlive the pod. The disk may be full, read-only or broken: the log of {{ $labels.pod }} has the error.',
      },
    },
    {
      alert: 'SystemMonitoringEventsQuarantined',
      expr: `increase(sysmon_producer_events_quarantined_total{${producers}}[15m]) > 0`,
      labels: { severity: 'warning' },
      annotations: {
        summary: 'Kafka refuses events of {{ $labels.node }}',
        description:
          'They are too large for the topic, most likely: max.message.bytes. The log of {{ $labels.pod }} says why, and where they are kept.',
      },
    },
    {
      alert: 'SystemMonitoringEventsDropped',
      expr: `increase(sysmon_producer_events_dropped_total{${producers}}[15m]) > 0`,
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $labels.node }} gave up {{ $value | printf "%.0f" }} events ({{ $labels.reason }})',
        description:
          'They will never reach Kafka. The reason says whether its spool was full, they were too old, or damaged.',
      },
    },
    {
      alert: 'SystemMonitoringHostViewWrong',
      expr: `sysmon_host_view_ok{${producers}} == 0`,
      for: '15m',
      labels: { severity: 'warning' },
      annotations: {
        summary: "The producer on {{ $labels.node }} does not see the host's {{ $labels.aspect }}",
        description:
          "What it sees there is its container's, so it publishes nothing of it. The log of {{ $labels.pod }} says what is missing.",
      },
    },
    {
      alert: 'SystemMonitoringTicksSkipped',
      expr: `rate(sysmon_producer_ticks_skipped_total{${producers}}[15m]) / (rate(sysmon_producer_ticks_total{${producers}}[15m]) + rate(sysmon_producer_ticks_skipped_total{${producers}}[15m])) > 0.1`,
      for: '15m',
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $labels.node }} misses {{ $value | humanizePercentage }} of its measurements',
        description: 'The producer gets too little CPU, or reading the node takes too long for its interval.',
      },
    },
    {
      alert: 'SystemMonitoringCollectorFailing',
      expr: `rate(sysmon_producer_collector_failures_total{${producers}}[15m]) > 0`,
      for: '1h',
      labels: { severity: 'info' },
      annotations: {
        summary: 'Collector {{ $labels.collector }} on {{ $labels.node }} cannot read all that it looks for',
        description: 'A part of the metrics of that node is missing. The log of {{ $labels.pod }} names the file.',
      },
    },
  ];
}
