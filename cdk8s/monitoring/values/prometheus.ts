/** What the Prometheus operator and Grafana find in the cluster. */
import { z } from 'zod';
import * as schemas from '../../helm/schemas.ts';

const monitor = (kind: string) => ({
  enabled: z
    .boolean()
    .default(true)
    .describe(`Whether there is a ${kind}. Takes the Prometheus operator's definitions.`),
  labels: schemas.textMap.default({}).describe('Labels by which your Prometheus selects it, such as `release: …`.'),
  interval: schemas.duration.default('15s').describe('How often Prometheus asks.'),
  scrapeTimeout: schemas.duration.default('10s').describe('How long it waits for the answer.'),
  relabelings: schemas.anythings.default([]).describe('More relabelings of the targets.'),
  metricRelabelings: schemas.anythings.default([]).describe('More relabelings of the series, after those that it has.'),
});

export const serviceMonitor = z
  .strictObject(monitor('ServiceMonitor'))
  .describe('Prometheus asks the consumers: the series of all nodes, as node_exporter would show them, and their own.');

export const podMonitor = z.strictObject(monitor('PodMonitor')).describe('Prometheus asks the producers how they are.');

export const prometheusRule = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe("Whether there is a PrometheusRule. Takes the Prometheus operator's definitions."),
    labels: schemas.textMap.default({}).describe('Labels by which your Prometheus selects it.'),
    ruleLabels: schemas.textMap.default({}).describe('More labels of each alert, such as the team that gets it.'),
    disabled: z.array(z.string()).default([]).describe('Names of alerts to leave out.'),
    groups: schemas.anythings.default([]).describe('More groups of rules.'),
  })
  .describe('Prometheus watches the pipeline itself: alerts when nodes are not watched, and recording rules.');

export const dashboards = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether there is a ConfigMap for each dashboard.'),
    labels: schemas.textMap
      .default({ grafana_dashboard: '1' })
      .describe("Labels by which Grafana's sidecar finds them."),
    annotations: schemas.textMap
      .default({ grafana_folder: 'System monitoring' })
      .describe('Annotations, by which it puts them into a folder.'),
  })
  .describe("Dashboards for Grafana's sidecar.");
