/**
 * Fills the past that rules look back on, in the background, from the topic: beyond what is recalled when a partition becomes
 * ours, and all of it when rules have changed. The last quarter of an hour is read whole; what is older in slices, of each
 * node one event in each, which is enough for the slope of a disk that fills, and reads a small part of what there is.
 *
 * While that lasts no rule is judged there by a part of its range, and `sysmon_history_filling` says so.
 */
import { setImmediate } from 'node:timers/promises';
import type { Bus, BusRecord, TopicReader } from '#bus/bus.ts';
import { decodeRecord } from '#contract/codec.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import { pause } from '#runtime/pause.ts';
import type { Filling, Judge } from '../rules/judge.ts';

export interface RefillOptions {
  readonly bus: Pick<Bus, 'openReader'>;
  readonly topic: string;
  readonly judge: Pick<Judge, 'fill' | 'longestMs'>;
  readonly log: Log;
  readonly now: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** What is recalled of a partition before its first event, and read whole. */
export const WHOLE_MS = 15 * 60_000;
/** Into so many slices goes what lies before that. */
const SLICES = 120;
/** A slice has an event of each node that sends one as often. */
const SLICE_MS = 16_000;
const RECORDS_PER_TURN = 100;
const ATTEMPTS = 5;
const RETRY_MS = 5_000;

interface Job {
  readonly partition: number;
  readonly filling: Filling;
  /** How much is not known at all. */
  readonly wholeMs: number;
  readonly stopping: AbortController;
}

export class Refill {
  readonly #options: RefillOptions;
  readonly #jobs = new Map<number, Job>();
  /** One partition after the other: it is not urgent, and what is judged meanwhile is. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: RefillOptions) {
    this.#options = options;
  }

  /** How many partitions are being filled. */
  get partitions(): number {
    return this.#jobs.size;
  }

  /**
   * Begins anew where it is under way.
   * @param wholeMs how much of the newest past is not known at all, and to be read whole.
   */
  start(partitions: readonly number[], wholeMs: 0 | typeof WHOLE_MS): void {
    this.drop(partitions);
    const { judge } = this.#options;
    const knownMs = WHOLE_MS - wholeMs;
    if (judge.longestMs() <= knownMs) return;
    for (const partition of partitions) {
      const filling = judge.fill(partition, knownMs);
      const job = { partition, filling, wholeMs, stopping: new AbortController() };
      this.#jobs.set(partition, job);
      this.#last = this.#last.then(() => this.#run(job));
    }
  }

  /** Partitions that are not ours any more. */
  drop(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.#jobs.get(partition)?.stopping.abort();
      this.#jobs.delete(partition);
    }
  }

  async #run(job: Job): Promise<void> {
    const { log, wait = pause } = this.#options;
    const { signal } = job.stopping;
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await this.#fill(job);
        break;
      } catch (error) {
        const { partition } = job;
        log.warn({ partition, attempt, error: messageOf(error) }, 'the past of rules cannot be read from the topic');
        if (attempt === ATTEMPTS) break;
        await wait(RETRY_MS, signal);
      }
    }
    job.filling.end();
    if (this.#jobs.get(job.partition) === job) this.#jobs.delete(job.partition);
  }

  async #fill({ partition, filling, wholeMs, stopping: { signal } }: Job): Promise<void> {
    const { bus, topic, judge, now } = this.#options;
    const longestMs = judge.longestMs();
    const end = now() - WHOLE_MS;
    const reader = await bus.openReader(topic);
    try {
      const sliceEvery = Math.max(SLICE_MS, (longestMs - WHOLE_MS) / SLICES);
      for (let from = end - (longestMs - WHOLE_MS); from < end && !signal.aborted; ) {
        const next = await this.#slice(reader, partition, filling, from, signal);
        if (next === undefined) break;
        // Where there is nothing for long, nothing is looked for.
        from += sliceEvery * Math.max(1, Math.ceil((next - from - SLICE_MS) / sliceEvery));
      }
      if (wholeMs > 0) await this.#whole(reader, partition, filling, end, signal);
    } finally {
      await reader.close();
    }
  }

  /** @returns when what was read last was appended; `undefined` at the end of the partition. */
  async #slice(
    reader: TopicReader,
    partition: number,
    filling: Filling,
    from: number,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const nodes = new Set<string>();
    let last: number | undefined;
    const taken = turns();
    await reader.readFrom(partition, from, async (record) => {
      last = record.timestamp;
      if (record.timestamp >= from + SLICE_MS || signal.aborted) return false;
      const key = record.key?.toString() ?? '';
      if (!nodes.has(key) && take(record, filling)) nodes.add(key);
      await taken();
      return true;
    });
    return last;
  }

  async #whole(
    reader: TopicReader,
    partition: number,
    filling: Filling,
    from: number,
    signal: AbortSignal,
  ): Promise<void> {
    const taken = turns();
    await reader.readFrom(partition, from, async (record) => {
      take(record, filling);
      await taken();
      return !signal.aborted;
    });
  }
}

/** @returns whether it was an event. */
function take(record: BusRecord, filling: Filling): boolean {
  const decoded = record.refused === undefined ? decodeRecord(record) : undefined;
  if (decoded === undefined || !('event' in decoded)) return false;
  filling.add(decoded.event);
  return true;
}

/** Lets others have their turn every so many records. */
function turns(): () => Promise<void> {
  let records = 0;
  return async () => {
    if (++records % RECORDS_PER_TURN === 0) await setImmediate();
  };
}
