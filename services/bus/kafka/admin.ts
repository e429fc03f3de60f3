/** Questions and orders to the cluster, over a connection that is open only while one of them is under way. */
import type { Admin, Kafka } from 'kafkajs';
import type { TopicSpec } from '#contract/topic.ts';
import { busError } from './errors.ts';

export class ClusterAdmin {
  readonly #kafka: Kafka;
  #admin: Admin | undefined;
  #connected: Promise<void> | undefined;
  #users = 0;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /** Creates those that are missing, with the broker's default replication. Somebody else may be doing the same. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    return this.#use('create topics', async (admin) => {
      const existing = new Set(await admin.listTopics());
      for (const { name, partitions, config } of topics) {
        if (existing.has(name)) continue;
        const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
        const spec = { topic: name, numPartitions: partitions, replicationFactor: -1, configEntries };
        await admin.createTopics({ topics: [spec], waitForLeaders: true });
      }
    });
  }

  /** One connection for all that is asked at the same time, closed with the last. */
  async #use<T>(doing: string, order: (admin: Admin) => Promise<T>): Promise<T> {
    this.#admin ??= this.#kafka.admin();
    const admin = this.#admin;
    this.#connected ??= admin.connect();
    this.#users += 1;
    try {
      await this.#connected;
      return await order(admin);
    } catch (error) {
      throw busError(error, doing);
    } finally {
      this.#users -= 1;
      if (this.#users === 0) {
        this.#admin = undefined;
        this.#connected = undefined;
        await admin.disconnect();
      }
    }
  }
}
