/**
 * The chart `plain-kafka`: one broker without encryption or users, for clusters that have no Strimzi: tests, demonstrations,
 * networks without internet. Topics are made by the consumer.
 */
import { Construct } from 'constructs';
import { HelmChart } from '../../helm/chart.ts';
import { failIfRepeated } from '../../helm/checks.ts';
import { standardHelpers } from '../../helm/helpers.ts';
import { helm } from '../../helm/tokens.ts';
import { KAFKA_VERSION } from '../version.ts';
import { addBroker, brokerEnv } from './broker.ts';
import { CHART } from './names.ts';
import { VALUES, v } from './values.ts';

/** @param version of the chart: that of the whole project. */
export function plainKafkaChart(version: string): HelmChart {
  const chart = new HelmChart({
    metadata: {
      name: CHART,
      description: 'One Kafka broker without encryption or users, for tests and for clusters without Strimzi.',
      version,
      appVersion: KAFKA_VERSION,
      kubeVersion: '>=1.27.0-0',
      keywords: ['kafka', 'monitoring'],
      annotations: {
        'artifacthub.io/category': 'streaming-messaging',
        'artifacthub.io/license': 'Apache-2.0',
      },
    },
    values: VALUES,
    labels: helm.entries(`include "${CHART}.labels" $`),
    helpers: standardHelpers({ chart: CHART, partOf: 'system-monitoring' }),
    notes: `Kafka listens on ${ADDRESS} without encryption or users.

  kubectl --namespace {{ .Release.Namespace }} rollout status statefulset/{{ include "${CHART}.fullname" . }}
`,
    readme,
    ci: {
      default: { about: 'One broker on a volume.', values: {} },
      ephemeral: {
        about: 'Without a volume, from another registry, with every other knob turned.',
        values: {
          global: { imageRegistry: 'registry.example.org', imagePullSecrets: [{ name: 'registry' }] },
          persistence: { enabled: false },
          extraEnv: [{ name: 'KAFKA_LOG_RETENTION_MS', value: '3600000' }],
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ operator: 'Exists' }],
          affinity: { nodeAffinity: {} },
          priorityClassName: 'system-cluster-critical',
          podLabels: { tier: 'data' },
          podAnnotations: { note: 'x' },
          extraObjects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-extra' } }],
        },
      },
    },
  });
  chart.addFile('templates/checks.yaml', failIfRepeated(v.extraEnv, brokerEnv(), { KAFKA_HEAP_OPTS: 'heap' }));
  addBroker(new Construct(chart, 'broker'));
  chart.addExtraObjects(v.extraObjects);
  return chart;
}

const ADDRESS = `{{ include "${CHART}.fullname" . }}.{{ .Release.Namespace }}.svc:9092`;

function readme(table: string): string {
  return `# plain-kafka

One Kafka broker in KRaft mode from Apache's own image, for clusters without Strimzi: tests, demonstrations, networks without internet.
**No encryption, no users, no second copy of anything**: for all else take the chart \`kafka\`.

    helm upgrade --install plain-kafka charts/plain-kafka --namespace system-monitoring --create-namespace --wait

Clients find it at \`plain-kafka:9092\` in the same namespace. Topics are not made by themselves; the consumer of system-monitoring makes
its own. The pod satisfies the Pod Security level \`restricted\`. \`helm uninstall\` deletes the volume unless
\`persistence.keepOnUninstall\` is set.

## Values

${table}
`;
}
