/**
 * The layer of kafkajs beneath its consumer: brokers, connections and requests. kafkajs keeps it behind a symbol; its
 * consumer cannot be told what a member of a group has to know here (subscription.ts).
 */
import type { Kafka } from 'kafkajs';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import type { Certificates } from './certificates.ts';
import type { BusLog } from './client.ts';
import { isFatal } from './errors.ts';
import type { FetchResponse } from './fetch-response.ts';

/** As much of kafkajs' cluster as is used here. */
export interface Cluster {
  readonly brokerPool: { findConnectedBroker(): Promise<ClusterBroker> };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number }[];
  /** The numbers of the nodes that lead, each with its partitions. */
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
  findBroker(node: { nodeId: string | number }): Promise<ClusterBroker>;
  fetchTopicsOffset(
    topics: { topic: string; partitions: { partition: number }[]; fromBeginning?: boolean; fromTimestamp?: number }[],
  ): Promise<{ partitions: { partition: number; offset: string }[] }[]>;
}

interface Member {
  readonly groupId: string;
  readonly memberId: string;
}

interface TopicOffsets<Partition> {
  readonly topic: string;
  readonly partitions: readonly Partition[];
}

export interface ClusterBroker {
  fetch(request: object): Promise<FetchResponse>;
  findGroupCoordinator(group: { groupId: string; coordinatorType: 0 }): Promise<{ coordinator: { nodeId: number } }>;
  joinGroup(
    request: Member & {
      sessionTimeout: number;
      rebalanceTimeout: number;
      groupProtocols: readonly { name: string; metadata: Buffer }[];
    },
  ): Promise<{
    generationId: number;
    leaderId: string;
    memberId: string;
    members: readonly { memberId: string; memberMetadata: Buffer }[];
  }>;
  syncGroup(
    request: Member & {
      generationId: number;
      groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[];
    },
  ): Promise<{ memberAssignment: Buffer }>;
  heartbeat(request: Member & { groupGenerationId: number }): Promise<unknown>;
  leaveGroup(request: Member): Promise<unknown>;
  offsetCommit(
    request: Member & {
      groupGenerationId: number;
      topics: readonly TopicOffsets<{ partition: number; offset: string }>[];
    },
  ): Promise<unknown>;
  offsetFetch(request: { groupId: string; topics: readonly TopicOffsets<{ partition: number }>[] }): Promise<{
    responses: readonly TopicOffsets<{ partition: number; offset: string }>[];
  }>;
}

export const READ_COMMITTED = 1;
const METADATA_MAX_AGE_MS = 300_000;

/** What an answer to a fetch may have of a partition, and in all. The first batch comes whole, whatever its size. */
export const FETCH_BOUNDS = { minBytes: 1, maxBytes: 4 * 1024 * 1024, isolationLevel: READ_COMMITTED, rackId: '' };
export const MAX_PARTITION_BYTES = 1024 * 1024;

/** Not connected yet. */
export function createCluster(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find((each) => each.description === 'private:Kafka:createCluster');
  const create: unknown = symbol === undefined ? undefined : Reflect.get(kafka, symbol);
  if (typeof create !== 'function')
    throw new PipelineError('BUS_FATAL', 'this version of kafkajs has no cluster factory');
  return create({
    metadataMaxAge: METADATA_MAX_AGE_MS,
    allowAutoTopicCreation: false,
    isolationLevel: READ_COMMITTED,
  });
}

/** The cluster as somebody who stays connected knows it: another one when the certificates have changed. */
export class Connections {
  readonly #kafka: Kafka;
  readonly #topic: string;
  readonly #certificates: Certificates | undefined;
  readonly #log: BusLog;
  #cluster: Promise<Cluster> | undefined;
  #version: number | undefined;
  #closed = false;

  constructor(kafka: Kafka, topic: string, certificates: Certificates | undefined, log: BusLog) {
    this.#kafka = kafka;
    this.#topic = topic;
    this.#certificates = certificates;
    this.#log = log;
  }

  /** Rejected when no broker can be reached or the topic cannot be had; then the next call tries again. */
  current(): Promise<Cluster> {
    if (this.#closed) return Promise.reject(new Error('the connections are closed'));
    const version = this.#certificates?.version;
    if (this.#cluster !== undefined && version === this.#version) return this.#cluster;
    const renewed = this.#cluster !== undefined;
    if (renewed) this.#log.info({ topic: this.#topic }, 'The certificates have changed, connecting anew');
    this.#discard();
    this.#version = version;
    const opening = this.#open();
    this.#cluster = opening;
    opening.catch(() => {
      if (this.#cluster === opening) this.#cluster = undefined;
    });
    return opening;
  }

  /** The leaders may have moved. What comes of it shows when they are asked again. */
  async refresh(): Promise<void> {
    try {
      await (await this.current()).refreshMetadata();
    } catch (error) {
      if (isFatal(error)) throw error;
      this.#log.debug({ topic: this.#topic, error: messageOf(error) }, 'The leaders could not be asked for');
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    const [opened] = await Promise.allSettled([this.#cluster]);
    if (opened.status === 'fulfilled') await opened.value?.disconnect();
  }

  /** Ends once what is under way has been answered. Not waited for: the answer may never come. */
  #discard(): void {
    this.#disconnect().catch((error) => {
      this.#log.debug({ topic: this.#topic, error: messageOf(error) }, 'Discarded connections did not end in order');
    });
    this.#cluster = undefined;
  }

  async #open(): Promise<Cluster> {
    const cluster = createCluster(this.#kafka);
    try {
      await cluster.connect();
      await cluster.addTargetTopic(this.#topic);
      return cluster;
    } catch (error) {
      await cluster.disconnect();
      throw error;
    }
  }
}

/** The earliest offset of partitions, their end, or their first record at or after a time (ms; -1 if there is none). */
export async function offsetsOf(
  cluster: Cluster,
  topic: string,
  partitions: readonly number[],
  at: 'earliest' | 'end' | number,
): Promise<Map<number, number>> {
  const where = typeof at === 'number' ? { fromTimestamp: at } : { fromBeginning: at === 'earliest' };
  const wanted = partitions.map((partition) => ({ partition }));
  const answers = await cluster.fetchTopicsOffset([{ topic, partitions: wanted, ...where }]);
  const found = answers.flatMap((answer) => answer.partitions);
  return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]));
}
