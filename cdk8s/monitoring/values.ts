/** The values of the chart: what people may set, with defaults that work beside the chart `kafka`. */
import { z } from 'zod';
import { valuePaths } from '../helm/expression.ts';
import * as schemas from '../helm/schemas.ts';
import { consumer } from './values/consumer.ts';
import { kafka } from './values/kafka.ts';
import { networkPolicy } from './values/network-policy.ts';
import { producer } from './values/producer.ts';
import { dashboards, podMonitor, prometheusRule, serviceMonitor } from './values/prometheus.ts';
import { simulation } from './values/simulation.ts';

const tests = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether `helm test` has something to run.'),
    deadlineSeconds: z.int().min(1).default(120).describe('How long what is being installed may take to work.'),
    prometheusUrl: z
      .string()
      .default('')
      .describe(
        'A Prometheus to ask for the series of every node, such as http://prometheus-operated.monitoring:9090.',
      ),
    lokiUrl: z
      .string()
      .default('')
      .describe('A Loki to ask for the log of the consumer, such as http://loki.monitoring:3100.'),
    resources: schemas.resources
      .default({
        requests: { cpu: '50m', memory: '96Mi', 'ephemeral-storage': '16Mi' },
        limits: { cpu: '1', memory: '256Mi', 'ephemeral-storage': '16Mi' },
      })
      .describe('What its pod may use.'),
  })
  .describe('`helm test`: does what is installed do its work?');

export const VALUES = z.strictObject({
  global: schemas.globals,
  nameOverride: z.string().default('').describe("Takes the place of the chart's name in the names of objects."),
  fullnameOverride: z.string().default('').describe('Takes the place of the whole name that objects have in common.'),
  commonLabels: schemas.textMap.default({}).describe('Labels of every object.'),
  commonAnnotations: schemas.textMap.default({}).describe('Annotations of every object.'),
  imagePullSecrets: schemas.pullSecrets.default([]).describe('Secrets to pull images with.'),
  clusterName: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,253}$/)
    .default('default')
    .describe('What this cluster is called: the label `cluster` of every series and alert.'),
  kafka,
  producer,
  consumer,
  simulation,
  serviceMonitor,
  podMonitor,
  prometheusRule,
  dashboards,
  networkPolicy,
  tests,
  extraObjects: schemas.anythings
    .default([])
    .describe('More objects to install. Helm expressions in them are evaluated.'),
});

export const v = valuePaths<z.infer<typeof VALUES>>();
