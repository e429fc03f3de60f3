/** Sets of values that the chart `kafka` is tested with. */

const ONE_NODE = {
  keepOnUninstall: false,
  replicationFactor: 1,
  minInSyncReplicas: 1,
  nodePools: {
    controller: { enabled: false },
    broker: { enabled: false },
    dual: {
      enabled: true,
      storage: { size: '2Gi', deleteClaim: true },
      resources: { requests: { cpu: '100m', memory: '768Mi' }, limits: { memory: '768Mi' } },
      heap: '320m',
    },
  },
};

export const CI_VALUES = {
  default: { about: 'What helm install does when it is told nothing: three controllers, three brokers.', values: {} },
  kind: {
    about: 'A kind cluster: one node on a volume, one copy of everything, nothing kept by helm uninstall.',
    values: ONE_NODE,
  },
  production: {
    about: 'Zones, dedicated machines, a storage class of choice, certificates renewed at night.',
    values: {
      commonLabels: { team: 'platform' },
      kafka: {
        metadataVersion: '4.3-IV0',
        rack: { enabled: true },
        config: { 'group.initial.rebalance.delay.ms': 3000 },
      },
      nodePools: {
        controller: { storage: { class: 'fast' }, spread: { hosts: 'DoNotSchedule' } },
        broker: {
          replicas: 6,
          storage: { class: 'fast', size: '500Gi' },
          resources: { requests: { cpu: '2', memory: '8Gi' }, limits: { memory: '8Gi' } },
          heap: '3g',
          spread: { hosts: 'DoNotSchedule' },
          tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'kafka', effect: 'NoSchedule' }],
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: 'dedicated', operator: 'In', values: ['kafka'] }] }],
              },
            },
          },
          priorityClassName: 'system-cluster-critical',
        },
      },
      topics: { metrics: { partitions: 48 }, alerts: { partitions: 48 } },
      maintenanceTimeWindows: ['* * 1-4 * * ?'],
      podMonitor: { labels: { release: 'kube-prometheus-stack' } },
      prometheusRule: { labels: { release: 'kube-prometheus-stack' }, alertLabels: { team: 'platform' } },
    },
  },
  everything: {
    about: 'Every switch that is off by default.',
    values: {
      ...ONE_NODE,
      clusterName: 'events',
      global: { imagePullSecrets: [{ name: 'registry' }] },
      kafka: { metricsAllowList: ['kafka_server_.*', 'kafka_controller_.*'] },
      kafkaExporter: { enabled: true },
      entityOperator: { tolerations: [{ operator: 'Exists' }], affinity: { nodeAffinity: {} } },
      users: { consumer: { group: 'other', quotas: {} } },
      networkPolicy: { clients: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'agents' } } }] },
      extraObjects: [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: '{{ .Values.clusterName }}-extra' },
          data: { namespace: '{{ .Release.Namespace }}' },
        },
      ],
    },
  },
  'without-prometheus': {
    about: 'A cluster without the Prometheus operator, and any client in it.',
    values: {
      podMonitor: { enabled: false },
      prometheusRule: { enabled: false },
      networkPolicy: { restrictClients: false },
    },
  },
};
