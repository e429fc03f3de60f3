/** charts/system-monitoring, put together: see the folder of that name for what comes of it. */

import { HelmChart } from '../helm/chart.ts';
import { standardHelpers } from '../helm/helpers.ts';
import { helm } from '../helm/tokens.ts';
import { ACCESS_HELPERS } from './access.ts';
import { addChecks } from './checks.ts';
import { CI } from './ci.ts';
import { addConsumer, CONSUMER_HELPERS } from './consumer.ts';
import { addDashboards } from './dashboards.ts';
import { addHelmTest } from './helm-test.ts';
import { HOME } from './home.ts';
import { KAFKA_HELPERS } from './kafka-client.ts';
import { addMonitors } from './monitors.ts';
import { CHART } from './names.ts';
import { addNetworkPolicies, NETWORK_HELPERS } from './network-policy.ts';
import { NOTES } from './notes.ts';
import { addProducer } from './producer.ts';
import { readme } from './readme.ts';
import { addSimulator } from './simulator.ts';
import { VALUES } from './values.ts';

/** @param dashboards file name → JSON. */
export function monitoringChart(version: string, dashboards: ReadonlyMap<string, string>): HelmChart {
  const chart = new HelmChart({
    metadata: {
      name: CHART,
      description: 'Metrics and alerts of every node, through Kafka, for Prometheus, Grafana and Loki.',
      version,
      appVersion: version,
      // PodDisruptionBudgets with unhealthyPodEvictionPolicy, spreading with matchLabelKeys.
      kubeVersion: '>=1.27.0-0',
      keywords: ['monitoring', 'metrics', 'alerting', 'kafka', 'prometheus', 'node-exporter'],
      home: HOME,
      sources: [HOME],
      maintainers: [{ name: 'system-monitoring', url: HOME }],
      annotations: {
        'artifacthub.io/category': 'monitoring-logging',
        'artifacthub.io/license': 'Apache-2.0',
      },
    },
    values: VALUES,
    labels: helm.entries(`include "${CHART}.labels" $`),
    helpers: {
      ...standardHelpers({ chart: CHART, partOf: CHART }),
      ...KAFKA_HELPERS,
      ...ACCESS_HELPERS,
      ...CONSUMER_HELPERS,
      ...NETWORK_HELPERS,
    },
    notes: NOTES,
    readme,
    ci: CI,
  });
  addChecks(chart);
  addProducer(chart);
  addConsumer(chart);
  addSimulator(chart);
  addMonitors(chart);
  addNetworkPolicies(chart);
  addDashboards(chart, dashboards);
  addHelmTest(chart);
  chart.addFile(
    'templates/extra-objects.yaml',
    '{{- range .Values.extraObjects }}\n---\n{{ tpl (toYaml .) $ }}\n{{- end }}\n',
  );
  return chart;
}
