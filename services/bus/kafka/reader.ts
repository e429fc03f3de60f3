/**
 * Reads a topic from its beginning to its end without being in any group. kafkajs offers no such thing: its consumer
 * needs a group (so a right to one, and a clean-up), and never notices an end whose last records compaction has removed.
 * So this speaks to the layer beneath the consumer.
 */
import type { Kafka } from 'kafkajs';
import { PipelineError } from '#runtime/errors.ts';
import type { BusRecord, TopicReader } from '../bus.ts';
import { type Cluster, createCluster, FETCH_BOUNDS, MAX_PARTITION_BYTES, offsetsOf } from './cluster.ts';
import { busError, isOutOfRange } from './errors.ts';
import { type FetchedPartition, recordsFrom } from './fetch-response.ts';

const MAX_WAIT_MS = 500;

export async function readAll(
  kafka: Kafka,
  topic: string,
  each: (record: BusRecord) => void,
  wanted?: readonly number[],
): Promise<void> {
  const cluster = createCluster(kafka);
  try {
    const [starts, ends] = await reading(topic, async () => {
      await cluster.connect();
      await cluster.addTargetTopic(topic);
      const partitions = partitionsOf(cluster, topic, wanted);
      return [
        await offsetsOf(cluster, topic, partitions, 'earliest'),
        await offsetsOf(cluster, topic, partitions, 'end'),
      ];
    });
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
  start: number,
  end: number,
  each: (record: BusRecord) => void,
): Promise<void> {
  for (let position = start; position < end; ) {
    const answer = await reading(topic, () => fetch(cluster, topic, partition, position));
    for (const record of recordsFrom(position, answer)) {
      if (record.offset < end) each(record);
    }
    if (answer.nextOffset === undefined) return; // what was between here and the end has been compacted away
    position = answer.nextOffset;
  }
}

export async function openReader(kafka: Kafka, topic: string): Promise<TopicReader> {
  const cluster = createCluster(kafka);
  try {
    await reading(topic, async () => {
      await cluster.connect();
      await cluster.addTargetTopic(topic);
    });
  } catch (error) {
    await cluster.disconnect();
    throw error;
  }
  return {
    partitions: partitionsOf(cluster, topic, undefined),
    async readFrom(partition, time, each) {
      const [first, end] = await reading(topic, async () => [
        (await offsetsOf(cluster, topic, [partition], time)).get(partition) ?? -1,
        (await offsetsOf(cluster, topic, [partition], 'end')).get(partition) ?? 0,
      ]);
      for (let position = first; position >= 0 && position < end; ) {
        const answer = await reading(topic, () => fetch(cluster, topic, partition, position));
        for (const record of recordsFrom(position, answer)) {
          if (record.offset >= end || !(await each(record))) return;
        }
        if (answer.nextOffset === undefined) return;
        position = answer.nextOffset;
      }
    },
    close: () => cluster.disconnect(),
  };
}

/** When the record at an offset was appended, milliseconds; `undefined` if it is not there any more. */
export async function appendedAt(
  cluster: Cluster,
  topic: string,
  partition: number,
  offset: number,
): Promise<number | undefined> {
  try {
    const answer = await fetch(cluster, topic, partition, offset);
    return recordsFrom(offset, answer).find((record) => (record.lastOffset ?? record.offset) >= offset)?.timestamp;
  } catch (error) {
    if (isOutOfRange(error)) return undefined;
    throw error;
  }
}

async function fetch(cluster: Cluster, topic: string, partition: number, position: number): Promise<FetchedPartition> {
  const [nodeId = ''] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  const broker = await cluster.findBroker({ nodeId });
  const { partitions } = await broker.fetch({
    ...FETCH_BOUNDS,
    maxWaitTime: MAX_WAIT_MS,
    topics: [{ topic, partitions: [{ partition, fetchOffset: String(position), maxBytes: MAX_PARTITION_BYTES }] }],
  });
  const [answer] = partitions;
  if (answer === undefined) throw new Error(`an answer without partition ${partition}`);
  if (answer.error !== undefined) throw answer.error;
  return answer;
}

/** Every partition, or those wanted. */
function partitionsOf(cluster: Cluster, topic: string, wanted: readonly number[] | undefined): readonly number[] {
  const existing = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
  const missing = wanted?.filter((partition) => !existing.includes(partition)) ?? [];
  if (missing.length > 0) throw new PipelineError('BUS_REFUSED', `${topic} has no partition ${missing.join(', ')}`);
  return wanted ?? existing;
}

async function reading<T>(topic: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw busError(error, `read ${topic}`);
  }
}
