/** The chart's README. */
import { stringify } from 'yaml';
import { nodeSeriesRelabelings } from './relabelings.ts';

/** What a ServiceMonitor says, as Prometheus' own configuration says it, where there are fewer labels to remove. */
const SCRAPE_CONFIG = stringify(
  {
    scrape_configs: [
      {
        job_name: 'system-monitoring-consumer',
        dns_sd_configs: [{ names: ['system-monitoring-consumer.system-monitoring.svc'], type: 'A', port: 8080 }],
        metric_relabel_configs: nodeSeriesRelabelings('node-exporter')
          .slice(0, 2)
          .map(({ sourceLabels, regex, targetLabel, replacement }) => ({
            source_labels: sourceLabels,
            regex,
            target_label: targetLabel,
            replacement,
          })),
      },
    ],
  },
  { lineWidth: 0 },
).trimEnd();

/** @param table the values, in Markdown. */
export function readme(table: string): string {
  return `# system-monitoring

Metrics and alerts of every node: a producer on each reads its kernel and writes events to Kafka; consumers serve them to
Prometheus under node_exporter's names, and judge them by alerting rules into a log that Loki can keep.

Needs Kubernetes 1.27 or later, Helm 3.16 or later (or 4), and a Kafka. Prometheus' operator, Grafana and Loki are what it was made
for; none of them is a must.

## Install

\`\`\`sh
kubectl create namespace system-monitoring
kubectl label namespace system-monitoring pod-security.kubernetes.io/enforce=privileged   # hostPath: see below
helm install kafka charts/kafka --namespace system-monitoring                 # needs Strimzi's operator
helm install system-monitoring charts/system-monitoring --namespace system-monitoring
helm test system-monitoring --namespace system-monitoring                     # does it do its work?
\`\`\`

\`make deploy\` does all of it, Prometheus, Grafana, Loki and Strimzi included. \`ci/\` has sets of values to start from:
\`production\`, \`external-kafka-sasl\`, \`hostpath-none\`, \`plain\`.

| what | kind | why it is as it is |
| --- | --- | --- |
| producer | DaemonSet | on every node, whatever its taints; not root, no capability, no host namespace, read-only mounts |
| consumer | Deployment | replicas share the partitions of the topic, and with them the nodes |
| \`<release>-consumer\` | Service, headless | each replica knows its own nodes alone, so there is no address that stands for any of them; replicas that are not ready are in it, since Prometheus has to reach them when Kafka is away |
| PodDisruptionBudget | | one replica at a time; what is not ready never holds up a drain |
| ClusterRole | nodes: get, list, watch | so that a deleted node's series leave at once (\`consumer.watchNodes\`) |
| ServiceMonitor, PodMonitor, PrometheusRule | Prometheus operator | the nodes' series, the pipeline's own, and alerts when nodes are not watched |
| NetworkPolicies | off unless \`networkPolicy.enabled\` | everything is denied but Prometheus in, and DNS, Kafka and the API server out |

## Another Kafka

\`kafka.bootstrapServers\` takes the place of Strimzi's. Brokers that ask for certificates:

\`\`\`yaml
kafka:
  bootstrapServers: broker-1.example.org:9093,broker-2.example.org:9093
  tls:
    enabled: true
    caSecret: kafka-ca              # key ca.crt; empty: public authorities
    producerSecret: kafka-producer  # keys user.crt and user.key
    consumerSecret: kafka-consumer
\`\`\`

Or for a user and a password, with TLS or without:

\`\`\`yaml
kafka:
  bootstrapServers: broker-1.example.org:9096
  tls: { enabled: true }
  sasl:
    mechanism: scram-sha-512
    producerSecret: kafka-producer  # keys username and password
    consumerSecret: kafka-consumer
\`\`\`

What they need: the producers, Write on the topic. The consumers, Read on the topic and the group, Write on \`<topic>.dlq\`, Read and
Write on \`system.alerts\`, Describe on all three; Create, unless the topics are there already.

**Certificates** are mounted as directories and read at each connection: a renewed secret is followed without a restart. A
changed password is not, being an environment variable: \`kubectl rollout restart\`.

## Pod Security

Every pod passes the level \`restricted\`, but for the producers' hostPath volumes (/, /proc and /sys, read-only), which only \`privileged\`
admits. So the namespace has to enforce \`privileged\`; let it warn at \`restricted\`. Where that cannot be,
\`producer.hostPath.mode=none\` makes all of it \`restricted\`: CPU, memory, load, disks, virtual memory and pressure are
measured as before, network, file systems and processes are not, since a container is shown its own.

## The spool

Events wait on the node's disk while Kafka is away, up to \`producer.spool.maxBytes\`. On an \`emptyDir\` they survive a crash; when
a pod ends it brings what waits to Kafka, if that can be reached. \`type: hostPath\` survives updates and drains as well; the
directory has to belong to the producer's user (65532): \`hostPath.prepare: true\` lets an init container see to it, the only one
here that is root.

## Without the Prometheus operator

Set \`serviceMonitor.enabled\`, \`podMonitor.enabled\` and \`prometheusRule.enabled\` to false, and let Prometheus ask each replica:

\`\`\`yaml
${SCRAPE_CONFIG}
\`\`\`

## A simulated fleet

\`simulation.enabled=true\` adds a pod that plays producer for \`simulation.nodes\` nodes of the cluster \`simulation.clusterName\`, to try
dashboards and rules on (\`simulation.scenarios\` makes things go wrong), or to see how much the consumers bear.

## Upgrade

\`helm upgrade\`: producers change over a tenth of the nodes at a time, consumers one by one; a new one joins the group before an
old one leaves it. While Kafka is there no event is lost; nodes are missing from \`/metrics\` for the seconds in which their partition moves.
Rules and settings are read at the start; pods are started anew when they change in the values.
An existing ConfigMap or Secret is yours to watch, certificates excepted.

## Uninstall

\`helm uninstall system-monitoring\` removes everything that it made. Kafka and the events in it are another release, and stay. A test pod
that failed stays to be looked at, and a hostPath spool stays on its nodes.

## Values

${table}
`;
}
