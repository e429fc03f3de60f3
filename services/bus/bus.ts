/**
 * The port between the services and whatever carries records: Kafka (`kafka.ts`) or the memory of one process
 * (`embedded.ts`). Both pass the same suite (`contract.ts`), which is the precise meaning of what is said here.
 *
 * A topic has partitions; a record's key decides its partition by Kafka's murmur2, so all records of a key stay in order.
 * Members of a group share the partitions; a partition is delivered to one member at a time, one batch at a time.
 */
import type { TopicSpec } from '#contract/topic.ts';

/** A record to publish. A `null` value is a tombstone; a `null` key leaves the choice of the partition to the bus. */
export interface NewRecord {
  readonly key: string | Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, string | Uint8Array>>;
  /** Overrides the key's choice. */
  readonly partition?: number;
}

/** A record as it was read. Nothing about its content is promised: anybody may have written it. */
export interface BusRecord {
  readonly partition: number;
  readonly offset: number;
  /** When the broker appended it, milliseconds since the Unix epoch. */
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
  /**
   * Why what is here cannot be read within the bus's bounds: a batch of records that is damaged, or would grow beyond what
   * is allowed when decompressed. Key and value are null then, and the one record stands for the whole batch.
   */
  readonly refused?: string;
  /** Of a refused record: the last of the offsets that it stands for, itself included. */
  readonly lastOffset?: number;
}

/** Consecutive records of one partition, at least one. */
export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly BusRecord[];
  /** The offset that the next record written to the partition will get, as known when the batch was fetched. */
  readonly highWatermark: number;
  /**
   * Makes the offset after the batch's last record the group's position: a later owner starts there. Fulfilled even if
   * that cannot be done for now (the group is rebalancing, the broker is away): the next commit makes up for it, and until
   * then a later owner sees more again.
   */
  commit(): Promise<void>;
}

/**
 * What a member of a group is told. Calls for one partition never overlap: `lost` waits for its batch and its assignment.
 * A partition that stays in a rebalance goes on behind the last batch handled, committed or not. Nothing is told before
 * `subscribe` is fulfilled, so handlers may use the subscription.
 */
export interface Handlers {
  /**
   * The group has (re)balanced; these partitions are newly owned (none, if nothing changed for this member). No batch of
   * theirs is delivered before the returned promise is fulfilled. `lost` is told first.
   */
  assigned(partitions: readonly number[]): void | Promise<void>;
  /**
   * Told, if it is there, when the group has gone on without this member (its process was frozen, say) and these partitions are
   * its own again: another member may have handled what comes next, and what is handled again now. No batch of theirs is
   * delivered before the returned promise is fulfilled.
   */
  regained?(partitions: readonly number[]): void | Promise<void>;
  /** Partitions no longer owned: moved to another member, or the subscription is closing. */
  lost(partitions: readonly number[]): void;
  /**
   * Records of an owned partition, at offsets from `from` up to but not including `to`, have gone from the topic (retention,
   * deletion) before they were read. Told before the next batch, which begins at `to` or later.
   */
  skipped(partition: number, from: number, to: number): void;
  /** A rejected promise ends the subscription through `failed`; the batch is delivered again to the next owner. */
  batch(batch: Batch): Promise<void>;
  /**
   * Told, if it is there, what a newly owned partition got in the `ms` before the group's position in it, ahead of its first
   * batch: so that what was known from those records can be known again at once. Somebody has handled them. `ms` may change.
   */
  readonly recall?: { readonly ms: number; take(records: readonly BusRecord[]): void };
  /**
   * The subscription cannot go on: the process should end and be started anew. `lost` has been told, at once, whatever was
   * being handled; nothing is told after.
   */
  failed(error: Error): void;
}

export interface Subscription {
  /**
   * Whether no other member can own this one's partitions now: the group has confirmed its membership within the session
   * time-out, less a margin. A process that was frozen for longer finds false here until the group has answered again, and
   * no batch begins while it is false.
   */
  readonly fresh: boolean;
  /** What keeps the subscription from its records now, for people; undefined when nothing does. It is retried for ever. */
  readonly trouble: string | undefined;
  /** The partition that records of a key are in; undefined as long as it is not known how many there are. */
  partitionOf(key: string): number | undefined;
  /**
   * The newest moment (ms since the Unix epoch, by this machine's clock) as of which every record of an owned partition had
   * been handled; undefined until that was so once. Stands still while the bus is away or there is a backlog.
   */
  currentAsOf(partition: number): number | undefined;
  /**
   * How many records of an owned partition had not been handled when it was looked at last, the batch in hand among them;
   * undefined until it was.
   */
  lag(partition: number): number | undefined;
  /**
   * From within `batch`: the partition goes on at this record of the batch, not behind the batch. Without effect on a
   * partition that is not owned any more.
   */
  rewind(partition: number, offset: number): void;
  /** Runs between two batches, while the partitions are surely this member's: none is lost before it is fulfilled. */
  inTurn(action: () => Promise<void>): Promise<void>;
  /** Waits for the batches being handled, tells `lost` for what was owned, leaves the group. */
  close(): Promise<void>;
}

/** Reads a topic from given times on, outside of any group. */
export interface TopicReader {
  readonly partitions: readonly number[];
  /**
   * Reads what a partition got from a time on (milliseconds, by the broker's clock), in order, until `each` says that it is enough
   * or the end is reached as it was at the call. Rejected as `publish` is, perhaps after some records.
   * @param each whether to go on.
   */
  readFrom(partition: number, time: number, each: (record: BusRecord) => boolean | Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

/** What one publish should hold of keys and values: half of what a broker takes for one partition by default. */
export const PUBLISH_BYTES = 512 * 1024;

export interface Bus {
  /** Creates the topics that do not exist and leaves alone those that do. */
  ensureTopics(topics: readonly TopicSpec[]): Promise<void>;
  /**
   * Fulfilled when every in-sync replica has the records, in order. Rejected with a `PipelineError`: `BUS_UNAVAILABLE`
   * (try again: the records may or may not have been written), `BUS_DENIED` (try again, until somebody grants it) or
   * `BUS_REFUSED` (never as they are). One call at a time per topic keeps the order: the next `publish` before the last
   * has settled is a programming error. The records of a partition travel as one, so all of them, compressed, must stay
   * below what the broker takes (1 MB unless told otherwise).
   */
  publish(topic: string, records: readonly NewRecord[]): Promise<void>;
  /**
   * Joins a group. A partition without a committed position starts at its earliest record. Rejected with a `PipelineError`
   * as `publish` is when the topic cannot be had now.
   */
  subscribe(topic: string, group: string, handlers: Handlers): Promise<Subscription>;
  /**
   * Reads a topic from its earliest record to its end as it was at the call, every partition or those given, outside of
   * any group. Meant for compacted topics: the last record of a key is the one that counts, a tombstone removes it.
   * Rejected as `publish` is, perhaps after some records; a second call begins from the beginning.
   */
  readAll(topic: string, each: (record: BusRecord) => void, partitions?: readonly number[]): Promise<void>;
  /** Rejected as `publish` is. */
  openReader(topic: string): Promise<TopicReader>;
  close(): Promise<void>;
}
