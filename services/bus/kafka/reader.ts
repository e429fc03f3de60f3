/**
 * Reads a topic from its beginning to its end without being in any group. kafkajs offers no such thing: its consumer
 * needs a group (so a right to one, and a clean-up), and never notices an end whose last records compaction has removed.
 * So this speaks to the layer beneath the consumer, which kafkajs keeps behind a symbol.
 */
import type { Kafka } from 'kafkajs';
import Batch from 'kafkajs/src/consumer/batch.js';
import { PipelineError } from '#runtime/errors.ts';
import type { BusRecord } from '../bus.ts';
import { busError } from './errors.ts';
import { toRecord } from './records.ts';

/** As much of kafkajs' cluster as is used here. */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): { partitionId: number }[];
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Record<string, number[]>;
  findBroker(node: { nodeId: string }): Promise<{ fetch(request: object): Promise<FetchResponse> }>;
  fetchTopicsOffset(topics: object[]): Promise<{ partitions: { partition: number; offset: string }[] }[]>;
}

interface FetchResponse {
  readonly responses: readonly { partitions: readonly ConstructorParameters<typeof Batch>[2][] }[];
}

const READ_COMMITTED = 1;
const METADATA_MAX_AGE_MS = 300_000;
/** Far more than one record batch may have (1 MB by default): an answer without records means that there are none. */
const MAX_BYTES = 8 * 1024 * 1024;
const MAX_WAIT_MS = 500;

export async function readAll(
  kafka: Kafka,
  topic: string,
  each: (record: BusRecord) => void,
  wanted?: readonly number[],
): Promise<void> {
  const cluster = createCluster(kafka);
  try {
    const ends = await reading(topic, async () => {
      await cluster.connect();
      await cluster.addTargetTopic(topic);
      return offsets(cluster, topic, wanted, false);
    });
    const starts = await reading(topic, () => offsets(cluster, topic, wanted, true));
    for (const [partition, end] of ends) {
      await readPartition(cluster, topic, partition, starts.get(partition) ?? end, end, each);
    }
  } finally {
    await cluster.disconnect();
  }
}

async function readPartition(
  cluster: Cluster,
  topic: string,
  partition: number,
  start: bigint,
  end: bigint,
  each: (record: BusRecord) => void,
): Promise<void> {
  for (let position = start; position < end; ) {
    const batch = await reading(topic, () => fetch(cluster, topic, partition, position));
    for (const message of batch.messages) {
      if (BigInt(message.offset) < end) each(toRecord(partition, message));
    }
    const last = batch.rawMessages.at(-1)?.batchContext;
    if (last === undefined) return; // what was between here and the end has been compacted away
    position = BigInt(last.firstOffset) + BigInt(last.lastOffsetDelta) + 1n;
  }
}

async function fetch(cluster: Cluster, topic: string, partition: number, position: bigint): Promise<Batch> {
  const [nodeId = ''] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  const broker = await cluster.findBroker({ nodeId });
  const { responses } = await broker.fetch({
    maxWaitTime: MAX_WAIT_MS,
    minBytes: 1,
    maxBytes: MAX_BYTES,
    isolationLevel: READ_COMMITTED,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(position), maxBytes: MAX_BYTES }] }],
    rackId: '',
  });
  const data = responses[0]?.partitions[0];
  if (data === undefined) throw new Error(`an answer without partition ${partition}`);
  return new Batch(topic, String(position), data);
}

/** The earliest or the end offset of every partition, or of those wanted. */
async function offsets(cluster: Cluster, topic: string, wanted: readonly number[] | undefined, earliest: boolean) {
  const existing = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
  const missing = wanted?.filter((partition) => !existing.includes(partition)) ?? [];
  if (missing.length > 0) throw new PipelineError('BUS_REFUSED', `${topic} has no partition ${missing.join(', ')}`);
  const partitions = (wanted ?? existing).map((partition) => ({ partition }));
  const answers = await cluster.fetchTopicsOffset([{ topic, fromBeginning: earliest, partitions }]);
  const found = answers.flatMap((answer) => answer.partitions);
  return new Map(found.map(({ partition, offset }) => [partition, BigInt(offset)]));
}

function createCluster(kafka: Kafka): Cluster {
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

async function reading<T>(topic: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw busError(error, `read ${topic}`);
  }
}
