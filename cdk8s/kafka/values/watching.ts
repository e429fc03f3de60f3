/** What Prometheus is told. */
import { z } from 'zod';
import * as schemas from '../../helm/schemas.ts';

export const podMonitor = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe("Whether Prometheus is told of Kafka's pods. Takes the Prometheus operator's definitions."),
    labels: schemas.textMap.default({}).describe('Labels by which a Prometheus selects its monitors.'),
    interval: schemas.duration.default('30s').describe('How often they are asked.'),
    scrapeTimeout: schemas.scrapeTimeout,
    operatorNamespace: z
      .string()
      .default('strimzi')
      .describe(
        "The namespace of Strimzi's cluster operator, which knows when certificates expire. Empty: it is not asked.",
      ),
  })
  .describe('PodMonitors.');

export const prometheusRule = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe("Whether there are alerts about Kafka. Takes the Prometheus operator's definitions."),
    labels: schemas.textMap.default({}).describe('Labels by which a Prometheus selects its rules.'),
    alertLabels: schemas.textMap.default({}).describe('Labels of every alert.'),
  })
  .describe('The PrometheusRule.');
