/** The broker: a StatefulSet of one, and the Service by which it is found. */
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { not } from '../../helm/expression.ts';
import { helm } from '../../helm/tokens.ts';
import { CHART, FULLNAME, SELECTOR } from './names.ts';
import { v } from './values.ts';

const PORT = 9092;
const DATA = '/var/lib/kafka/data';
/** The user `appuser` of Apache's image. */
const USER = 1000;

export function addBroker(scope: Construct): void {
  new k8s.KubeService(scope, 'service', {
    metadata: { name: FULLNAME },
    spec: {
      selector: SELECTOR,
      ports: [{ name: 'kafka', port: PORT, targetPort: k8s.IntOrString.fromString('kafka') }],
    },
  });
  new k8s.KubeStatefulSet(scope, 'statefulset', {
    metadata: { name: FULLNAME },
    spec: {
      serviceName: FULLNAME,
      replicas: 1,
      selector: { matchLabels: SELECTOR },
      persistentVolumeClaimRetentionPolicy: helm.when(v.persistence.enabled, {
        whenDeleted: helm.string(`ternary "Retain" "Delete" ${v.persistence.keepOnUninstall}`),
        whenScaled: 'Retain',
      }),
      volumeClaimTemplates: helm.when(v.persistence.enabled, [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            storageClassName: helm.optional.string(v.persistence.class),
            resources: { requests: { storage: k8s.Quantity.fromString(helm.string(v.persistence.size)) } },
          },
        },
      ]),
      template: {
        metadata: {
          labels: { ...SELECTOR, ...helm.entries(v.podLabels) },
          annotations: helm.optional.yaml(v.podAnnotations),
        },
        spec: podSpec(),
      },
    },
  });
}

function podSpec(): k8s.PodSpec {
  return {
    automountServiceAccountToken: false,
    // The variables that Kubernetes makes of Services would be taken for settings where one is called kafka-….
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 60,
    imagePullSecrets: helm.optional.yaml(
      `include "${CHART}.pullSecrets" (dict "root" $ "secrets" ${v.imagePullSecrets})`,
    ),
    nodeSelector: helm.optional.yaml(v.nodeSelector),
    affinity: helm.optional.yaml(v.affinity),
    tolerations: helm.optional.yaml(v.tolerations),
    priorityClassName: helm.optional.string(v.priorityClassName),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [container()],
    volumes: helm.when(not(v.persistence.enabled), [{ name: 'data', emptyDir: {} }]),
  };
}

function container(): k8s.Container {
  const tcpSocket = { port: k8s.IntOrString.fromString('kafka') };
  return {
    name: 'kafka',
    image: helm.string(`include "${CHART}.image" (dict "root" $ "image" ${v.image})`),
    imagePullPolicy: helm.string(v.image.pullPolicy),
    env: [...brokerEnv(), helm.splice<k8s.EnvVar>(v.extraEnv)],
    ports: [{ name: 'kafka', containerPort: PORT }],
    startupProbe: { tcpSocket, periodSeconds: 2, failureThreshold: 90 },
    readinessProbe: { tcpSocket, periodSeconds: 5 },
    livenessProbe: { tcpSocket, periodSeconds: 20, failureThreshold: 6 },
    resources: helm.yaml(v.resources),
    // The image writes its settings and logs below /opt/kafka, so its root stays writable.
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    volumeMounts: [{ name: 'data', mountPath: DATA }],
  };
}

export function brokerEnv(): k8s.EnvVar[] {
  return [
    ...Object.entries(SETTINGS).map(([name, value]) => ({ name: variable(name), value })),
    { name: 'KAFKA_HEAP_OPTS', value: `-Xms${helm.string(v.heap)} -Xmx${helm.string(v.heap)}` },
  ];
}

const SETTINGS: Readonly<Record<string, string>> = {
  'node.id': '1',
  'process.roles': 'broker,controller',
  listeners: `PLAINTEXT://:${PORT},CONTROLLER://:9093`,
  'advertised.listeners': `PLAINTEXT://${FULLNAME}.${helm.string('.Release.Namespace')}.svc:${PORT}`,
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
  'controller.listener.names': 'CONTROLLER',
  'controller.quorum.voters': '1@localhost:9093',
  // Not the volume itself: some file systems keep a folder of their own at the top.
  'log.dirs': `${DATA}/log`,
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  // Consumers of a rollout arrive one by one: wait for the next, but not as long as Kafka would (3 s).
  'group.initial.rebalance.delay.ms': '1000',
};

/** How the image takes a setting: `log.dirs` as `KAFKA_LOG_DIRS`. */
function variable(setting: string): string {
  return `KAFKA_${setting.toUpperCase().replaceAll('.', '_')}`;
}
