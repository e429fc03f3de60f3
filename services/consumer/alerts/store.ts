/**
 * Keeps alerts on the compacted topic `system.alerts`, and reads them back when a partition becomes ours. What an event has
 * changed is there before the event counts as handled, so whoever has the partition next goes on from there: to be asked for
 * each batch, before its position is committed.
 *
 * Changes are published in the order in which they were judged. Each says by which event (`judged`), so that events which the
 * last owner had judged, and not committed, are known as such: they are the past.
 */
import { type Bus, type BusRecord, type NewRecord, PUBLISH_BYTES } from '#bus/bus.ts';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import { pause } from '#runtime/pause.ts';
import { decodeAlert, encodeAlert, judgedOf, type Kept, type Place } from './record.ts';

export interface AlertStoreOptions {
  readonly bus: Pick<Bus, 'publish' | 'readAll'>;
  readonly topic: string;
  /** The consumer group: what another one judges by its own rules is not ours. */
  readonly group: string;
  readonly log: Log;
  /** Waits between attempts; a test passes one that does not. */
  readonly wait?: (ms: number, stopping: AbortSignal) => Promise<unknown>;
}

/** What the topic holds of one partition. */
export interface Restored {
  readonly alerts: readonly Kept[];
  /** What has been judged, if anything. */
  readonly judged: Place | undefined;
}

/** A publish costs kafkajs the square of its records. */
const MAX_RECORDS = 200;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;
/** So long after its end an alert leaves the topic. */
export const KEEP_RESOLVED_MS = 24 * 60 * 60 * 1000;

interface Entry {
  readonly partition: number;
  readonly record: NewRecord;
}

export class AlertStore {
  readonly #bus: Pick<Bus, 'publish' | 'readAll'>;
  readonly #topic: string;
  readonly #group: string;
  readonly #log: Log;
  readonly #wait: (ms: number, stopping: AbortSignal) => Promise<unknown>;
  /** In the order in which they were judged. */
  #queue: Entry[] = [];
  /** So many are published at a time; fewer after a refusal, until it is known which is refused. */
  #most = MAX_RECORDS;
  /** The bus takes one publish to a topic at a time. */
  #last: Promise<unknown> = Promise.resolve();
  /** When alerts were resolved, by partition and key; by our clock. */
  readonly #resolved = new Map<number, Map<string, number>>();
  #trouble: string | undefined;

  constructor({ bus, topic, group, log, wait = pause }: AlertStoreOptions) {
    this.#bus = bus;
    this.#topic = topic;
    this.#group = group;
    this.#log = log;
    this.#wait = wait;
  }

  /** Why alerts are not kept or restored now, if so. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Whether the topic has all that is to be kept. */
  get settled(): boolean {
    return this.#queue.length === 0;
  }

  /** Again until it is known, or `stopping` aborts; then nothing is. */
  async restore(
    partitions: readonly number[],
    now: number,
    stopping: AbortSignal,
  ): Promise<ReadonlyMap<number, Restored> | undefined> {
    if (partitions.length === 0) return new Map();
    for (let delay = FIRST_WAIT_MS; !stopping.aborted; delay = Math.min(LONGEST_WAIT_MS, 2 * delay)) {
      const records = new Map<string, BusRecord>();
      try {
        await this.#bus.readAll(this.#topic, (record) => void newest(records, record), partitions);
        this.#settle();
        return this.#understand(partitions, [...records.values()], now);
      } catch (error) {
        this.#suffer(`alerts cannot be restored from ${this.#topic}: ${messageOf(error)}`);
        await this.#wait(delay, stopping);
      }
    }
    return undefined;
  }

  /** To be published with the next `flush`. */
  keep(partition: number, kept: Kept, now: number): void {
    const record = encodeAlert(this.#group, partition, kept);
    this.#queue.push({ partition, record });
    const resolved = this.#resolvedIn(partition);
    if (kept.change.transition.state === 'resolved') resolved.set(String(record.key), now);
    else resolved.delete(String(record.key));
  }

  /**
   * Publishes what is to be kept. Fulfilled with true when the topic has it, however long that takes; with false when it was
   * given up, and then it is still to be published.
   * @param goOn asked before each attempt: whether the partitions are ours.
   * @param stopping no other attempt follows.
   */
  flush(goOn: () => boolean, stopping: AbortSignal): Promise<boolean> {
    const flushed = this.#last.then(() => this.#publishAll(goOn, stopping));
    this.#last = flushed;
    return flushed;
  }

  /** Alerts that were resolved a day ago leave the topic with the next `flush`. */
  expire(now: number): void {
    for (const [partition, resolved] of this.#resolved) {
      for (const [key, at] of resolved) {
        if (now - at < KEEP_RESOLVED_MS) continue;
        resolved.delete(key);
        this.#queue.push({ partition, record: { partition, key, value: null, headers: { group: this.#group } } });
      }
    }
  }

  /** Partitions that are not ours any more: whoever has them judges again what was not published. */
  drop(partitions: readonly number[]): void {
    this.#queue = this.#queue.filter(({ partition }) => !partitions.includes(partition));
    for (const partition of partitions) this.#resolved.delete(partition);
  }

  #understand(partitions: readonly number[], records: readonly BusRecord[], now: number): Map<number, Restored> {
    const restored = new Map<number, { alerts: Kept[]; judged: Place | undefined }>(
      partitions.map((partition) => [partition, { alerts: [], judged: undefined }]),
    );
    for (const record of records) {
      if (record.value === null) continue;
      const kept = decodeAlert(this.#group, record);
      if (kept === undefined) continue;
      const { partition, offset } = record;
      if ('problem' in kept) {
        this.#log.warn({ topic: this.#topic, partition, offset, problem: kept.problem }, 'a record is not an alert');
        continue;
      }
      const found = restored.get(partition);
      if (found === undefined) continue;
      found.alerts.push(kept);
      found.judged = later(found.judged, kept.judged);
      if (kept.change.transition.state === 'resolved') {
        this.#resolvedIn(partition).set(String(record.key), Math.min(now, record.timestamp));
      }
    }
    return restored;
  }

  #resolvedIn(partition: number): Map<string, number> {
    const known = this.#resolved.get(partition);
    if (known !== undefined) return known;
    const resolved = new Map<string, number>();
    this.#resolved.set(partition, resolved);
    return resolved;
  }

  async #publishAll(goOn: () => boolean, stopping: AbortSignal): Promise<boolean> {
    for (let delay = FIRST_WAIT_MS; this.#queue.length > 0; ) {
      if (!goOn()) return false;
      const entries = this.#next();
      try {
        await this.#bus.publish(
          this.#topic,
          entries.map(({ record }) => record),
        );
        this.#done(entries);
        delay = FIRST_WAIT_MS;
      } catch (error) {
        if (error instanceof PipelineError && error.code === 'BUS_REFUSED' && entries.length === 1) {
          const { partition, record } = entries[0] as Entry;
          this.#log.error({ partition, key: record.key, error: error.message }, 'alert not kept: the bus refuses it');
          this.#done(entries);
          continue;
        }
        if (error instanceof PipelineError && error.code === 'BUS_REFUSED') {
          this.#most = Math.ceil(entries.length / 2);
          continue;
        }
        this.#suffer(`alerts cannot be kept on ${this.#topic}: ${messageOf(error)}`);
        if (stopping.aborted) return false;
        await this.#wait(delay, stopping);
        delay = Math.min(LONGEST_WAIT_MS, 2 * delay);
      }
    }
    return true;
  }

  #next(): readonly Entry[] {
    let bytes = 0;
    let count = 0;
    for (const { record } of this.#queue) {
      bytes += record.value?.length ?? 0;
      if (count === this.#most || (count > 0 && bytes > PUBLISH_BYTES)) break;
      count++;
    }
    return this.#queue.slice(0, count);
  }

  /** Some of them may have been dropped meanwhile. */
  #done(entries: readonly Entry[]): void {
    const done = new Set(entries);
    this.#queue = this.#queue.filter((entry) => !done.has(entry));
    this.#most = MAX_RECORDS;
    this.#settle();
  }

  #settle(): void {
    if (this.#trouble !== undefined) this.#log.info({ topic: this.#topic }, 'alerts are kept and restored again');
    this.#trouble = undefined;
  }

  #suffer(trouble: string): void {
    if (this.#trouble === undefined) this.#log.warn({ topic: this.#topic }, trouble);
    this.#trouble = trouble;
  }
}

/** The last record of a key counts, but for one that was sent by a replica after it had lost the partition. */
export function newest(records: Map<string, BusRecord>, record: BusRecord): void {
  const key = `${record.partition}/${record.key?.toString()}`;
  const known = records.get(key);
  const older = known !== undefined && record.value !== null && isBefore(judgedOf(record), judgedOf(known));
  if (!older) records.set(key, record);
}

function later(a: Place | undefined, b: Place | undefined): Place | undefined {
  return isBefore(a, b) ? b : a;
}

/** Whether an event comes before another one of its partition; none comes before any. */
export function isBefore(a: Pick<Place, 'appended' | 'offset'> | undefined, b: typeof a): boolean {
  if (a === undefined || b === undefined) return b !== undefined;
  return a.appended < b.appended || (a.appended === b.appended && a.offset < b.offset);
}
