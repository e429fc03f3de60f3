/**
 * Alerts about Kafka itself. Names of metrics are those of Strimzi's reporter; its exporter for JMX has the same.
 * The consumer's own chart tells of lag, loss and dead letters.
 */

export interface Cluster {
  readonly name: string;
  readonly namespace: string;
  /** What a sum goes on with: ` or vector(0)` where Prometheus is told to ask the nodes, so that no answer counts as none. */
  readonly orNone: string;
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly summary: string; readonly description: string };
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** @param alertLabels put on every alert. */
export function kafkaRules(
  { name, namespace, orNone }: Cluster,
  alertLabels: Readonly<Record<string, string>>,
): RuleGroup[] {
  const ours = `namespace="${namespace}",strimzi_io_cluster="${name}"`;
  // Strimzi's operators of topics and users are pods of the cluster, too, and know nothing of records.
  const nodes = `${ours},strimzi_io_name="${name}-kafka"`;
  const volumes = `namespace="${namespace}",persistentvolumeclaim=~"data-[0-9]+-${name}-.+"`;

  const rule = (severity: 'warning' | 'critical', { labels, ...rest }: Omit<Rule, 'labels'> & Partial<Rule>): Rule => ({
    ...rest,
    labels: { severity, ...labels, ...alertLabels },
  });

  return [
    {
      name: `kafka-${name}`,
      rules: [
        rule('critical', {
          alert: 'KafkaAbsent',
          expr: `absent(up{${nodes}} == 1)`,
          for: '5m',
          labels: { namespace, strimzi_io_cluster: name },
          annotations: {
            summary: `Nothing is known of the Kafka cluster ${name}`,
            description: 'No node of the cluster answers Prometheus: it is down, or its PodMonitor is not found.',
          },
        }),
        rule('warning', {
          alert: 'KafkaPodDown',
          expr: `up{${ours}} == 0`,
          for: '5m',
          annotations: {
            summary: 'The pod {{ $labels.pod }} of Kafka does not answer',
            description: 'Prometheus has had no metrics of {{ $labels.pod }} for 5 minutes.',
          },
        }),
        rule('critical', {
          alert: 'KafkaNoActiveController',
          expr: `(sum(kafka_controller_kafkacontroller_activecontrollercount{${nodes}})${orNone}) != 1`,
          for: '3m',
          labels: { namespace, strimzi_io_cluster: name },
          annotations: {
            summary: 'Kafka has {{ $value }} active controllers, expected one',
            description: 'Without one, no partition finds a new leader and no topic can be changed.',
          },
        }),
        rule('critical', {
          alert: 'KafkaOfflinePartitions',
          expr: `max by (namespace, strimzi_io_cluster) (kafka_controller_kafkacontroller_offlinepartitionscount{${nodes}}) > 0`,
          for: '1m',
          annotations: {
            summary: '{{ $value }} partitions of Kafka have no leader',
            description: 'Nobody can read or write them. Producers spool until their disks are full.',
          },
        }),
        rule('critical', {
          alert: 'KafkaUnderMinIsr',
          expr: `sum by (namespace, strimzi_io_cluster) (kafka_server_replicamanager_underminisrpartitioncount{${nodes}}) > 0`,
          for: '2m',
          annotations: {
            summary: '{{ $value }} partitions of Kafka have fewer copies in sync than they need',
            description: 'They take no records until brokers are back. Producers spool until their disks are full.',
          },
        }),
        rule('warning', {
          alert: 'KafkaUnderReplicated',
          expr: `kafka_server_replicamanager_underreplicatedpartitions{${nodes}} > 0`,
          for: '10m',
          annotations: {
            summary: '{{ $value }} partitions led by {{ $labels.pod }} lack a copy in sync',
            description: 'A broker is down or too slow to follow. One more failure may lose records or stop producers.',
          },
        }),
        rule('warning', {
          alert: 'KafkaVolumeFilling',
          expr: `kubelet_volume_stats_available_bytes{${volumes}} / kubelet_volume_stats_capacity_bytes{${volumes}} < 0.2`,
          for: '10m',
          annotations: {
            summary:
              'The volume {{ $labels.persistentvolumeclaim }} of Kafka has {{ $value | humanizePercentage }} left',
            description:
              'Give it a larger size (nodePools.….storage.size), or the topics a shorter retention. A full one stops its broker.',
          },
        }),
        rule('critical', {
          alert: 'KafkaVolumeFull',
          expr: `kubelet_volume_stats_available_bytes{${volumes}} / kubelet_volume_stats_capacity_bytes{${volumes}} < 0.05`,
          for: '2m',
          annotations: {
            summary:
              'The volume {{ $labels.persistentvolumeclaim }} of Kafka has {{ $value | humanizePercentage }} left',
            description: 'Its broker stops when nothing is left, and does not start again before there is room.',
          },
        }),
        rule('warning', {
          alert: 'KafkaCertificateExpires',
          expr: `strimzi_certificate_expiration_timestamp_ms{cluster="${name}",resource_namespace="${namespace}"} / 1000 - time() < 20 * 24 * 3600`,
          for: '1h',
          annotations: {
            summary: 'A certificate of Kafka ({{ $labels.type }}) ends in {{ $value | humanizeDuration }}',
            description:
              'Strimzi renews certificates 30 days before they end, and has not done so: look at its operator, and at maintenanceTimeWindows.',
          },
        }),
      ],
    },
  ];
}
