/**
 * The consumer's loop, for each batch: decode → apply → judge → commit. In that order, so that a crash at any moment means
 * to see a batch again, never to miss one; what is seen again is known by (epoch, seq) and neither counted nor judged twice.
 */
import type { Batch, Bus, BusRecord, Subscription } from '#bus/bus.ts';
import { decodeEvent } from '#contract/codec.ts';
import type { Log } from '#runtime/log.ts';
import type { AlertLog } from './alerts/log.ts';
import type { DeadLetter, DeadLetters } from './dead-letters.ts';
import type { ConsumerMetrics } from './metrics.ts';
import type { Judge } from './rules/judge.ts';
import type { State } from './state.ts';

export interface SubscriberOptions {
  readonly bus: Bus;
  readonly topic: string;
  readonly group: string;
  readonly state: State;
  readonly judge: Judge;
  readonly alertLog: AlertLog;
  readonly deadLetters: DeadLetters;
  readonly metrics: ConsumerMetrics;
  readonly log: Log;
  readonly now: () => number;
  /** The subscription is over, and the process with it. */
  readonly failed: (error: Error) => void;
}

export interface Subscriber {
  /** Whether the group has told this replica what it owns, be it nothing. */
  joined(): boolean;
  /** Since when the oldest batch still in hand is being worked on, by `now`; `undefined` if none is. */
  busySince(): number | undefined;
  close(): Promise<void>;
}

export async function subscribe(options: SubscriberOptions): Promise<Subscriber> {
  const { state, judge, alertLog, deadLetters, metrics, log, now } = options;
  const owned = new Set<number>();
  const inHand = new Map<number, number>();
  let joined = false;

  function take(record: BusRecord, letters: DeadLetter[]): void {
    const decoded = decodeEvent(record);
    if ('error' in decoded) {
      metrics.decodeErrors.inc({ reason: decoded.error.reason });
      letters.push({ topic: options.topic, record, error: decoded.error });
      return;
    }
    const { event, samples, unknownMetrics } = decoded;
    const time = now();
    if (!state.apply(record.partition, event, time)) {
      metrics.duplicates.inc();
      return;
    }
    metrics.events.inc();
    metrics.samples.inc(samples);
    if (unknownMetrics > 0) metrics.unknownMetrics.inc(unknownMetrics);
    metrics.eventDelay.observe(Math.max(0, time - event.time) / 1000);
    const { partition, offset } = record;
    for (const transition of judge.judge(event)) alertLog.tell(transition, { topic: options.topic, partition, offset });
  }

  async function handle(batch: Batch): Promise<void> {
    const { partition, records, highWatermark } = batch;
    const letters: DeadLetter[] = [];
    for (const record of records) take(record, letters);
    if (letters.length > 0) {
      log.warn({ partition, letters: letters.length, first: letters[0]?.error }, 'records are not events');
      await deadLetters.keep(letters);
    }
    await batch.commit();
    const next = (records.at(-1)?.offset ?? highWatermark - 1) + 1;
    if (owned.has(partition)) metrics.lag.set({ partition }, Math.max(0, highWatermark - next));
  }

  const subscription: Subscription = await options.bus.subscribe(options.topic, options.group, {
    assigned(partitions) {
      for (const partition of partitions) owned.add(partition);
      joined = true;
      metrics.rebalances.inc();
      metrics.partitionsOwned.set(owned.size);
      if (partitions.length > 0) log.info({ partitions }, 'partitions assigned');
    },
    lost(partitions) {
      for (const partition of partitions) {
        owned.delete(partition);
        metrics.lag.remove({ partition });
      }
      for (const { cluster, node } of state.drop(partitions)) judge.forget(cluster, node);
      metrics.partitionsOwned.set(owned.size);
      log.info({ partitions }, 'partitions lost');
    },
    async batch(batch) {
      inHand.set(batch.partition, now());
      try {
        await handle(batch);
      } finally {
        inHand.delete(batch.partition);
      }
    },
    failed: options.failed,
  });

  return {
    joined: () => joined,
    busySince: () => (inHand.size === 0 ? undefined : Math.min(...inHand.values())),
    close: () => subscription.close(),
  };
}
