/**
 * The bus in the memory of one process, for a laptop: no broker, nothing survives. A partition keeps a bounded number of
 * bytes. When it has more, a compacted topic first drops what a later record of the same key replaces, then any topic
 * drops its oldest; a reader that stood there continues at the earliest that is left.
 */
import type { TopicSpec } from '#contract/topic.ts';
import { PipelineError } from '#runtime/errors.ts';
import type { Bus, BusRecord, NewRecord } from './bus.ts';
import { Group } from './embedded/group.ts';
import { PartitionLog } from './embedded/partition-log.ts';
import { partitionOf } from './partitioner.ts';

export interface EmbeddedOptions {
  /** The clock that stamps records, milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** What a partition keeps of keys and values. */
  readonly maxBytesPerPartition?: number;
}

const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

interface Topic {
  readonly logs: readonly PartitionLog[];
  readonly groups: Map<string, Group>;
}

export function createEmbeddedBus({ now, maxBytesPerPartition = DEFAULT_MAX_BYTES }: EmbeddedOptions): Bus {
  const topics = new Map<string, Topic>();
  let closed = false;

  function create({ partitions, config }: TopicSpec): Topic {
    const compacted = config['cleanup.policy']?.includes('compact') ?? false;
    const logs = Array.from({ length: partitions }, () => new PartitionLog(maxBytesPerPartition, compacted));
    return { logs, groups: new Map() };
  }

  function topicOf(name: string): Topic {
    if (closed) throw new PipelineError('BUS_FATAL', 'the bus is closed');
    const topic = topics.get(name);
    if (topic === undefined) {
      throw new PipelineError('BUS_UNAVAILABLE', `there is no topic ${name}`, { retryable: true });
    }
    return topic;
  }

  function logOf(name: string, partition: number): PartitionLog {
    const log = topicOf(name).logs[partition];
    if (log === undefined) throw new PipelineError('BUS_REFUSED', `${name} has no partition ${partition}`);
    return log;
  }

  return {
    async ensureTopics(specs) {
      for (const spec of specs) {
        if (!topics.has(spec.name)) topics.set(spec.name, create(spec));
      }
    },

    async publish(name, records) {
      const { logs, groups } = topicOf(name);
      const timestamp = now();
      const accepted = records.map((record) => {
        const key = record.key === null ? null : copyOf(record.key);
        const partition = record.partition ?? partitionOf(key, logs.length);
        return { log: logOf(name, partition), record: toRecord(record, partition, timestamp) };
      });
      for (const { log, record } of accepted) log.append(record);
      for (const group of groups.values()) group.wake();
    },

    async subscribe(name, groupName, handlers) {
      const { logs, groups } = topicOf(name);
      const group = groups.get(groupName) ?? new Group(name, logs, now);
      groups.set(groupName, group);
      return group.join(handlers);
    },

    async readAll(name, each, partitions = [...topicOf(name).logs.keys()]) {
      for (const log of partitions.map((partition) => logOf(name, partition))) {
        for (const record of log.read(0)) each(record);
      }
    },

    async openReader(name) {
      const { logs } = topicOf(name);
      return {
        partitions: [...logs.keys()],
        async readFrom(partition, time, each) {
          const log = logOf(name, partition);
          for (const record of log.read(log.offsetAt(time))) if (!(await each(record))) return;
        },
        close: async () => undefined,
      };
    },

    async close() {
      const groups = [...topics.values()].flatMap((topic) => [...topic.groups.values()]);
      closed = true;
      topics.clear();
      await Promise.all(groups.map((group) => group.close()));
    },
  };
}

/** Copies, as a network would. */
function toRecord({ key, value, headers }: NewRecord, partition: number, timestamp: number): Omit<BusRecord, 'offset'> {
  const entries = Object.entries(headers).map(([name, content]) => [name, copyOf(content)] as const);
  return {
    partition,
    timestamp,
    key: key === null ? null : copyOf(key),
    value: value === null ? null : copyOf(value),
    headers: Object.fromEntries(entries),
  };
}

function copyOf(content: string | Uint8Array): Buffer {
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
}
