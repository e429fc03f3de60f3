/** Sets of values that the chart is tested with. Some are good starting points, too. */

const DIGEST = `sha256:${'0'.repeat(64)}`;

export const CI = {
  default: { about: 'As it comes, beside the chart `kafka`.', values: {} },
  kind: {
    about: 'A laptop: images that `make images` loaded, small requests, a test that asks Prometheus and Loki.',
    values: {
      clusterName: 'kind',
      producer: { resources: { requests: { cpu: '10m', memory: '64Mi' } } },
      consumer: { resources: { requests: { cpu: '50m', memory: '96Mi' } }, minReadySeconds: 5 },
      tests: {
        deadlineSeconds: 240,
        prometheusUrl: 'http://kube-prometheus-stack-prometheus.monitoring:9090',
        lokiUrl: 'http://loki.monitoring:3100',
      },
    },
  },
  production: {
    about: 'Many nodes in several zones: images by digest, a spool that outlives its pod, closed networks.',
    values: {
      clusterName: 'production',
      producer: {
        image: { digest: DIGEST, pullPolicy: 'Always' },
        spool: { maxBytes: '256Mi', sizeLimit: '512Mi' },
        resources: {
          requests: { cpu: '50m', memory: '128Mi', 'ephemeral-storage': '320Mi' },
          limits: { cpu: '1', memory: '256Mi', 'ephemeral-storage': '640Mi' },
        },
      },
      consumer: {
        image: { digest: DIGEST, pullPolicy: 'Always' },
        replicas: 3,
        resources: {
          requests: { cpu: '500m', memory: '512Mi', 'ephemeral-storage': '16Mi' },
          limits: { cpu: '2', memory: '2Gi', 'ephemeral-storage': '64Mi' },
        },
      },
      networkPolicy: { enabled: true },
    },
  },
  'external-kafka-sasl': {
    about: 'A Kafka that somebody else runs: TLS by public authorities, login with a user and a password.',
    values: {
      kafka: {
        bootstrapServers: 'broker-1.example.org:9096,broker-2.example.org:9096',
        tls: { enabled: true },
        sasl: {
          mechanism: 'scram-sha-512',
          producerSecret: 'kafka-producer',
          consumerSecret: 'kafka-consumer',
        },
      },
      networkPolicy: { enabled: true, kafka: [{ ipBlock: { cidr: '192.0.2.0/24' } }], kafkaPorts: [9096] },
    },
  },
  'hostpath-none': {
    about: 'A namespace that enforces the Pod Security level `restricted`.',
    values: { producer: { hostPath: { mode: 'none' } } },
  },
  plain: {
    about: 'No Prometheus operator, no Grafana, a Kafka in the clear: the chart `plain-kafka`.',
    values: {
      kafka: { bootstrapServers: 'plain-kafka:9092' },
      serviceMonitor: { enabled: false },
      podMonitor: { enabled: false },
      prometheusRule: { enabled: false },
      dashboards: { enabled: false },
    },
  },
  everything: {
    about: 'Every switch in its other position: what the templates can do at all.',
    values: {
      global: { imageRegistry: 'registry.example.org', imagePullSecrets: [{ name: 'pull-global' }] },
      nameOverride: 'watch',
      fullnameOverride: 'monitor',
      commonLabels: { team: 'platform' },
      commonAnnotations: { 'example.org/contact': 'platform@example.org' },
      imagePullSecrets: [{ name: 'pull' }],
      kafka: {
        bootstrapServers: 'kafka-0.example.org:19093, kafka-1.example.org:19094',
        topic: 'metrics.of.systems',
        group: 'monitors',
        tls: {
          enabled: true,
          caSecret: 'kafka-ca',
          caKey: 'authority.pem',
          producerSecret: 'kafka-producer-tls',
          consumerSecret: 'kafka-consumer-tls',
          certKey: 'tls.crt',
          keyKey: 'tls.key',
        },
        sasl: { mechanism: 'plain', producerSecret: 'kafka-login', consumerSecret: 'kafka-login' },
      },
      producer: {
        image: { registry: '', repository: 'mirror/producer', tag: 'edge', pullPolicy: 'Never' },
        interval: '10s',
        collectors: 'default,-arp',
        logLevel: 'debug',
        hostPath: { propagation: 'None' },
        spool: { type: 'hostPath', maxAge: '6h', hostPath: { path: '/data/spool', prepare: true } },
        nodeSelector: { pool: 'general' },
        tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'x', effect: 'NoExecute', tolerationSeconds: 60 }],
        affinity: { nodeAffinity: {} },
        priorityClass: { create: false, name: 'system-node-critical' },
        maxUnavailable: 1,
        terminationGracePeriodSeconds: 60,
        serviceAccount: { create: false, name: 'producers' },
        podLabels: { tier: 'agent' },
        podAnnotations: { 'example.org/note': 'on' },
        extraEnv: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=128' }],
        extraEnvFrom: [{ configMapRef: { name: 'more' } }],
        extraVolumes: [{ name: 'more', emptyDir: {} }],
        extraVolumeMounts: [{ name: 'more', mountPath: '/more' }],
      },
      consumer: {
        replicas: 5,
        rules: {
          inline:
            "groups:\n  - name: mine\n    rules:\n      - alert: Loaded\n        expr: node_load1 > 100\n        annotations: { summary: '{{ $labels.node }}' }\n",
        },
        alertmanagerUrl: 'http://alertmanager-0:9093, https://alertmanager.example.org/one',
        limits: { nodes: 5000, seriesPerNode: 20000, series: 10_000_000, historyBytes: '256Mi' },
        logLevel: 'debug',
        tolerations: [{ operator: 'Exists' }],
        affinity: { podAntiAffinity: {} },
        topologySpreadConstraints: [
          {
            topologyKey: 'topology.kubernetes.io/zone',
            maxSkew: 1,
            whenUnsatisfiable: 'DoNotSchedule',
            labelSelector: { matchLabels: { 'app.kubernetes.io/component': 'consumer' } },
          },
        ],
        priorityClassName: 'high',
        podDisruptionBudget: { maxUnavailable: '20%' },
        strategy: { maxSurge: '50%', maxUnavailable: 1 },
        serviceAccount: { annotations: { 'example.org/role': 'reader' } },
        podAnnotations: { 'example.org/note': 'on' },
        extraEnv: [{ name: 'TZ', value: 'UTC' }],
      },
      simulation: {
        enabled: true,
        nodes: 1000,
        scenarios: 'cpu-spike@node-0003+2m/10m',
        nodeSelector: { pool: 'trials' },
        tolerations: [{ key: 'trials', operator: 'Exists' }],
        affinity: { podAntiAffinity: {} },
        podLabels: { tier: 'trial' },
        extraEnv: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=900' }],
        extraVolumes: [{ name: 'more', emptyDir: {} }],
        extraVolumeMounts: [{ name: 'more', mountPath: '/more' }],
      },
      serviceMonitor: {
        labels: { release: 'prometheus' },
        interval: '30s',
        relabelings: [{ targetLabel: 'site', replacement: 'a' }],
        metricRelabelings: [{ sourceLabels: ['__name__'], regex: 'nodejs_.*', action: 'drop' }],
      },
      podMonitor: { labels: { release: 'prometheus' } },
      prometheusRule: {
        labels: { release: 'prometheus' },
        ruleLabels: { team: 'platform' },
        disabled: ['SystemMonitoringCollectorFailing'],
        groups: [{ name: 'more', rules: [{ record: 'one', expr: 'vector(1)' }] }],
      },
      dashboards: { labels: { dashboards: 'yes' }, annotations: { folder: 'Nodes' } },
      networkPolicy: {
        enabled: true,
        apiServer: [{ ipBlock: { cidr: '10.96.0.1/32' } }],
        kafka: [{ namespaceSelector: { matchLabels: { team: 'kafka' } } }],
        extraIngress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'platform' } } }] }],
        extraEgress: [{ to: [{ ipBlock: { cidr: '198.51.100.0/24' } }], ports: [{ port: 3128, protocol: 'TCP' }] }],
      },
      tests: { prometheusUrl: 'http://prometheus:9090', lokiUrl: 'http://loki:3100' },
      extraObjects: [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: '{{ .Release.Name }}-more', namespace: '{{ .Release.Namespace }}' },
          data: { a: 'b' },
        },
      ],
    },
  },
};
