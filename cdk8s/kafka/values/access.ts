/** Topics, users, and who may connect. */
import { z } from 'zod';
import { ALERTS_TOPIC, DEAD_LETTER_TOPIC, METRICS_TOPIC, type TopicSpec } from '#contract/topic.ts';
import * as schemas from '../../helm/schemas.ts';

const HOUR_MS = 60 * 60 * 1000;

function topic({ name, partitions, config }: TopicSpec, what: string, segmentMs: number) {
  const numbers = Object.entries(config).map(([key, value]) => [key, /^\d+$/.test(value) ? Number(value) : value]);
  return z
    .strictObject({
      partitions: z.int().min(1).default(partitions).describe('Partitions. They can become more, not fewer.'),
      config: z
        .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
        .default({ ...Object.fromEntries(numbers), 'segment.ms': segmentMs })
        .describe('Settings of the topic, by their Kafka names, besides `min.insync.replicas`.'),
    })
    .describe(`${name}: ${what}`);
}

export const topics = z
  .strictObject({
    metrics: topic(METRICS_TOPIC, 'the events of nodes, one day of them.', HOUR_MS),
    deadLetters: topic(DEAD_LETTER_TOPIC, 'what is no event, for a week.', 24 * HOUR_MS),
    alerts: topic(ALERTS_TOPIC, 'the newest state of every alert. As many partitions as the events have.', HOUR_MS),
  })
  .describe('The topics. Kafka deletes and compacts closed segments only, so `segment.ms` bounds how late.');

const quotas = z.strictObject({
  producerByteRate: z.int().min(0).optional(),
  consumerByteRate: z.int().min(0).optional(),
  requestPercentage: z.int().min(0).optional(),
  controllerMutationRate: z.number().min(0).optional(),
});

export const users = z
  .strictObject({
    producer: z
      .strictObject({
        name: z
          .string()
          .default('system-monitoring-producer')
          .describe('Its name, and that of the secret with its certificate.'),
        quotas: quotas
          .default({ producerByteRate: 10 * 1024 * 1024 })
          .describe('Of all nodes together, for each broker. Who exceeds it is slowed down.'),
      })
      .describe('Who may write events.'),
    consumer: z
      .strictObject({
        name: z
          .string()
          .default('system-monitoring-consumer')
          .describe('Its name, and that of the secret with its certificate.'),
        group: z.string().default('system-monitoring').describe('The consumer group that it may join.'),
        quotas: quotas
          .default({ consumerByteRate: 50 * 1024 * 1024, producerByteRate: 5 * 1024 * 1024 })
          .describe('Of all replicas together, for each broker. Who exceeds it is slowed down.'),
      })
      .describe('Who may read events, and write dead letters and alerts.'),
  })
  .describe('The users, known by their certificates.');

export const networkPolicy = z
  .strictObject({
    restrictClients: z
      .boolean()
      .default(true)
      .describe(
        'Whether only the pods of system-monitoring in the same namespace, and `clients`, reach the listener. Strimzi writes the policy.',
      ),
    clients: schemas.anythings
      .default([])
      .describe('More clients, as NetworkPolicyPeer: `podSelector`, `namespaceSelector`, `ipBlock`.'),
  })
  .describe('Who may connect.');
