/**
 * The bus on Kafka, by kafkajs 2.2.4: its producer, and beneath its consumer the protocol of its brokers. What that client
 * does wrong under faults, and what is done about it, stands in the file of each part: `kafka/producer.ts`,
 * `kafka/subscription.ts`, `kafka/reader.ts`, `kafka/record-batch.ts`.
 */
import { PipelineError } from '#runtime/errors.ts';
import type { Bus, Subscription } from './bus.ts';
import { ClusterAdmin } from './kafka/admin.ts';
import { Certificates } from './kafka/certificates.ts';
import { createClient, type KafkaOptions } from './kafka/client.ts';
import { TopicProducer } from './kafka/producer.ts';
import { openReader, readAll } from './kafka/reader.ts';
import { subscribe } from './kafka/subscription.ts';

export type { BusLog, KafkaOptions } from './kafka/client.ts';

/** Connects to nothing until it is used. */
export function createKafkaBus(options: KafkaOptions): Bus {
  const { compression = 'gzip', log, tls } = options;
  const certificates = tls && new Certificates(tls);
  const kafka = createClient(options, certificates);
  const admin = new ClusterAdmin(kafka);
  const producers = new Map<string, TopicProducer>();
  const subscriptions = new Set<Subscription>();
  let closed = false;

  /** Or a caller that tries again and again would keep a process alive that is about to end. */
  function assertOpen(): void {
    if (closed) throw new PipelineError('BUS_FATAL', 'the bus is closed');
  }

  return {
    ensureTopics: (topics) => admin.ensureTopics(topics),

    async publish(topic, records) {
      assertOpen();
      if (records.length === 0) return;
      const producer = producers.get(topic) ?? new TopicProducer(kafka, topic, compression, certificates, log);
      producers.set(topic, producer);
      await producer.publish(records);
    },

    async subscribe(topic, group, handlers) {
      assertOpen();
      const subscription = await subscribe({ kafka, certificates, log }, topic, group, handlers);
      subscriptions.add(subscription);
      return subscription;
    },

    readAll: (topic, each, partitions) => readAll(kafka, topic, each, partitions),

    async openReader(topic) {
      assertOpen();
      return openReader(kafka, topic);
    },

    async close() {
      closed = true;
      await Promise.all([...subscriptions].map((subscription) => subscription.close()));
      await Promise.all([...producers.values()].map((producer) => producer.close()));
    },
  };
}
