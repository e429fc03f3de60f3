/** Is there a consumer, and does it keep up? */
import type { Rule } from './rule.ts';

/** @param consumers matchers of their series. */
export function consumerRules(consumers: string): readonly Rule[] {
  return [
    {
      alert: 'SystemMonitoringConsumerAbsent',
      expr: `absent(up{${consumers}}) or max by (namespace, job) (up{${consumers}}) == 0`,
      for: '5m',
      labels: { severity: 'critical' },
      annotations: {
        summary: 'No replica of the consumer answers',
        description:
          'Nothing judges the nodes and none of their series reach Prometheus. See the pods and their log: kubectl get pods -A -l app.kubernetes.io/component=consumer',
      },
    },
    {
      alert: 'SystemMonitoringConsumerReplicaDown',
      expr: `up{${consumers}} == 0`,
      for: '10m',
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $labels.pod }} does not answer Prometheus',
        description: 'The nodes of its partitions are missing unless another replica has taken them over. See its log.',
      },
    },
    {
      alert: 'SystemMonitoringConsumerIdle',
      // While Kafka is away a replica keeps its partitions, unconfirmed.
      expr: `sum by (namespace, job) (sysmon_partitions_owned{${consumers}} * sysmon_ownership_fresh{${consumers}}) == 0`,
      for: '5m',
      labels: { severity: 'critical' },
      annotations: {
        summary: 'No replica of the consumer reads a partition',
        description:
          'No node is shown and none is judged: Kafka is away, or its access rules keep the consumer out. /readyz and the log of any replica say why.',
      },
    },
    {
      alert: 'SystemMonitoringConsumerBehind',
      // Seconds of events that wait. Nothing read at all divides by zero: infinitely behind.
      expr: 'namespace_job:sysmon_partition_lag:sum / namespace_job:sysmon_events:rate5m > 60',
      for: '10m',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'The consumer is {{ $value | humanizeDuration }} behind',
        description:
          'What Prometheus and the alert log show is that old. More replicas (up to one for each partition) or more CPU let it catch up.',
      },
    },
    {
      alert: 'SystemMonitoringDeadLetters',
      // A series begins with the first record of its reason, which increase() does not see.
      expr: `sum by (namespace, job, reason) (increase(sysmon_dead_letters_total{${consumers}}[15m])) > 0 or sum by (namespace, job, reason) (sysmon_dead_letters_total{${consumers}} unless sysmon_dead_letters_total{${consumers}} offset 15m) > 0`,
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $value | printf "%.0f" }} records were no events ({{ $labels.reason }})',
        description:
          'Somebody writes to the topic what is no event, or an older consumer meets events of a newer version. They are kept as they came on the dead letter topic.',
      },
    },
    {
      alert: 'SystemMonitoringAlertLogFailing',
      expr: `increase(sysmon_alert_log_failures_total{${consumers}}[15m]) > 0`,
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $labels.pod }} cannot write its alert log file',
        description: 'Standard output has the lines, so Loki has them; the file that ALERT_LOG names lacks them.',
      },
    },
    {
      alert: 'SystemMonitoringRulesNotLoaded',
      expr: `sysmon_rules_last_reload_successful{${consumers}} == 0`,
      for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $labels.pod }} could not load the rule files anew',
        description:
          'They have a mistake since they changed last; the rules before that are still judged. The log names each by file, line and column. A replica that starts now would not start.',
      },
    },
    {
      alert: 'SystemMonitoringNotificationsFailing',
      expr: `increase(sysmon_notifications_failed_total{${consumers}}[5m]) > 0`,
      for: '5m',
      labels: { severity: 'warning' },
      annotations: {
        summary: '{{ $labels.pod }} cannot tell {{ $labels.alertmanager }} what fires',
        description:
          'If no other Alertmanager is told, nobody is called. The alert log has everything; what still fires is told as soon as it answers again.',
      },
    },
    {
      alert: 'SystemMonitoringRebalancing',
      expr: `max by (namespace, job) (increase(sysmon_rebalances_total{${consumers}}[30m])) > 10`,
      labels: { severity: 'warning' },
      annotations: {
        summary: 'The consumers share out their partitions again and again',
        description:
          'A replica comes and goes, or is too slow for its heartbeats. While it lasts, nodes are missing for seconds at a time. See restarts, memory and CPU limits of the consumer.',
      },
    },
  ];
}
