/** One member of a group. Whatever its handlers are told is told in turn, one call after another. */
import { setImmediate } from 'node:timers/promises';
import type { Batch, Handlers, Subscription } from '../bus.ts';
import { partitionOf } from '../partitioner.ts';
import type { PartitionLog } from './partition-log.ts';

const MAX_BATCH = 500;

export class Member implements Subscription {
  readonly #topic: string;
  readonly #logs: readonly PartitionLog[];
  /** The group's, shared by its members. */
  readonly #committed: Map<number, number>;
  readonly #handlers: Handlers;
  readonly #leave: () => void;
  readonly #now: () => number;
  /** The owned partitions and where each continues. The one delivered last stands last. */
  readonly #positions = new Map<number, number>();
  /** The owned partitions that were at their end once. */
  readonly #caughtUp = new Set<number>();
  #handling: Batch | undefined;
  #turns: Promise<void> = Promise.resolve();
  #delivering = false;
  #ended = false;

  constructor(
    topic: string,
    logs: readonly PartitionLog[],
    committed: Map<number, number>,
    handlers: Handlers,
    leave: () => void,
    now: () => number,
  ) {
    this.#topic = topic;
    this.#logs = logs;
    this.#committed = committed;
    this.#handlers = handlers;
    this.#leave = leave;
    this.#now = now;
  }

  get fresh(): boolean {
    return !this.#ended;
  }

  get trouble(): undefined {
    return undefined;
  }

  partitionOf(key: string): number {
    return partitionOf(key, this.#logs.length);
  }

  /** A record is here as soon as it is published, so all was handled until the first one that waits came. */
  currentAsOf(partition: number): number | undefined {
    if (!this.#caughtUp.has(partition)) return undefined;
    const first = this.#unhandled(partition) ?? 0;
    return this.#logs[partition]?.read(first, 1)[0]?.timestamp ?? this.#now();
  }

  lag(partition: number): number | undefined {
    const first = this.#unhandled(partition);
    const end = this.#logs[partition]?.end;
    return first === undefined || end === undefined ? undefined : end - first;
  }

  keepOnly(partitions: readonly number[]): Promise<void> {
    return this.#inTurn(() => {
      this.#lose([...this.#positions.keys()].filter((partition) => !partitions.includes(partition)));
    });
  }

  take(partitions: readonly number[]): void {
    void this.#inTurn(async () => {
      const taken = partitions.filter((partition) => !this.#positions.has(partition));
      for (const partition of taken) this.#positions.set(partition, this.#committed.get(partition) ?? 0);
      await this.#handlers.assigned(taken);
      for (const partition of taken) this.#recall(partition);
      this.wake();
    });
  }

  wake(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    void this.#inTurn(() => this.#deliver());
  }

  rewind(partition: number, offset: number): void {
    if (this.#positions.has(partition)) this.#positions.set(partition, offset);
  }

  inTurn(action: () => Promise<void>): Promise<void> {
    return this.#inTurn(action);
  }

  async close(): Promise<void> {
    await this.#inTurn(() => this.#end());
    await this.#turns;
  }

  /** The first offset of an owned partition that is not handled. */
  #unhandled(partition: number): number | undefined {
    const { partition: inHand, records = [] } = this.#handling ?? {};
    const position = this.#positions.get(partition);
    return position !== undefined && inHand === partition ? records[0]?.offset : position;
  }

  /** Yields to the event loop first, so that a long backlog does not hold up the rest of the process. */
  #inTurn(action: () => void | Promise<void>): Promise<void> {
    this.#turns = this.#turns
      .then(() => setImmediate())
      .then(() => (this.#ended ? undefined : action()))
      .catch((error: unknown) => this.#fail(error));
    return this.#turns;
  }

  async #deliver(): Promise<void> {
    this.#delivering = false;
    const batch = this.#nextBatch();
    if (batch === undefined) {
      for (const partition of this.#positions.keys()) this.#caughtUp.add(partition);
      return;
    }
    this.wake();
    this.#handling = batch;
    await this.#handlers.batch(batch);
    this.#handling = undefined;
  }

  #nextBatch(): Batch | undefined {
    for (const [partition, position] of this.#positions) {
      const log = this.#logs[partition];
      const records = log?.read(position, MAX_BATCH) ?? [];
      const last = records.at(-1);
      if (log === undefined || last === undefined) continue;
      if (position < log.start) this.#handlers.skipped(partition, position, log.start);
      const next = last.offset + 1;
      // Now, and not after the batch: its handler may rewind.
      this.#positions.delete(partition);
      this.#positions.set(partition, next);
      const commit = async () => {
        if (this.#positions.has(partition)) this.#committed.set(partition, next);
      };
      return { topic: this.#topic, partition, records, highWatermark: log.end, commit };
    }
    return undefined;
  }

  #recall(partition: number): void {
    const { recall } = this.#handlers;
    const end = this.#committed.get(partition) ?? 0;
    const log = this.#logs[partition];
    if (recall === undefined || log === undefined || this.#positions.get(partition) !== end) return;
    const [last] = log.read(end - 1, 1);
    if (last === undefined || last.offset >= end) return;
    const first = log.offsetAt(last.timestamp - recall.ms);
    if (first < end) recall.take(log.read(first, end - first).filter(({ offset }) => offset < end));
  }

  #fail(thrown: unknown): void {
    if (this.#ended) return;
    this.#end();
    this.#handlers.failed(thrown instanceof Error ? thrown : new Error(String(thrown)));
  }

  #end(): void {
    this.#ended = true;
    this.#lose([...this.#positions.keys()]);
    this.#leave();
  }

  #lose(partitions: readonly number[]): void {
    if (partitions.length === 0) return;
    for (const partition of partitions) {
      this.#positions.delete(partition);
      this.#caughtUp.delete(partition);
    }
    this.#handlers.lost(partitions);
  }
}
