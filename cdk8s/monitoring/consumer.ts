/**
 * The consumer: replicas that share the partitions, and with them the nodes.
 *
 * Its Service is headless and publishes replicas that are not ready, for two reasons. Each replica knows its own nodes alone, so an
 * address that stands for any of them would answer with a random part. And a replica is unready while Kafka is away:
 * just then Prometheus has to reach it, to learn that. Readiness only holds up a rolling update.
 */
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { CONSUMER_SETTINGS } from '../../services/consumer/settings.ts';
import { onlyWhen } from '../helm/chart.ts';
import { any, type Path } from '../helm/expression.ts';
import { helm } from '../helm/tokens.ts';
import { nodeWatching, serviceAccount, serviceAccountName } from './access.ts';
import { kafkaEnv, kafkaMount, kafkaVolume } from './kafka-client.ts';
import { metadata, nameOf, PORTS, selectorOf } from './names.ts';
import { API_TOKEN_MOUNT, API_TOKEN_VOLUME, container, countOrPercentage, PULL_SECRETS, podMetadata } from './pod.ts';
import { v } from './values.ts';

const { rules, limits, watchNodes } = v.consumer;
const RULES_DIRECTORY = '/etc/system-monitoring/rules';
const ownRules = any(rules.inline, rules.existingConfigMap);
const RULES_NAME = `${nameOf('consumer')}-rules`;

export function addConsumer(scope: Construct): void {
  const consumer = new Construct(scope, 'consumer');
  const selector = selectorOf('consumer');
  serviceAccount(consumer, 'consumer');
  nodeWatching(consumer);
  new k8s.KubeDeployment(consumer, 'deployment', {
    metadata: metadata('consumer'),
    spec: {
      replicas: helm.number(v.consumer.replicas),
      minReadySeconds: helm.number(v.consumer.minReadySeconds),
      revisionHistoryLimit: helm.number(v.consumer.revisionHistoryLimit),
      selector: { matchLabels: selector },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: {
          maxSurge: countOrPercentage(v.consumer.strategy.maxSurge),
          maxUnavailable: countOrPercentage(v.consumer.strategy.maxUnavailable),
        },
      },
      template: {
        metadata: podMetadata('consumer'),
        spec: podSpec(),
      },
    },
  });
  new k8s.KubeService(consumer, 'service', {
    metadata: metadata('consumer'),
    spec: {
      clusterIp: 'None',
      publishNotReadyAddresses: true,
      selector,
      ports: [{ name: 'http', port: PORTS.consumer, targetPort: k8s.IntOrString.fromString('http') }],
    },
  });
  onlyWhen(
    v.consumer.podDisruptionBudget.enabled,
    new k8s.KubePodDisruptionBudget(consumer, 'pod-disruption-budget', {
      metadata: metadata('consumer'),
      spec: {
        maxUnavailable: countOrPercentage(v.consumer.podDisruptionBudget.maxUnavailable),
        selector: { matchLabels: selector },
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    }),
  );
  onlyWhen(
    rules.inline,
    new k8s.KubeConfigMap(consumer, 'rules', {
      metadata: metadata('consumer', { name: RULES_NAME }),
      data: helm.yaml(`dict ${rules.key} ${rules.inline}`),
    }),
  );
}

function podSpec(): k8s.PodSpec {
  const { nodeSelector, tolerations, priorityClassName } = v.consumer;
  const { podSecurityContext, terminationGracePeriodSeconds } = v.consumer;
  return {
    serviceAccountName: serviceAccountName('consumer'),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets: PULL_SECRETS,
    priorityClassName: helm.optional.string(priorityClassName),
    terminationGracePeriodSeconds: helm.number(terminationGracePeriodSeconds),
    nodeSelector: helm.optional.yaml(nodeSelector),
    tolerations: helm.optional.yaml(tolerations),
    affinity: helm.yaml(`include "system-monitoring.consumerAffinity" $ | trim`),
    topologySpreadConstraints: helm.yaml(`include "system-monitoring.consumerSpread" $ | trim`),
    securityContext: helm.yaml(podSecurityContext),
    containers: [{ ...container('consumer'), env: consumerEnv(), volumeMounts: mounts() }],
    volumes: volumes(),
  };
}

/** Where replicas run, unless the values say it. Preferences alone: a cluster of one node has to be enough. */
export const CONSUMER_HELPERS = {
  // The nodes that have an agent, as a label selector: these are missed when nobody has heard them.
  'system-monitoring.agentNodes': `{{- $pairs := list }}
{{- range $label, $value := .Values.producer.nodeSelector }}
{{- $pairs = append $pairs (printf "%s=%s" $label $value) }}
{{- end }}
{{- join "," $pairs }}`,
  'system-monitoring.consumerAffinity': `{{- with .Values.consumer.affinity }}
{{- toYaml . }}
{{- else }}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "system-monitoring.selectorLabels" $ | nindent 12 }}
            app.kubernetes.io/component: consumer
{{- end }}`,
  'system-monitoring.consumerSpread': `{{- with .Values.consumer.topologySpreadConstraints }}
{{- toYaml . }}
{{- else }}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- topologyKey: {{ . }}
  maxSkew: 1
  whenUnsatisfiable: ScheduleAnyway
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels:
      {{- include "system-monitoring.selectorLabels" $ | nindent 6 }}
      app.kubernetes.io/component: consumer
{{- end }}
{{- end }}`,
};

export function consumerEnv(): k8s.EnvVar[] {
  const setting = (name: keyof typeof CONSUMER_SETTINGS, value: string): k8s.EnvVar => ({ name, value });
  const limit = (name: keyof typeof CONSUMER_SETTINGS, value: Path<number | undefined>) =>
    helm.when(value, setting(name, helm.stringOf(value as Path<number>)));
  return [
    ...kafkaEnv('consumer'),
    setting('KAFKA_GROUP', helm.string(v.kafka.group)),
    setting('CLUSTER_NAME', helm.string(v.clusterName)),
    setting('KUBERNETES', helm.string(`ternary "auto" "off" ${watchNodes}`)),
    helm.when(
      ownRules,
      setting(
        'RULES',
        `${helm.string(`ternary "default," "" ${rules.default}`)}${RULES_DIRECTORY}/${helm.string(rules.key)}`,
      ),
    ),
    setting('JOB_LABEL', helm.string(v.consumer.jobLabel)),
    setting('NODE_SELECTOR', helm.string(`include "system-monitoring.agentNodes" $`)),
    helm.when(v.consumer.alertmanagerUrl, setting('ALERTMANAGER_URL', helm.string(v.consumer.alertmanagerUrl))),
    limit('MAX_NODES', limits.nodes),
    limit('MAX_SERIES_PER_NODE', limits.seriesPerNode),
    limit('MAX_SERIES', limits.series),
    helm.when(limits.historyBytes, setting('MAX_HISTORY_BYTES', helm.string(limits.historyBytes as Path<string>))),
    helm.when(
      limits.pageHistoryBytes,
      setting('PAGE_HISTORY_BYTES', helm.string(limits.pageHistoryBytes as Path<string>)),
    ),
    setting('LOG_LEVEL', helm.string(v.consumer.logLevel)),
    helm.splice<k8s.EnvVar>(v.consumer.extraEnv),
  ];
}

function volumes(): k8s.Volume[] {
  return [
    kafkaVolume('consumer'),
    helm.when(ownRules, {
      name: 'rules',
      configMap: {
        name: helm.string(
          `default (printf "%s-consumer-rules" (include "system-monitoring.fullname" $)) ${rules.existingConfigMap}`,
        ),
      },
    }),
    helm.when(watchNodes, API_TOKEN_VOLUME),
    helm.splice<k8s.Volume>(v.consumer.extraVolumes),
  ];
}

function mounts(): k8s.VolumeMount[] {
  return [
    kafkaMount('consumer'),
    helm.when(ownRules, { name: 'rules', mountPath: RULES_DIRECTORY, readOnly: true }),
    helm.when(watchNodes, API_TOKEN_MOUNT),
    helm.splice<k8s.VolumeMount>(v.consumer.extraVolumeMounts),
  ];
}
