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
import type { Certificates } from './certificates.ts';
import type { BusLog } from './client.ts';
import { type Cluster, Connections, offsetsOf } from './cluster.ts';
import { busError, isFatal } from './errors.ts';
import { type FetchedPartition, recordsFrom } from './fetch-response.ts';
import { type Answer, Fetcher } from './fetcher.ts';
import { GroupMember } from './membership.ts';

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
  currentAsOf: number | undefined;
}

/** Between attempts to find out where a partition goes on. */
const RETRY_MS = 500;

class KafkaSubscription implements Subscription {
  readonly #connections: Connections;
  readonly #topic: string;
  readonly #handlers: Handlers;
  readonly #log: BusLog;
  readonly #member: GroupMember;
  readonly #fetcher: Fetcher;

  /** What the group has given to this member. */
  #assignment: ReadonlySet<number> = new Set();
  /** What the handlers know to be theirs. */
  readonly #owned = new Set<number>();
  /** The offset to begin at, of owned partitions that are not read yet and have been sought. */
  readonly #sought = new Map<number, number>();
  readonly #reading = new Map<number, Reading>();
  #rebalancing = true;
  #generation = -1;
  /** One batch at a time, of whatever partition. */
  #handling: Promise<void> = Promise.resolve();
  #telling: Promise<void> | undefined;
  #state: 'open' | 'closing' | 'ended' = 'open';
  #locating: string | undefined;

  constructor(connections: Connections, topic: string, group: string, handlers: Handlers, log: BusLog) {
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
    this.#fetcher = new Fetcher(cluster, topic, reading, log);
  }

  get fresh(): boolean {
    return this.#state !== 'ended' && this.#member.fresh;
  }

  get trouble(): string | undefined {
    return this.#member.trouble ?? this.#locating ?? this.#fetcher.trouble;
  }

  currentAsOf(partition: number): number | undefined {
    return this.#reading.get(partition)?.currentAsOf;
  }

  start(): void {
    this.#member.run().catch((error) => this.#fail(error));
  }

  async seek(partition: number, time: number): Promise<void> {
    const offset = await this.#offsetAt(partition, time);
    if (this.#state !== 'open' || !this.#owned.has(partition)) return;
    const reading = this.#reading.get(partition);
    if (reading === undefined) this.#sought.set(partition, offset);
    else this.#reading.set(partition, { position: offset, handledUpTo: 0, currentAsOf: undefined });
    this.#fetcher.wake();
  }

  async close(): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing';
      await Promise.all([this.#telling, this.#handling]);
      this.#end();
    }
    await this.#disconnect();
  }

  async #offsetAt(partition: number, time: number): Promise<number> {
    try {
      const cluster = await this.#connections.current();
      const offset = (await offsetsOf(cluster, this.#topic, [partition], time)).get(partition) ?? -1;
      if (offset >= 0) return offset;
      const end = (await offsetsOf(cluster, this.#topic, [partition], 'end')).get(partition);
      if (end === undefined) throw new Error(`no answer for partition ${partition}`);
      return end;
    } catch (error) {
      throw busError(error, `look up a time in ${this.#topic}`);
    }
  }

  #joined(partitions: readonly number[]): void {
    if (this.#state !== 'open') return;
    const { generation } = this.#member.membership;
    if (generation !== this.#generation + 1) {
      // The group has gone on without this member: what it still has may have been another's meanwhile.
      for (const reading of this.#reading.values()) reading.currentAsOf = undefined;
    }
    this.#generation = generation;
    this.#assignment = new Set(partitions);
    this.#rebalancing = false;
    this.#log.info({ topic: this.#topic, partitions }, 'The group has given out its partitions');
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
      const lost = [...this.#owned].filter((partition) => !this.#assignment.has(partition));
      if (lost.length > 0) this.#lose(lost);
      const assigned = [...told].filter((partition) => !this.#owned.has(partition));
      for (const partition of assigned) this.#owned.add(partition);
      await this.#handlers.assigned(assigned);
      if (this.#state !== 'open') return;
      await this.#locate(assigned);
      this.#fetcher.wake();
    }
  }

  /** Finds out where new partitions begin, for as long as they are this member's. */
  async #locate(partitions: readonly number[]): Promise<void> {
    for (let left = partitions; ; await delay(RETRY_MS)) {
      left = left.filter((partition) => this.#assignment.has(partition));
      if (left.length === 0 || this.#state !== 'open') break;
      try {
        const unsought = left.filter((partition) => !this.#sought.has(partition));
        const positions = await this.#beginnings(unsought);
        const recalled = await this.#recallable(unsought);
        for (const partition of left) {
          const handledUpTo = this.#sought.get(partition) ?? positions.get(partition);
          if (handledUpTo === undefined) continue;
          const position = Math.min(handledUpTo, recalled.get(partition) ?? handledUpTo);
          this.#reading.set(partition, { position, handledUpTo, currentAsOf: undefined });
          this.#sought.delete(partition);
        }
        left = left.filter((partition) => !this.#reading.has(partition));
      } catch (error) {
        if (isFatal(error)) throw error;
        this.#locating = `positions in ${this.#topic}: ${messageOf(error)}`;
      }
    }
    this.#locating = undefined;
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

  /** The first of the records that are recalled, of those partitions that have got any of late. */
  async #recallable(partitions: readonly number[]): Promise<Map<number, number>> {
    const { recall } = this.#handlers;
    if (recall === undefined || partitions.length === 0) return new Map();
    const since = Date.now() - recall.ms;
    const first = await offsetsOf(await this.#connections.current(), this.#topic, partitions, since);
    return new Map([...first].filter(([, offset]) => offset >= 0));
  }

  /** Where to fetch from, of all partitions that may be handled now. */
  #wanted(): ReadonlyMap<number, number> {
    if (!this.#mayHandle) return new Map();
    const wanted = [...this.#reading].filter(([partition]) => this.#assignment.has(partition));
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
    if (data.error !== undefined) return this.#recover(partition, reading);
    const next = nextOffset ?? from;
    const fetched = recordsFrom(from, data);
    const recalled = fetched.filter((record) => (record.lastOffset ?? record.offset) < reading.handledUpTo);
    const records = fetched.slice(recalled.length);
    // Now, and not after the batch: a seek of its handler has the last word.
    reading.position = next;
    if (recalled.length > 0) this.#handlers.recall?.take(recalled);
    if (records.length > 0) await this.#handlers.batch(this.#toBatch(data, records, next));
    if (next === highWatermark && this.#reading.get(partition) === reading) reading.currentAsOf = startedAt;
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
    let cluster: Cluster;
    let earliest: number | undefined;
    try {
      cluster = await this.#connections.current();
      earliest = (await offsetsOf(cluster, this.#topic, [partition], 'earliest')).get(partition);
    } catch (error) {
      if (isFatal(error)) throw error;
      return; // the next fetch leads here again
    }
    const { position } = reading;
    if (earliest === undefined || this.#reading.get(partition) !== reading || this.#state !== 'open') return;
    this.#reading.set(partition, { position: earliest, handledUpTo: 0, currentAsOf: undefined });
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
      this.#sought.delete(partition);
      this.#reading.delete(partition);
    }
    this.#handlers.lost(partitions);
  }
}
