/** The mistakes of values and the lacks of the cluster that this chart tells of. */
import { METRICS_TOPIC } from '#contract/topic.ts';
import type { CONSUMER_SETTINGS } from '../../services/consumer/settings.ts';
import type { PRODUCER_SETTINGS } from '../../services/producer/settings.ts';
import type { HelmChart } from '../helm/chart.ts';
import { failIfRepeated, failWhen, failWithout, failWithoutPrometheus } from '../helm/checks.ts';
import { not } from '../helm/expression.ts';
import { consumerEnv } from './consumer.ts';
import { producerEnv } from './producer.ts';
import { simulatorEnv } from './simulator.ts';
import { v } from './values.ts';

export function addChecks(chart: HelmChart): void {
  const { serviceMonitor, podMonitor, prometheusRule } = v;
  const checks = [
    failWithoutPrometheus({
      ServiceMonitor: serviceMonitor.enabled,
      PodMonitor: podMonitor.enabled,
      PrometheusRule: prometheusRule.enabled,
    }),
    STRIMZI,
    failIfRepeated(v.producer.extraEnv, producerEnv(), INSTEAD),
    failIfRepeated(v.consumer.extraEnv, consumerEnv(), INSTEAD),
    failIfRepeated(v.simulation.extraEnv, simulatorEnv(), INSTEAD),
    ...MISTAKES.map(({ when, say }) => failWhen(when, say)),
    PRIVILEGES,
  ];
  chart.addFile('templates/checks.yaml', checks.join(''));
}

/** Without it the release would be installed, and its pods wait for ever for secrets that nobody makes. */
const STRIMZI = failWithout({
  apiVersion: 'kafka.strimzi.io/v1',
  kinds: { KafkaUser: { when: not(v.kafka.bootstrapServers) } },
  advice: `kafka.bootstrapServers is empty, which means the Kafka that Strimzi runs beside this release, and Strimzi is not installed.
To use a Kafka that is there already, name its brokers: --set kafka.bootstrapServers=host:port
If an earlier command named them: helm upgrade forgets what it is not told again, so add --reuse-values.
To use Strimzi's, install its operator (1.0 or later) and the chart kafka first.`,
});

/** The values of variables that are not made of one value alone. */
const INSTEAD = {
  KAFKA_BROKERS: 'kafka.bootstrapServers',
  KAFKA_TLS_CA: 'kafka.tls',
  KAFKA_TLS_CERT: 'kafka.tls',
  KAFKA_TLS_KEY: 'kafka.tls',
  KAFKA_SASL_USERNAME: 'kafka.sasl',
  KAFKA_SASL_PASSWORD: 'kafka.sasl',
  HOST_ROOT: 'producer.hostPath',
  SPOOL_DIR: 'producer.spool',
  RULES: 'consumer.rules',
  KUBERNETES: 'consumer.watchNodes',
  JOB_LABEL: 'consumer.jobLabel',
  NODE_SELECTOR: 'producer.nodeSelector',
} satisfies Partial<Record<keyof typeof PRODUCER_SETTINGS | keyof typeof CONSUMER_SETTINGS, string>>;

interface Mistake {
  readonly when: string;
  readonly say: string;
}

const MISTAKES: readonly Mistake[] = [
  {
    when: `and (not .Values.kafka.bootstrapServers) (ne .Values.kafka.topic "${METRICS_TOPIC.name}")`,
    say: `kafka.topic is not ${METRICS_TOPIC.name}, the only one that the chart kafka makes and lets these users write to and read: leave it out, or name the brokers of another Kafka in kafka.bootstrapServers.`,
  },
  {
    when: 'and (not .Values.kafka.bootstrapServers) (or .Values.kafka.tls.enabled .Values.kafka.sasl.mechanism)',
    say: 'kafka.tls and kafka.sasl are for kafka.bootstrapServers, which is empty. Set it, or leave them out: the Kafka of kafka.strimzi needs neither.',
  },
  {
    when: 'and .Values.kafka.sasl.mechanism (not (and .Values.kafka.sasl.producerSecret .Values.kafka.sasl.consumerSecret))',
    say: 'kafka.sasl.mechanism is set: expected kafka.sasl.producerSecret and kafka.sasl.consumerSecret, too. They may be the same.',
  },
  {
    when: 'and .Values.kafka.bootstrapServers (not .Values.kafka.tls.enabled) (or .Values.kafka.tls.caSecret .Values.kafka.tls.producerSecret .Values.kafka.tls.consumerSecret)',
    say: 'kafka.tls names secrets and kafka.tls.enabled is false: set it, or the brokers are spoken to in the clear.',
  },
  {
    when: 'and .Values.consumer.rules.inline .Values.consumer.rules.existingConfigMap',
    say: 'consumer.rules.inline and consumer.rules.existingConfigMap are both set: expected one of them.',
  },
  {
    when: 'and (not .Values.consumer.rules.default) (not (or .Values.consumer.rules.inline .Values.consumer.rules.existingConfigMap))',
    say: 'consumer.rules.default is false: expected consumer.rules.inline or consumer.rules.existingConfigMap, since a consumer without rules judges nothing.',
  },
  {
    when: 'and .Values.simulation.enabled (eq .Values.simulation.clusterName .Values.clusterName)',
    say: 'simulation.clusterName is the clusterName of the real nodes: expected another, so that they can be told apart.',
  },
];

/** A namespace that would refuse the producers' pods does so silently: the DaemonSet is accepted and no pod comes. */
const PRIVILEGES = `{{- if or (eq .Values.producer.hostPath.mode "host") (eq .Values.producer.spool.type "hostPath") }}
{{- $namespace := lookup "v1" "Namespace" "" .Release.Namespace | default dict }}
{{- $level := dig "metadata" "labels" "pod-security.kubernetes.io/enforce" "privileged" $namespace }}
{{- if ne $level "privileged" }}
{{- fail (printf "\\n\\nNamespace %s enforces the Pod Security level %s, which forbids what producers need to see their nodes: hostPath volumes. Allow them:\\n  kubectl label --overwrite namespace %s pod-security.kubernetes.io/enforce=privileged\\nor measure what can be seen without: --set producer.hostPath.mode=none (and a spool that is no hostPath)\\n" .Release.Namespace $level .Release.Namespace) }}
{{- end }}
{{- end }}
`;
