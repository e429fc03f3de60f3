/** What the Prometheus operator and Grafana find in the cluster. */
import { z } from 'zod';
import * as schemas from '../../helm/schemas.ts';
import { HOME } from '../home.ts';

const monitor = (kind: string, interval: string, more = '') => ({
  enabled: z
    .boolean()
    .default(true)
    .describe(`Whether there is a ${kind}. Takes the Prometheus operator's definitions.`),
  labels: schemas.textMap.default({}).describe('Labels by which your Prometheus selects it, such as `release: …`.'),
  interval: schemas.duration.default(interval).describe(`How often Prometheus asks.${more}`),
  scrapeTimeout: schemas.scrapeTimeout,
  relabelings: schemas.anythings.default([]).describe('More relabelings of the targets.'),
  metricRelabelings: schemas.anythings.default([]).describe('More relabelings of the series, after those that it has.'),
});

export const serviceMonitor = z
  .strictObject(
    // For as long as that, Prometheus may take a node that has moved to another replica for gone.
    monitor('ServiceMonitor', '10s', ' For up to so long a node is missing when it moves to another replica.'),
  )
  .describe('Prometheus asks the consumers: the series of all nodes, as node_exporter would show them, and their own.');

export const podMonitor = z
  .strictObject(monitor('PodMonitor', '15s'))
  .describe('Prometheus asks the producers how they are.');

export const prometheusRule = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe("Whether there is a PrometheusRule. Takes the Prometheus operator's definitions."),
    labels: schemas.textMap.default({}).describe('Labels by which your Prometheus selects it.'),
    ruleLabels: schemas.textMap.default({}).describe('More labels of each alert, such as the team that gets it.'),
    disabled: z.array(z.string()).default([]).describe('Names of alerts to leave out.'),
    runbooks: z
      .string()
      .default(`${HOME}/blob/main/docs/alerts`)
      .describe(
        'Where the pages about the alerts are: each gets the annotation `runbook_url`, this and `/<alert>.md`.',
      ),
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
