/**
 * What can be told before anything is installed, and would otherwise show up later as something else: each mistake ends the
 * command with a sentence that says what to do.
 *
 * Without a cluster (`helm template`) Helm does not know which kinds there are. It knows groups then, and no kind at all; so a
 * cluster is there if the kind of pods is known.
 */
import type { HelmChart } from '../helm/chart.ts';

const API = 'monitoring.coreos.com/v1';
const MONITORS = { serviceMonitor: 'ServiceMonitor', podMonitor: 'PodMonitor', prometheusRule: 'PrometheusRule' };

export function addChecks(chart: HelmChart): void {
  chart.addFile('templates/checks.yaml', `${[missingKinds(), ...MISTAKES.map(failure), PRIVILEGES].join('')}`);
}

function missingKinds(): string {
  const each = Object.entries(MONITORS).map(([value, kind]) => {
    return `{{- if and .Values.${value}.enabled (not (.Capabilities.APIVersions.Has "${API}/${kind}")) }}
{{- $missing = append $missing "${kind}" }}
{{- $without = append $without "--set ${value}.enabled=false" }}
{{- end }}
`;
  });
  return `{{- if .Capabilities.APIVersions.Has "v1/Pod" }}
{{- $missing := list }}
{{- $without := list }}
${each.join('')}{{- if $missing }}
{{- fail (printf "\\n\\nThis cluster does not know %s (${API}): the Prometheus operator is not installed.\\nInstall it first (kube-prometheus-stack has it), or do without:\\n  %s\\n" (join ", " $missing) (join " " $without)) }}
{{- end }}
{{- end }}
`;
}

interface Mistake {
  readonly when: string;
  readonly say: string;
}

const MISTAKES: readonly Mistake[] = [
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
    when: 'and .Values.simulation.enabled (eq .Values.simulation.clusterName .Values.clusterName)',
    say: 'simulation.clusterName is the clusterName of the real nodes: expected another, so that they can be told apart.',
  },
];

function failure({ when, say }: Mistake): string {
  return `{{- if ${when} }}
{{- fail ${JSON.stringify(`\n\n${say}\n`)} }}
{{- end }}
`;
}

/** A namespace that would refuse the producers' pods does so silently: the DaemonSet is accepted and no pod comes. */
const PRIVILEGES = `{{- if or (eq .Values.producer.hostPath.mode "host") (eq .Values.producer.spool.type "hostPath") }}
{{- $namespace := lookup "v1" "Namespace" "" .Release.Namespace | default dict }}
{{- $level := dig "metadata" "labels" "pod-security.kubernetes.io/enforce" "privileged" $namespace }}
{{- if ne $level "privileged" }}
{{- fail (printf "\\n\\nNamespace %s enforces the Pod Security level %s, which forbids what producers need to see their nodes: hostPath volumes. Allow them:\\n  kubectl label --overwrite namespace %s pod-security.kubernetes.io/enforce=privileged\\nor measure what can be seen without: --set producer.hostPath.mode=none (and a spool that is no hostPath)\\n" .Release.Namespace $level .Release.Namespace) }}
{{- end }}
{{- end }}
`;
