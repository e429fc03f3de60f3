/** What the Prometheus operator reads: whom to ask for metrics, and which rules to judge. */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { onlyWhen } from '../helm/chart.ts';
import { all, type Expression, equals } from '../helm/expression.ts';
import { helm } from '../helm/tokens.ts';
import { FULLNAME, jobOf, metadata, NAMESPACE, selectorOf } from './names.ts';
import { nodeSeriesRelabelings, type Relabeling } from './relabelings.ts';
import type { Rule } from './rules/rule.ts';
import { pipelineRules } from './rules.ts';
import { v } from './values.ts';

const API_VERSION = 'monitoring.coreos.com/v1';

export function addMonitors(scope: Construct): void {
  const monitors = new Construct(scope, 'monitoring');
  const { serviceMonitor, podMonitor, prometheusRule } = v;
  onlyWhen(
    serviceMonitor.enabled,
    new ApiObject(monitors, 'service-monitor', {
      apiVersion: API_VERSION,
      kind: 'ServiceMonitor',
      metadata: selectable('consumer', serviceMonitor.labels),
      spec: {
        selector: { matchLabels: selectorOf('consumer') },
        // The service is called like the consumer, so `job` is.
        endpoints: [endpoint(serviceMonitor, [], nodeSeriesRelabelings(helm.string(v.consumer.jobLabel)))],
      },
    }),
  );
  onlyWhen(
    podMonitor.enabled,
    new ApiObject(monitors, 'pod-monitor', {
      apiVersion: API_VERSION,
      kind: 'PodMonitor',
      metadata: selectable('producer', podMonitor.labels),
      spec: {
        selector: { matchLabels: selectorOf('producer') },
        podMetricsEndpoints: [endpoint(podMonitor, PRODUCER_RELABELINGS, [])],
      },
    }),
  );
  onlyWhen(
    prometheusRule.enabled,
    new ApiObject(monitors, 'prometheus-rule', {
      apiVersion: API_VERSION,
      kind: 'PrometheusRule',
      metadata: { ...selectable('consumer', prometheusRule.labels), name: FULLNAME },
      spec: { groups: [...ruleGroups(), helm.splice(prometheusRule.groups)] },
    }),
  );
}

/** A producer's own series say of which node it speaks, as the node's series do. */
const PRODUCER_RELABELINGS: readonly Relabeling[] = [
  { targetLabel: 'job', replacement: jobOf('producer') },
  { targetLabel: 'cluster', replacement: helm.string(v.clusterName) },
  { sourceLabels: ['__meta_kubernetes_pod_node_name'], targetLabel: 'node' },
];

function endpoint(
  values: typeof v.serviceMonitor,
  relabelings: readonly Relabeling[],
  metricRelabelings: readonly Relabeling[],
) {
  return {
    port: 'http',
    path: '/metrics',
    interval: helm.string(values.interval),
    scrapeTimeout: helm.optional.string(values.scrapeTimeout),
    relabelings: extended(relabelings, values.relabelings),
    metricRelabelings: extended(metricRelabelings, values.metricRelabelings),
  };
}

/** An empty list would be written as null, which the API server refuses. */
function extended(own: readonly Relabeling[], more: typeof v.serviceMonitor.relabelings) {
  return own.length === 0 ? helm.optional.yaml(more) : [...own, helm.splice(more)];
}

function selectable(component: 'producer' | 'consumer', labels: typeof v.serviceMonitor.labels) {
  const common = metadata(component);
  return { ...common, labels: { ...common.labels, ...helm.entries(labels) } };
}

function ruleGroups() {
  const selectors = {
    consumers: `job="${jobOf('consumer')}",namespace="${NAMESPACE}"`,
    producers: `job="${jobOf('producer')}",namespace="${NAMESPACE}"`,
  };
  return pipelineRules(selectors).map(({ name, rules }) => ({ name, rules: rules.map(switchable) }));
}

/** Alerts that would speak for ever where the values leave out what they are about, or what tells Prometheus of it. */
const NEEDS: Readonly<Record<string, Expression<boolean>>> = {
  SystemMonitoringHostViewWrong: equals(v.producer.hostPath.mode, 'host'),
  SystemMonitoringProducersAbsent: v.podMonitor.enabled,
  SystemMonitoringConsumerAbsent: v.serviceMonitor.enabled,
};

/** An alert that may be left out, with the labels that people give to all of them, and the address of its page. */
function switchable(rule: Rule): unknown {
  if (rule.alert === undefined) return rule;
  const { disabled, ruleLabels, runbooks } = v.prometheusRule;
  const wanted = `not (has "${rule.alert}" ${disabled})`;
  const needed = NEEDS[rule.alert];
  const condition = needed === undefined ? wanted : all(needed, wanted);
  return helm.when(condition, {
    ...rule,
    labels: { ...rule.labels, ...helm.entries(ruleLabels) },
    annotations: { ...rule.annotations, runbook_url: `${helm.string(runbooks)}/${rule.alert}.md` },
  });
}
