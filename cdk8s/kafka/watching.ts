/** What Prometheus is told of Kafka: whom to ask, and what to alert on. */
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { onlyWhen } from '../helm/chart.ts';
import { all } from '../helm/expression.ts';
import { helm } from '../helm/tokens.ts';
import { CLUSTER, OF_CLUSTER } from './names.ts';
import { kafkaRules } from './rules.ts';
import { v } from './values.ts';

const API_VERSION = 'monitoring.coreos.com/v1';

export function addMonitors(scope: Construct): void {
  // Nodes and Kafka Exporter have the first port, Strimzi's operators of topics and users the others.
  const pods = new ApiObject(scope, 'pod-monitor', {
    apiVersion: API_VERSION,
    kind: 'PodMonitor',
    metadata: { name: `${CLUSTER}-kafka`, labels: helm.entries(v.podMonitor.labels) },
    spec: {
      selector: { matchLabels: { ...OF_CLUSTER, 'strimzi.io/kind': 'Kafka' } },
      podTargetLabels: ['strimzi.io/cluster', 'strimzi.io/name', 'strimzi.io/pool-name'],
      podMetricsEndpoints: ['tcp-prometheus', 'healthcheck-to', 'healthcheck-uo'].map(endpoint),
    },
  });
  const operator = new ApiObject(scope, 'operator-pod-monitor', {
    apiVersion: API_VERSION,
    kind: 'PodMonitor',
    metadata: { name: `${CLUSTER}-strimzi-operator`, labels: helm.entries(v.podMonitor.labels) },
    spec: {
      namespaceSelector: { matchNames: [helm.string(v.podMonitor.operatorNamespace)] },
      selector: { matchLabels: { 'strimzi.io/kind': 'cluster-operator' } },
      podMetricsEndpoints: [endpoint('http')],
    },
  });
  onlyWhen(v.podMonitor.enabled, pods);
  onlyWhen(all(v.podMonitor.enabled, v.podMonitor.operatorNamespace), operator);
}

export function addRules(scope: Construct): void {
  const cluster = {
    name: CLUSTER,
    namespace: helm.string('.Release.Namespace'),
    orNone: helm.string(`ternary " or vector(0)" "" ${v.podMonitor.enabled}`),
  };
  const groups = kafkaRules(cluster, helm.entries(v.prometheusRule.alertLabels)).map(({ name, rules }) => ({
    name,
    // Where nobody is told to ask, it would speak for ever.
    rules: rules.map((rule) => (rule.alert === 'KafkaAbsent' ? helm.when(v.podMonitor.enabled, rule) : rule)),
  }));
  const rules = new ApiObject(scope, 'prometheus-rule', {
    apiVersion: API_VERSION,
    kind: 'PrometheusRule',
    metadata: { name: `${CLUSTER}-kafka`, labels: helm.entries(v.prometheusRule.labels) },
    spec: { groups },
  });
  onlyWhen(v.prometheusRule.enabled, rules);
}

function endpoint(port: string): object {
  return {
    port,
    path: '/metrics',
    interval: helm.string(v.podMonitor.interval),
    scrapeTimeout: helm.optional.string(v.podMonitor.scrapeTimeout),
  };
}
