/** What Strimzi runs beside the nodes. */
import { z } from 'zod';
import * as schemas from '../../helm/schemas.ts';

const operator = (memory: string) => ({
  reconciliationIntervalMs: z
    .int()
    .min(1000)
    .default(30_000)
    .describe('How often it compares what is with what should be.'),
  resources: schemas.resources
    .default({ requests: { cpu: '50m', memory }, limits: { memory } })
    .describe('What it may use.'),
});

export const entityOperator = z
  .strictObject({
    topicOperator: z.strictObject(operator('256Mi')).describe('Makes topics.'),
    userOperator: z.strictObject(operator('256Mi')).describe('Makes users and their certificates.'),
    affinity: schemas.anything.default({}).describe('Rules for where they run.'),
    tolerations: schemas.tolerations.default([]).describe('Taints of machines that they bear.'),
  })
  .describe("Strimzi's operators of topics and users.");

export const kafkaExporter = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe('Whether there is one. The consumer of system-monitoring tells its lag itself.'),
    resources: schemas.resources
      .default({ requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '128Mi' } })
      .describe('What it may use.'),
  })
  .describe('Kafka Exporter: offsets and lag of any consumer group as metrics.');
