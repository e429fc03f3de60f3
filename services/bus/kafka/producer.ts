/**
 * Publishes to one topic. One send at a time, acknowledged by every in-sync replica, by an idempotent producer: what is
 * retried within kafkajs is neither lost nor doubled nor reordered.
 *
 * A kafkajs producer that has failed is not used again. After a send whose outcome is unknown its sequence numbers may
 * be ahead of the broker's (then every later send is refused, for ever) or behind (then the broker takes new records
 * for known ones and drops them). A new producer has a new identity and starts from nothing; the price is that the
 * caller's retry may double the records whose outcome was unknown.
 */
import { CompressionTypes, type Kafka, type Message, type PartitionerArgs, type Producer } from 'kafkajs';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import type { NewRecord } from '../bus.ts';
import { partitionOf } from '../partitioner.ts';
import type { Certificates } from './certificates.ts';
import { type BusLog, RETRY } from './client.ts';
import { compressionOf } from './compression.ts';
import { busError } from './errors.ts';
import { toMessage } from './records.ts';

/** How long the broker may wait for its replicas; less than the client waits for the broker. */
const REPLICATION_TIMEOUT_MS = 5_000;

class MissingPartition extends Error {}

export class TopicProducer {
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #compression: 'none' | 'gzip';
  readonly #log: BusLog;
  readonly #certificates: Certificates | undefined;
  #producer: Producer | undefined;
  /** Of the certificates that the producer has connected with. */
  #version: number | undefined;
  #sending = false;
  /** What is being sent, and the partition that each has been given to. */
  readonly #chosen = new Map<Message, number>();

  constructor(
    kafka: Kafka,
    topic: string,
    compression: 'none' | 'gzip',
    certificates: Certificates | undefined,
    log: BusLog,
  ) {
    this.#kafka = kafka;
    this.#certificates = certificates;
    this.#topic = topic;
    this.#compression = compression;
    this.#log = log;
  }

  async publish(records: readonly NewRecord[]): Promise<void> {
    if (this.#sending) throw new Error(`publish to ${this.#topic} was called before the last call had settled`);
    this.#sending = true;
    try {
      await this.#send(records).catch((error) => {
        if (!(error instanceof MissingPartition)) throw error;
        // Perhaps it is new and kafkajs has not heard of it: a new producer asks afresh.
        return this.#send(records);
      });
    } catch (error) {
      const doing = `publish ${records.length} records to ${this.#topic}`;
      if (!(error instanceof MissingPartition)) throw busError(error, doing);
      throw new PipelineError('BUS_REFUSED', `${doing}: ${error.message}`, { cause: error });
    } finally {
      this.#sending = false;
    }
  }

  async close(): Promise<void> {
    await this.#producer?.disconnect();
  }

  async #send(records: readonly NewRecord[]): Promise<void> {
    const version = this.#certificates?.version;
    if (this.#producer !== undefined && version !== this.#version) this.#discard(this.#producer);
    this.#version = version;
    const producer = this.#producer ?? this.#create();
    this.#chosen.clear();
    try {
      if (this.#producer === undefined) await producer.connect();
      this.#producer = producer;
      const messages = records.map(toMessage);
      const results = await producer.send({
        topic: this.#topic,
        acks: -1,
        timeout: REPLICATION_TIMEOUT_MS,
        compression: this.#compression === 'gzip' ? compressionOf(messages) : CompressionTypes.None,
        messages,
      });
      this.#verify(results.map(({ partition }) => partition));
    } catch (error) {
      this.#discard(producer);
      throw error;
    }
  }

  /** kafkajs forgets records whose leader moved to a broker that had answered already: no answer, no success. */
  #verify(acknowledged: readonly number[]): void {
    const missing = [...new Set(this.#chosen.values())].filter((partition) => !acknowledged.includes(partition));
    if (missing.length > 0) throw new Error(`no acknowledgement for partitions ${missing.join(', ')}`);
  }

  #create(): Producer {
    return this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: RETRY,
      createPartitioner: () => (args) => this.#choose(args),
    });
  }

  /** kafkajs silently drops records for a partition that does not exist, so that is found out here. */
  #choose({ message, partitionMetadata }: PartitionerArgs): number {
    const { key = null, partition = this.#chosen.get(message) ?? partitionOf(key, partitionMetadata.length) } = message;
    if (!partitionMetadata.some(({ partitionId }) => partitionId === partition)) {
      throw new MissingPartition(`the topic has no partition ${partition}`);
    }
    this.#chosen.set(message, partition);
    return partition;
  }

  /** Not waited for: the connection may be the very thing that hangs. */
  #discard(producer: Producer): void {
    this.#producer = undefined;
    producer.disconnect().catch((error) => {
      this.#log.debug({ topic: this.#topic, error: messageOf(error) }, 'A discarded producer did not disconnect');
    });
  }
}
