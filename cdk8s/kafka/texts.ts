/** What people read about the chart `kafka`. */

export const NOTES = `The Kafka cluster {{ .Values.clusterName }} is being made by Strimzi's operator; that takes a minute or two.

Wait until it, its topics and its users are there:

  kubectl --namespace {{ .Release.Namespace }} wait --for=condition=Ready --timeout=10m kafka/{{ .Values.clusterName }}
  kubectl --namespace {{ .Release.Namespace }} wait --for=condition=Ready --timeout=5m kafkatopic,kafkauser --selector strimzi.io/cluster={{ .Values.clusterName }}

Clients in this namespace find it at
  {{ .Values.clusterName }}-kafka-bootstrap.{{ .Release.Namespace }}.svc:9093
show the certificate in the secret {{ .Values.users.producer.name }} or {{ .Values.users.consumer.name }} (user.crt, user.key), and
trust {{ .Values.clusterName }}-cluster-ca-cert (ca.crt).

If nothing happens: does the operator run, and does it watch this namespace?

  kubectl --namespace {{ .Release.Namespace }} describe kafka/{{ .Values.clusterName }}
{{- if gt (int .Values.minInSyncReplicas) (int .Values.replicationFactor) }}

WARNING: minInSyncReplicas is greater than replicationFactor: no record will ever be taken.
{{- end }}
{{- if .Values.keepOnUninstall }}

helm uninstall keeps the cluster, its nodes and its topics. To delete them with all data:

  kubectl --namespace {{ .Release.Namespace }} delete kafkatopic,kafka,kafkanodepool --selector app.kubernetes.io/instance={{ .Release.Name }}
  kubectl --namespace {{ .Release.Namespace }} delete persistentvolumeclaim --selector strimzi.io/cluster={{ .Values.clusterName }}
{{- end }}
`;

export function readme(table: string): string {
  return `# kafka

A Kafka cluster under [Strimzi](https://strimzi.io)'s operator (API \`kafka.strimzi.io/v1\`, so 1.0 or later), with the topics and users
of system-monitoring. It is a release of its own so that removing the application never removes the data.

## Install

Strimzi's operator has to run and to watch the namespace (\`watchNamespaces\`). Pods that satisfy the Pod Security level
\`restricted\` take \`STRIMZI_POD_SECURITY_PROVIDER_CLASS=restricted\` in the operator's environment.

    helm upgrade --install kafka charts/kafka --namespace system-monitoring --create-namespace
    kubectl --namespace system-monitoring wait --for=condition=Ready --timeout=10m kafka/metrics

Helm does not wait for Kafka itself, hence the second line. On a laptop or in kind: \`--values charts/kafka/ci/kind-values.yaml\`, one
node and one copy of everything.

Helm refuses to install it where Strimzi's definitions are missing, or the Prometheus operator's unless \`podMonitor.enabled\` and
\`prometheusRule.enabled\` are false.

## What is made

- **Kafka** in KRaft mode: one listener, 9093, TLS with client certificates, simple authorization; topics are not made by themselves;
  records carry the time at which the broker took them.
- **Nodes**: three controllers and three brokers on volumes of their own. A record is on three brokers, and its producer is told
  so when it is on two. One node at a time may be evicted.
- **Topics**: \`system.metrics\`, \`system.metrics.dlq\`, \`system.alerts\`.
- **Users**: the producer may write events, nothing else. The consumer may read events in its own group, write dead letters, and
  read and write alerts. Nobody may create topics. Quotas slow down who writes or reads too much.
- **NetworkPolicy**: only pods of system-monitoring in the same namespace reach the listener (\`networkPolicy\`), where the cluster's
  network enforces policies.
- **PodMonitors and a PrometheusRule**: metrics by Strimzi's own reporter; alerts on absence, controllers, partitions without leader or
  with too few copies, volumes, certificates that were not renewed.

Certificates are renewed by Strimzi a month before they end; clients that read their files again, as ours do, notice nothing.

## Upgrade

\`helm upgrade\` with new values; Strimzi restarts nodes one at a time where that is needed. Before another \`kafka.version\`, upgrade
Strimzi (its definitions by hand: Helm never does), pin \`kafka.metadataVersion\` to the old version's, and unpin it when you are sure.

## From one node to more

- **More brokers**: raise \`nodePools.broker.replicas\`. Existing partitions stay where they are until they are reassigned
  (\`kafka-reassign-partitions.sh\`, or Strimzi's Cruise Control).
- **A dual node to brokers of their own**: enable \`nodePools.broker\` beside \`nodePools.dual\`, reassign all partitions to the new brokers.
  The dual node stays as controller: the number of controllers cannot be changed (KAFKA-16538), so one that began with one
  controller keeps one. For three, make a second cluster (another \`clusterName\`, another namespace) and move the clients: events live
  for a day, so nothing has to be copied.
- **More copies**: \`replicationFactor\` holds for new topics. Strimzi reports a topic whose copies differ as not Ready instead of
  changing it; reassign its partitions with more replicas first.
- **More partitions** of \`system.metrics\`: raise those of \`system.alerts\` with them. Nodes move to other partitions, so for a moment
  their alerts are judged without their past.

## Uninstall

\`helm uninstall kafka\` removes users and monitors, and keeps the cluster, its nodes and its topics (\`keepOnUninstall\`); installing the
release again under the same name takes them over. The notes that helm prints say how to delete them. Without \`keepOnUninstall\` all
but the volumes goes; those go too where \`deleteClaim\` says so. Topics have no finalizers (\`STRIMZI_USE_FINALIZERS=false\`), so a
namespace can be deleted even when the operator has gone.

## Values

${table}
`;
}
