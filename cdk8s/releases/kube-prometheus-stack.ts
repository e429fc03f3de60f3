/**
 * kube-prometheus-stack 88.5.3: Prometheus and its operator, Alertmanager, Grafana, kube-state-metrics. Our consumer serves what its
 * node-exporter would: that one is off, its dashboards and rules are on.
 */
import { GRAFANA } from './grafana.ts';
import { ALERTMANAGERS_IN_PRODUCTION } from './names.ts';
import type { Values } from './release.ts';

const OFF = { enabled: false };

export const KUBE_PROMETHEUS_STACK: Values = {
  nodeExporter: {
    enabled: false,
    forceDeployDashboards: true,
    operatingSystems: { aix: OFF, darwin: OFF },
  },
  // They listen on the node's loopback, on kind as with kubeadm, or are the provider's: targets that would always be down.
  kubeControllerManager: OFF,
  kubeScheduler: OFF,
  kubeProxy: OFF,
  kubeEtcd: OFF,
  prometheus: {
    prometheusSpec: {
      // Take every monitor and rule of every namespace; the default is only those with this release's label.
      serviceMonitorSelectorNilUsesHelmValues: false,
      podMonitorSelectorNilUsesHelmValues: false,
      ruleSelectorNilUsesHelmValues: false,
      probeSelectorNilUsesHelmValues: false,
      scrapeConfigSelectorNilUsesHelmValues: false,
      retention: '15d',
      resources: { requests: { cpu: '200m', memory: '512Mi' }, limits: { memory: '2Gi' } },
    },
  },
  // The chart's own go by namespace and name: a critical alert of one node would keep the warning of another from being told.
  alertmanager: {
    config: {
      inhibit_rules: [
        mutes('severity = critical', 'severity =~ warning|info', ['namespace', 'cluster', 'node', 'alertname']),
        mutes('severity = warning', 'severity = info', ['namespace', 'cluster', 'node', 'alertname']),
        mutes('alertname = InfoInhibitor', 'severity = info', ['namespace']),
        { target_matchers: ['alertname = InfoInhibitor'] },
      ],
    },
  },
  grafana: GRAFANA,
};

export const KUBE_PROMETHEUS_STACK_ON_KIND: Values = {
  prometheus: {
    prometheusSpec: {
      retention: '2d',
      resources: { requests: { cpu: '100m', memory: '384Mi' }, limits: { memory: '1Gi' } },
    },
  },
};

export const KUBE_PROMETHEUS_STACK_IN_PRODUCTION: Values = {
  prometheus: {
    prometheusSpec: {
      replicas: 2,
      retentionSize: '45GB',
      storageSpec: claim('50Gi'),
      resources: { requests: { cpu: '500m', memory: '2Gi' }, limits: { memory: '8Gi' } },
    },
  },
  alertmanager: { alertmanagerSpec: { replicas: ALERTMANAGERS_IN_PRODUCTION, storage: claim('1Gi') } },
  grafana: { persistence: { enabled: true, size: '5Gi' } },
};

/** Prometheus and its operator alone, without what needs an image of its own; certificates for the webhook come from a job, so no webhook. */
export const KUBE_PROMETHEUS_STACK_WITHOUT_STRIMZI: Values = {
  ...KUBE_PROMETHEUS_STACK_ON_KIND,
  grafana: { enabled: false, forceDeployDashboards: false },
  alertmanager: OFF,
  defaultRules: { disabled: { PrometheusNotConnectedToAlertmanagers: true } },
  kubeStateMetrics: OFF,
  prometheusOperator: { admissionWebhooks: OFF, tls: OFF },
};

function mutes(source: string, target: string, equal: readonly string[]): Values {
  return { source_matchers: [source], target_matchers: [target], equal: [...equal] };
}

function claim(size: string): Values {
  return {
    volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } } } },
  };
}
