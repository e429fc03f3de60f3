/**
 * A member of a consumer group and what it reads.
 *
 * The group rebalances eagerly: at every change of the group all members ask anew what is theirs. What the handlers see is
 * the difference: partitions that stay are neither lost nor assigned, and continue behind the last record handled,
 * committed or not. So what was built from a partition's records always matches the position in it, even if another member
 * owned it for a moment in between. Nothing is handled while a rebalance is under way.
 *
 * kafkajs' consumer is not used. It cannot tell when the group last confirmed a member, nor as of when a partition was read
 * to its end; it jumps over deleted records without a word, ends at a batch that it cannot read, joins the group anew when
 * a leader moves, and leaves it a fetch too late. The protocol of its brokers is all that is needed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { messageOf } from '#runtime/errors.ts';
import type { Batch, Handlers, Subscription } from '../bus.ts';
import { partitionOf } from '../partitioner.ts';
import type { Certificates } from './certificates.ts';
import type { BusLog } from './client.ts';
import { Connections, offsetsOf } from './cluster.ts';
import { busError, isFatal } from './errors.ts';
import { type FetchedPartition, recordsFrom } from './fetch-response.ts';
import { type Answer, Fetcher } from './fetcher.ts';
import { GroupMember } from './membership.ts';
import { appendedAt } from './reader.ts';

export interface SubscriptionContext {
  readonly kafka: Kafka;
  readonly certificates: Certificates | undefined;
  readonly log: BusLog;
}

export async function subscribe(
  { kafka, certificates, log }: SubscriptionContext,
  topic: string,
  group: string,
  handlers: Handlers,
): Promise<Subscription> {
  const connections = new Connections(kafka, topic, certificates, log);
  try {
    await connections.current();
  } catch (error) {
    throw busError(error, `subscribe to ${topic}`);
  }
  const subscription = new KafkaSubscription(connections, topic, group, handlers, log);
  subscription.start();
  return subscription;
}

/** A partition for which `assigned` is fulfilled. */
interface Reading {
  /** Where it goes on; while a batch is handled, behind it. */
  position: number;
  /** The group's position when it was assigned, from which on records are to be handled. Those before it are recalled. */
  readonly handledUpTo: number;
  /**
   * The end of the partition after it became this member's: what is before it, another one may have had. Not current until then,
   * whatever a fetch says: a leader that is new knows for a moment less of the end than the one before. Undefined: not known yet.
   */
  mustReach: number | undefined;
  currentAsOf: number | undefined;
  lag: number | undefined;
}

/** A partition of which the position or the end is not known yet: another one each time that it is assigned. */
interface Unlocated {
  readonly partition: number;
}

/** Between attempts to find out where a partition goes on. */
const RETRY_MS = 500;

export class KafkaSubscription implements Subscription {
  readonly #connections: Pick<Connections, 'current' | 'refresh' | 'close'>;
  readonly #topic: string;
  readonly #handlers: Handlers;
  readonly #log: BusLog;
  readonly #member: GroupMember;
  readonly #fetcher: Fetcher;

  /** What the group has given to this member. */
  #assignment: ReadonlySet<number> = new Set();
  /** What the handlers know to be theirs. */
  readonly #owned = new Set<number>();
  /** Of these, the ones of which `assigned` or `regained` is not fulfilled yet. */
  #assigning: ReadonlySet<number> = new Set();
  /** The ones that may have been another's meanwhile, until the handlers have been told. */
  readonly #doubted = new Set<number>();
  readonly #unlocated = new Map<number, Unlocated>();
  readonly #reading = new Map<number, Reading>();
  #rebalancing = true;
  #generation = -1;
  #partitions = 0;
  /** One batch at a time, of whatever partition. */
  #handling: Promise<void> = Promise.resolve();
  #telling: Promise<void> | undefined;
  #state: 'open' | 'closing' | 'ended' = 'open';
  /** What keeps partitions from being located, by those that are located together. */
  readonly #locating = new Map<readonly Unlocated[], string>();

  constructor(
    connections: Pick<Connections, 'current' | 'refresh' | 'close'>,
    topic: string,
    group: string,
    handlers: Handlers,
    log: BusLog,
  ) {
    this.#connections = connections;
    this.#topic = topic;
    this.#handlers = handlers;
    this.#log = log;
    const cluster = () => connections.current();
    const hooks = {
      settle: () => {
        this.#rebalancing = true;
        return this.#handling;
      },
      joined: (partitions: readonly number[]) => this.#joined(partitions),
      confirmed: () => this.#fetcher.wake(),
    };
    this.#member = new GroupMember(cluster, topic, group, hooks, log);
    const reading = {
      wanted: () => this.#wanted(),
      fetched: (answer: Answer) => this.#inTurn(() => this.#take(answer)),
      failed: (error: unknown) => this.#fail(error),
    };
    this.#fetcher = new Fetcher(connections, topic, reading);
  }

  get fresh(): boolean {
    return this.#state !== 'ended' && this.#member.fresh;
  }

  get trouble(): string | undefined {
    return this.#member.trouble ?? [...this.#locating.values()][0] ?? this.#fetcher.trouble;
  }

  partitionOf(key: string): number | undefined {
    return this.#partitions === 0 ? undefined : partitionOf(key, this.#partitions);
  }

  currentAsOf(partition: number): number | undefined {
    return this.#reading.get(partition)?.currentAsOf;
  }

  lag(partition: number): number | undefined {
    return this.#reading.get(partition)?.lag;
  }

  start(): void {
    this.#member.run().catch((error) => this.#fail(error));
  }

  rewind(partition: number, offset: number): void {
    const reading = this.#reading.get(partition);
    if (reading !== undefined) this.#reading.set(partition, { ...reading, position: offset });
  }

  async close(): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing';
      await Promise.all([this.#telling, this.#handling]);
      this.#end();
    }
    await this.#disconnect();
  }

  inTurn(action: () => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#mayHandle) await action();
    });
  }

  #joined(partitions: readonly number[]): void {
    if (this.#state !== 'open') return;
    const { generation } = this.#member.membership;
    const missed = generation !== this.#generation + 1;
    this.#generation = generation;
    this.#assignment = new Set(partitions);
    this.#rebalancing = false;
    this.#log.info({ topic: this.#topic, partitions }, 'The group has given out its partitions');
    // Others own them from now on, so this does not wait for anything.
    this.#loseMoved();
    if (missed) this.#doubt();
    this.#telling ??= this.#tell()
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#telling = undefined;
      });
    this.#fetcher.wake();
  }

  /** Tells the handlers what has changed, again for as long as the group changes meanwhile. */
  async #tell(): Promise<void> {
    for (let told: ReadonlySet<number> | undefined; told !== this.#assignment && this.#state === 'open'; ) {
      told = this.#assignment;
      this.#loseMoved();
      const assigned = [...told].filter((partition) => !this.#owned.has(partition));
      for (const partition of assigned) this.#owned.add(partition);
      const regained = [...told].filter((partition) => this.#doubted.has(partition));
      this.#assigning = new Set([...assigned, ...regained]);
      await this.#handlers.assigned(assigned);
      if (regained.length > 0) await this.#handlers.regained?.(regained);
      this.#assigning = new Set();
      if (told === this.#assignment) for (const partition of regained) this.#doubted.delete(partition);
      if (this.#state !== 'open') return;
      this.#locateAll(assigned).catch((error) => this.#fail(error));
      this.#fetcher.wake();
    }
  }

  /** The group has gone on without this member: what it still has may have been another's meanwhile. */
  #doubt(): void {
    for (const reading of this.#reading.values()) {
      reading.currentAsOf = undefined;
      reading.mustReach = undefined;
    }
    for (const partition of this.#reading.keys()) this.#doubted.add(partition);
    this.#locateAll([...this.#reading.keys()]).catch((error) => this.#fail(error));
  }

  #loseMoved(): void {
    const owned = [...this.#owned].filter((partition) => !this.#assigning.has(partition));
    const moved = owned.filter((partition) => !this.#assignment.has(partition));
    if (moved.length > 0) this.#lose(moved);
  }

  /** Finds out where partitions go on, and where they end. Those of one leader together: another one may give no answer for long. */
  async #locateAll(partitions: readonly number[]): Promise<void> {
    if (partitions.length === 0) return;
    const unlocated = partitions.map((partition) => ({ partition }));
    for (const each of unlocated) this.#unlocated.set(each.partition, each);
    const leaders = await this.#leadersOf(partitions);
    const groups = Object.values(Object.groupBy(unlocated, ({ partition }) => leaders.get(partition) ?? ''));
    await Promise.all(groups.map((group) => this.#locate(group ?? [])));
  }

  /** As known; none of a partition that is not known to have one. */
  async #leadersOf(partitions: readonly number[]): Promise<Map<number, string>> {
    try {
      const cluster = await this.#connections.current();
      const leaders = Object.entries(cluster.findLeaderForPartitions(this.#topic, partitions));
      return new Map(leaders.flatMap(([node, led]) => led.map((partition) => [partition, node])));
    } catch (error) {
      if (isFatal(error)) throw error;
      return new Map();
    }
  }

  /** Again for as long as they are this member's. */
  async #locate(unlocated: readonly Unlocated[]): Promise<void> {
    const left = () => unlocated.filter((each) => this.#unlocated.get(each.partition) === each);
    for (; left().length > 0 && this.#state === 'open'; await delay(RETRY_MS)) {
      try {
        await this.#begin(left());
      } catch (error) {
        if (isFatal(error)) throw error;
        this.#locating.set(unlocated, `positions in ${this.#topic}: ${messageOf(error)}`);
        await this.#connections.refresh();
      }
    }
    this.#locating.delete(unlocated);
  }

  async #begin(unlocated: readonly Unlocated[]): Promise<void> {
    const partitions = unlocated.map(({ partition }) => partition);
    const cluster = await this.#connections.current();
    this.#partitions = cluster.findTopicPartitionMetadata(this.#topic).length;
    const ends = await offsetsOf(cluster, this.#topic, partitions, 'end');
    const positions = await this.#beginnings(partitions.filter((partition) => !this.#reading.has(partition)));
    const recalled = await this.#recallable(positions, ends);
    for (const each of unlocated) {
      const { partition } = each;
      const [end, reading] = [ends.get(partition), this.#reading.get(partition)];
      const handledUpTo = reading?.handledUpTo ?? positions.get(partition);
      if (end === undefined || handledUpTo === undefined || this.#unlocated.get(partition) !== each) continue;
      this.#unlocated.delete(partition);
      if (reading !== undefined) reading.mustReach = end;
      else {
        const position = Math.min(handledUpTo, recalled.get(partition) ?? handledUpTo);
        this.#reading.set(partition, {
          ...{ position, handledUpTo, mustReach: end, currentAsOf: undefined, lag: undefined },
        });
      }
    }
    this.#fetcher.wake();
  }

  /** The group's positions, and the earliest record where it has none. */
  async #beginnings(partitions: readonly number[]): Promise<Map<number, number>> {
    if (partitions.length === 0) return new Map();
    const positions = await this.#member.committed(partitions);
    const without = partitions.filter((partition) => !positions.has(partition));
    if (without.length === 0) return positions;
    const earliest = await offsetsOf(await this.#connections.current(), this.#topic, without, 'earliest');
    return new Map([...positions, ...earliest]);
  }

  /**
   * The first of the records that are recalled, of those partitions that have any. Not where the group's position is beyond
   * the end: what was there then is gone, and what is there now nobody has handled.
   */
  async #recallable(
    positions: ReadonlyMap<number, number>,
    ends: ReadonlyMap<number, number>,
  ): Promise<Map<number, number>> {
    const { recall } = this.#handlers;
    if (recall === undefined) return new Map();
    const cluster = await this.#connections.current();
    const recalled = new Map<number, number>();
    const find = async (partition: number, position: number) => {
      const last = await appendedAt(cluster, this.#topic, partition, position - 1);
      if (last === undefined) return;
      const first = await offsetsOf(cluster, this.#topic, [partition], last - recall.ms);
      const offset = first.get(partition) ?? -1;
      if (offset >= 0) recalled.set(partition, offset);
    };
    const within = [...positions].filter(
      ([partition, position]) => position > 0 && position <= (ends.get(partition) ?? 0),
    );
    await Promise.all(within.map(([partition, position]) => find(partition, position)));
    return recalled;
  }

  /** Where to fetch from, of all partitions that may be handled now. */
  #wanted(): ReadonlyMap<number, number> {
    if (!this.#mayHandle) return new Map();
    const wanted = [...this.#reading].filter(
      ([partition]) => this.#assignment.has(partition) && !this.#doubted.has(partition),
    );
    return new Map(wanted.map(([partition, { position }]) => [partition, position]));
  }

  get #mayHandle(): boolean {
    return this.#state === 'open' && !this.#rebalancing && this.#member.fresh;
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    this.#handling = this.#handling.then(action).catch((error) => this.#fail(error));
    return this.#handling;
  }

  /** What was fetched counts only if this member still goes on there: it may have lost the partition, or been moved in it. */
  async #take({ from, data, startedAt }: Answer): Promise<void> {
    const { partition, nextOffset, highWatermark } = data;
    const reading = this.#reading.get(partition);
    if (reading?.position !== from || !this.#mayHandle || !this.#assignment.has(partition)) return;
    if (this.#doubted.has(partition)) return;
    if (data.error !== undefined) return this.#recover(partition, reading);
    const next = nextOffset ?? from;
    const fetched = recordsFrom(from, data);
    const recalled = fetched.filter((record) => (record.lastOffset ?? record.offset) < reading.handledUpTo);
    const records = fetched.slice(recalled.length);
    reading.lag = highWatermark - from;
    // Now, and not after the batch: its handler may rewind.
    reading.position = next;
    if (recalled.length > 0) this.#handlers.recall?.take(recalled);
    if (records.length > 0) await this.#handlers.batch(this.#toBatch(data, records, next));
    if (this.#reading.get(partition) !== reading) return;
    reading.lag = highWatermark - next;
    const reached = reading.mustReach !== undefined && next >= reading.mustReach;
    if (next === highWatermark && reached) reading.currentAsOf = startedAt;
  }

  #toBatch({ partition, highWatermark }: FetchedPartition, records: Batch['records'], next: number): Batch {
    const { membership } = this.#member;
    const commit = async () => {
      await this.#member.commit(membership, partition, next).catch((error) => this.#notCommitted(partition, error));
    };
    return { topic: this.#topic, partition, records, highWatermark, commit };
  }

  /** The position is not in the partition: what was there has been deleted, or the topic is another one by now. */
  async #recover(partition: number, reading: Reading): Promise<void> {
    let earliest: number | undefined;
    let end: number | undefined;
    try {
      const cluster = await this.#connections.current();
      earliest = (await offsetsOf(cluster, this.#topic, [partition], 'earliest')).get(partition);
      end = (await offsetsOf(cluster, this.#topic, [partition], 'end')).get(partition);
    } catch (error) {
      if (isFatal(error)) throw error;
      return; // the next fetch leads here again
    }
    const { position } = reading;
    if (earliest === undefined || this.#reading.get(partition) !== reading || this.#state !== 'open') return;
    this.#reading.set(partition, {
      ...{ position: earliest, handledUpTo: 0, mustReach: end, currentAsOf: undefined, lag: undefined },
    });
    this.#log.warn(
      { topic: this.#topic, partition, position, earliest },
      'The position is not in the partition any more',
    );
    if (position < earliest) this.#handlers.skipped(partition, position, earliest);
  }

  #notCommitted(partition: number, error: unknown): void {
    this.#log.warn({ topic: this.#topic, partition, error: messageOf(error) }, 'A position was not committed');
  }

  /** At once, whatever is still being handled: the process is to end. */
  #fail(thrown: unknown): void {
    if (this.#state === 'ended') return;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.#log.error({ topic: this.#topic, error: error.message }, 'The subscription has failed');
    this.#end();
    this.#disconnect().catch((cause) => {
      this.#log.debug({ topic: this.#topic, error: messageOf(cause) }, 'The failed consumer did not disconnect');
    });
    this.#handlers.failed(error);
  }

  #end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    if (this.#owned.size > 0) this.#lose([...this.#owned]);
  }

  async #disconnect(): Promise<void> {
    this.#fetcher.stop();
    await this.#member.leave();
    await this.#connections.close();
  }

  #lose(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.#owned.delete(partition);
      this.#doubted.delete(partition);
      this.#unlocated.delete(partition);
      this.#reading.delete(partition);
    }
    this.#handlers.lost(partitions);
  }
}
