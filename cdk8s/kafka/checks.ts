/** What the cluster has to know before this chart can be installed: Helm itself would only say `no matches for kind`. */
import type { HelmChart } from '../helm/chart.ts';
import { failWithout, failWithoutPrometheus } from '../helm/checks.ts';
import { API_VERSION } from './names.ts';
import { v } from './values.ts';

export function addChecks(chart: HelmChart): void {
  const strimzi = failWithout({
    apiVersion: API_VERSION,
    kinds: { Kafka: {}, KafkaNodePool: {}, KafkaTopic: {}, KafkaUser: {} },
    advice:
      "Strimzi's operator is not installed, or is older than 1.0.\nInstall it first: the chart strimzi-kafka-operator.",
  });
  const prometheus = failWithoutPrometheus({
    PodMonitor: v.podMonitor.enabled,
    PrometheusRule: v.prometheusRule.enabled,
  });
  chart.addFile('templates/checks.yaml', strimzi + prometheus);
}
