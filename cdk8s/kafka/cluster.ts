/** The Kafka cluster and its nodes, by Strimzi's v1 API. */
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { onlyWhen } from '../helm/chart.ts';
import { helm } from '../helm/tokens.ts';
import { API_VERSION, CLUSTER, KEPT, OF_CLUSTER } from './names.ts';
import { v } from './values.ts';

type Role = 'controller' | 'broker';
const POOLS: Readonly<Record<'controller' | 'broker' | 'dual', readonly Role[]>> = {
  controller: ['controller'],
  broker: ['broker'],
  dual: ['controller', 'broker'],
};

export function addCluster(scope: Construct): void {
  for (const [name, roles] of Object.entries(POOLS)) addPool(scope, name as keyof typeof POOLS, roles);
  new ApiObject(scope, 'kafka', {
    apiVersion: API_VERSION,
    kind: 'Kafka',
    metadata: { name: CLUSTER, annotations: KEPT },
    spec: {
      kafka: {
        version: helm.string(v.kafka.version),
        metadataVersion: helm.optional.string(v.kafka.metadataVersion),
        listeners: [LISTENER],
        authorization: { type: 'simple' },
        rack: helm.when(v.kafka.rack.enabled, {
          type: 'topology-label',
          topologyKey: helm.string(v.kafka.rack.topologyKey),
        }),
        config: {
          'default.replication.factor': helm.number(v.replicationFactor),
          'min.insync.replicas': helm.number(v.minInSyncReplicas),
          'offsets.topic.replication.factor': helm.number(v.replicationFactor),
          'transaction.state.log.replication.factor': helm.number(v.replicationFactor),
          'transaction.state.log.min.isr': helm.number(v.minInSyncReplicas),
          ...helm.entries(v.kafka.config),
        },
        // Strimzi's own reporter, no agent with rules for JMX: nothing to configure, less memory, the same names of gauges.
        metricsConfig: {
          type: 'strimziMetricsReporter',
          values: helm.when(v.kafka.metricsAllowList, { allowList: helm.yaml(v.kafka.metricsAllowList) }),
        },
        template: { podDisruptionBudget: { maxUnavailable: 1 } },
      },
      entityOperator: {
        topicOperator: operatorSpec('topicOperator'),
        userOperator: operatorSpec('userOperator'),
        template: {
          pod: {
            affinity: helm.optional.yaml(v.entityOperator.affinity),
            tolerations: helm.optional.yaml(v.entityOperator.tolerations),
            imagePullSecrets: helm.optional.yaml(v.global.imagePullSecrets),
          },
          // With finalizers, topics and their namespace could not be deleted once the operator is gone.
          topicOperatorContainer: { env: [{ name: 'STRIMZI_USE_FINALIZERS', value: 'false' }] },
        },
      },
      kafkaExporter: helm.when(v.kafkaExporter.enabled, {
        topicRegex: '.*',
        groupRegex: '.*',
        resources: helm.yaml(v.kafkaExporter.resources),
      }),
      maintenanceTimeWindows: helm.optional.yaml(v.maintenanceTimeWindows),
    },
  });
}

/** Strimzi makes a NetworkPolicy of the peers; all else that its pods need of each other it allows itself. */
const LISTENER = {
  name: 'tls',
  port: 9093,
  type: 'internal',
  tls: true,
  authentication: { type: 'tls' },
  networkPolicyPeers: helm.when(v.networkPolicy.restrictClients, [
    // Not by app.kubernetes.io/name, which people may change (nameOverride).
    { podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'system-monitoring' } } },
    helm.splice(v.networkPolicy.clients),
  ]),
};

function operatorSpec(name: 'topicOperator' | 'userOperator'): object {
  const values = v.entityOperator[name];
  return {
    reconciliationIntervalMs: helm.number(values.reconciliationIntervalMs),
    resources: helm.yaml(values.resources),
  };
}

function addPool(scope: Construct, name: keyof typeof POOLS, roles: readonly Role[]): void {
  const values = v.nodePools[name];
  const pool = new ApiObject(scope, `${name}-pool`, {
    apiVersion: API_VERSION,
    kind: 'KafkaNodePool',
    metadata: { name, labels: OF_CLUSTER, annotations: KEPT },
    spec: {
      roles,
      replicas: helm.number(values.replicas),
      storage: {
        type: 'jbod',
        volumes: [
          {
            id: 0,
            type: 'persistent-claim',
            size: helm.string(values.storage.size),
            class: helm.optional.string(values.storage.class),
            deleteClaim: helm.boolean(values.storage.deleteClaim),
            kraftMetadata: 'shared',
          },
        ],
      },
      resources: helm.yaml(values.resources),
      jvmOptions: { '-Xms': helm.string(values.heap), '-Xmx': helm.string(values.heap) },
      template: {
        pod: {
          metadata: {
            labels: helm.optional.yaml(values.podLabels),
            annotations: helm.optional.yaml(values.podAnnotations),
          },
          imagePullSecrets: helm.optional.yaml(v.global.imagePullSecrets),
          priorityClassName: helm.optional.string(values.priorityClassName),
          affinity: helm.optional.yaml(values.affinity),
          tolerations: helm.optional.yaml(values.tolerations),
          topologySpreadConstraints: [
            spreadOver('kubernetes.io/hostname', name, helm.string(values.spread.hosts)),
            spreadOver('topology.kubernetes.io/zone', name, helm.string(values.spread.zones)),
          ],
        },
      },
    },
  });
  onlyWhen(values.enabled, pool);
}

function spreadOver(topologyKey: string, pool: string, whenUnsatisfiable: string): object {
  const matchLabels = { ...OF_CLUSTER, 'strimzi.io/pool-name': pool };
  return { maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector: { matchLabels } };
}
