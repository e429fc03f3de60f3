/** What the consumers say about the nodes: silent, lossy, too many, out of time. */
import type { Rule } from './rule.ts';

/** Whether any replica hears the node. */
export const NODE_UP = 'namespace_job_cluster_node:sysmon_node_up:max';

/** @param consumers matchers of their series. */
export function nodeRules(consumers: string): readonly Rule[] {
  return [
    {
      alert: 'SystemMonitoringNodeSilent',
      expr: `${NODE_UP}{${consumers}} == 0`,
      for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $labels.node }} is silent',
        description:
          'No event came from the node for over five minutes. Is it up, does its producer run, does that reach Kafka? The log of the producer on that node says so.',
      },
    },
    {
      alert: 'SystemMonitoringManyNodesSilent',
      expr: `count by (namespace, job, cluster) (${NODE_UP}{${consumers}} == 0) / count by (namespace, job, cluster) (${NODE_UP}{${consumers}}) > 0.25`,
      for: '5m',
      labels: { severity: 'critical' },
      annotations: {
        summary: '{{ $value | humanizePercentage }} of the nodes of {{ $labels.cluster }} are silent',
        description:
          'So many at once have one cause: Kafka, its access rules, the network, or a release of the producer.',
      },
    },
    {
      alert: 'SystemMonitoringEventsLost',
      expr: `sum by (namespace, job, reason) (increase(sysmon_events_lost_total{${consumers}}[15m])) > 0`,
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $value | printf "%.0f" }} events were lost ({{ $labels.reason }})',
        description: 'Their sequence numbers never came. sysmon_node_events_lost_total says of which nodes.',
      },
    },
    {
      alert: 'SystemMonitoringRecordsUnread',
      // A replica that begins far behind has counted them before it is asked for the first time, which increase() does not see.
      expr: `sum by (namespace, job) (increase(sysmon_records_skipped_total{${consumers}}[15m])) > 0 or sum by (namespace, job) (sysmon_records_skipped_total{${consumers}} unless sysmon_records_skipped_total{${consumers}} offset 15m) > 0`,
      labels: { severity: 'critical' },
      annotations: {
        summary: '{{ $value | printf "%.0f" }} records were deleted before the consumer read them',
        description:
          'The consumer was away, or behind, for longer than the topic keeps records (retention.ms, retention.bytes). What they were nobody can say any more.',
      },
    },
    {
      alert: 'SystemMonitoringNodeClaimedTwice',
      // A single one may be a record that was sent again; two agents under one name conflict at each event.
      expr: `sum by (cluster, node) (increase(sysmon_node_conflicts_total{${consumers}}[15m])) > 2`,
      labels: { severity: 'warning' },
      annotations: {
        summary: 'Two producers claim to be {{ $labels.node }}',
        description:
          'Two agents have the same NODE_NAME and CLUSTER_NAME, or somebody forges or repeats the events of the node. Its series jump between the two.',
      },
    },
    {
      alert: 'SystemMonitoringNoRoom',
      expr: `sum by (namespace, job, reason) (increase(sysmon_overflow_total{${consumers}}[15m])) > 0`,
      labels: { severity: 'warning' },
      annotations: {
        summary: 'The consumer leaves out what it has no room for ({{ $labels.reason }})',
        description:
          'More nodes, series, past of series or alerts than its bounds allow. If they are real, raise consumer.limits or add replicas; if not, somebody floods the topic.',
      },
    },
    {
      alert: 'SystemMonitoringClockWrong',
      expr: `max by (cluster, node) (abs(sysmon_node_clock_skew_seconds{${consumers}})) > 5`,
      for: '15m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'The clock of {{ $labels.node }} is {{ $value | humanizeDuration }} off',
        description:
          "Against the brokers' clocks. What the node says is dated wrongly: its alerts in the log, its series late. See to its NTP.",
      },
    },
  ];
}
