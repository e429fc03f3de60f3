/**
 * The consumer's loop, for each batch: decode → apply → judge → commit. In that order, so that a crash at any moment means
 * to see a batch again, never to miss one; what is seen again is known by (epoch, seq) and neither counted nor judged twice.
 *
 * Nothing is judged or kept unless the group has confirmed of late that the partition is ours: a process that was frozen
 * finds out on waking, before it says anything, and leaves the rest of its batch to whoever owns the partition by then.
 */
import { setImmediate } from 'node:timers/promises';
import type { Batch, Bus, BusRecord, Subscription } from '#bus/bus.ts';
import { type Decoded, decodeRecord } from '#contract/codec.ts';
import { keyOf, type NodeEvent } from '#contract/event.ts';
import type { Log } from '#runtime/log.ts';
import { MAX_STEP } from './account.ts';
import type { Alerting, Ownership } from './alerts/alerting.ts';
import type { DeadLetter, DeadLetters } from './dead-letters.ts';
import type { ConsumerMetrics } from './metrics.ts';
import type { Progress } from './progress.ts';
import type { Overflow, State } from './state.ts';

export interface SubscriberOptions {
  readonly bus: Bus;
  readonly topic: string;
  readonly group: string;
  readonly state: State;
  readonly alerting: Alerting;
  /** What was owned is another replica's from now on. */
  readonly lost?: (partitions: readonly number[]) => void;
  /** An event is its node's newest, and was judged, here or by the last owner. */
  readonly applied?: (event: NodeEvent) => void;
  readonly deadLetters: DeadLetters;
  readonly metrics: ConsumerMetrics;
  readonly overflow: (reason: Overflow) => void;
  readonly progress: Progress;
  readonly log: Log;
  readonly now: () => number;
  /** What is recalled of a partition that becomes ours, milliseconds: what rules and `/metrics` need to go on with. */
  readonly recallMs: () => number;
  /** The subscription is over, and the process with it. */
  readonly failed: (error: Error) => void;
}

export interface Subscriber {
  /** Whether this replica owns its partitions beyond doubt: what it knows of their nodes may be shown. */
  fresh(): boolean;
  /** Whether it has caught up with all that it owns. */
  current(): boolean;
  /** Why it does not do all that it should, if so. */
  trouble(): string | undefined;
  /** Looks how current the partitions are, which is what silence and progress are measured by: to be called every second. */
  listen(): void;
  close(): Promise<void>;
}

/** So many records are taken before others get their turn: some 20 ms of work. */
const RECORDS_PER_TURN = 200;
/** So many letters wait to be kept at a time, which bounds what a batch of garbage costs. */
const LETTERS_AT_A_TIME = 400;

export async function subscribe(options: SubscriberOptions): Promise<Subscriber> {
  const { state, alerting, deadLetters, metrics, overflow, progress, log, now } = options;
  const { applied = () => undefined } = options;
  const owned = new Set<number>();
  const stopping = new AbortController();
  let joined = false;
  /** At what is not heard. */
  let looking = false;

  function take(record: BusRecord, letters: DeadLetter[]): void {
    const { refused } = record;
    const decoded =
      refused === undefined ? decodeRecord(record) : { error: { reason: 'unreadable' as const, detail: refused } };
    if ('error' in decoded) {
      refuse(record, letters, decoded.error.reason, decoded.error.detail);
    } else if ('gap' in decoded) {
      const { from, to } = decoded.gap;
      const outcome = state.takeGap(decoded.gap, record.partition, now());
      if (outcome === 'implausible') refuse(record, letters, 'sequence', tooFar(`${from} to ${to}`));
      else metrics.gaps.inc();
      if (outcome === 'nodes') overflow(outcome);
    } else takeEvent(record, letters, decoded);
  }

  function refuse(record: BusRecord, letters: DeadLetter[], reason: DeadLetter['reason'], detail: string): void {
    metrics.decodeErrors.inc({ reason });
    letters.push({ topic: options.topic, record, reason, detail });
  }

  function takeEvent(
    record: BusRecord,
    letters: DeadLetter[],
    { event, samples, unknownMetrics }: Exclude<Decoded, { error: unknown }>,
  ): void {
    const { partition, offset, timestamp } = record;
    const time = now();
    const sent = sentOf(record);
    const skew = sent === undefined ? undefined : timestamp - sent;
    const outcome = state.take({ event, samples, bytes: record.value?.length ?? 0, partition, now: time, skew });
    if (outcome === 'implausible') refuse(record, letters, 'sequence', tooFar(event.seq));
    else if (outcome === 'duplicated') metrics.duplicates.inc();
    else if (outcome === 'reordered') metrics.reordered.inc();
    else if (outcome !== 'applied') overflow(outcome);
    if (outcome !== 'applied') return;
    metrics.events.inc();
    metrics.samples.inc(samples);
    if (unknownMetrics > 0) metrics.unknownMetrics.inc(unknownMetrics);
    metrics.eventDelay.observe(Math.max(0, time - event.time) / 1000);
    if (sent !== undefined) metrics.lateness.observe(Math.max(0, sent - event.time) / 1000);
    alerting.hear(event, { partition, offset, timestamp, sent });
    applied(event);
  }

  /** Of what another replica has handled only state and past are taken over: it has counted and judged it. */
  function recall(record: BusRecord): void {
    const { partition, offset, timestamp, value, refused } = record;
    if (refused !== undefined) return;
    const decoded = decodeRecord(record);
    if (!('event' in decoded)) return;
    const { event, samples } = decoded;
    const bytes = value?.length ?? 0;
    const outcome = state.recall({ event, samples, bytes, partition, now: timestamp, skew: undefined });
    if (outcome !== 'applied') return;
    alerting.remember(event, { partition, offset });
    applied(event);
  }

  /** @returns whether all of it was handled. */
  async function handle({ partition, records }: Batch): Promise<boolean> {
    let letters: DeadLetter[] = [];
    let garbage = 0;
    const goOn = () => subscription.fresh && !stopping.signal.aborted;
    const keepLetters = async () => {
      const [first] = letters;
      if (first === undefined) return true;
      if (garbage === 0) log.warn({ partition, first: whatIs(first) }, 'records are not events');
      garbage += letters.length;
      const kept = await progress.waiting(() => deadLetters.keep(letters, goOn, stopping.signal));
      if (!kept) return leave(first.record);
      letters = [];
      return true;
    };
    for (const [i, record] of records.entries()) {
      if (i % RECORDS_PER_TURN === RECORDS_PER_TURN - 1) {
        await setImmediate();
        progress.step();
      }
      if (!subscription.fresh) return leave(letters[0]?.record ?? record);
      take(record, letters);
      if (letters.length === LETTERS_AT_A_TIME && !(await keepLetters())) return false;
    }
    return (await keepLetters()) && (await progress.waiting(() => settle()));
  }

  /**
   * The batch ends here: only then can the member join the group again. If the partition is still its own then, it goes on at
   * this record, otherwise another member does.
   */
  function leave({ partition, offset }: BusRecord): false {
    if (stopping.signal.aborted) return false;
    log.warn({ partition, offset }, 'a batch is left: the group does not confirm that the partition is ours');
    subscription.rewind(partition, offset);
    return false;
  }

  function settle(): Promise<boolean> {
    return alerting.settle(() => subscription.fresh, stopping.signal);
  }

  function listen(partition: number): void {
    state.listen(partition, subscription.currentAsOf(partition));
    // What is not ours beyond doubt may be shown by another by now.
    const lag = subscription.fresh ? subscription.lag(partition) : undefined;
    if (lag === undefined) metrics.lag.remove({ partition });
    else metrics.lag.set({ partition }, lag);
  }

  const subscription: Subscription = await options.bus.subscribe(options.topic, options.group, {
    async assigned(partitions) {
      await alerting.restore(partitions, stopping.signal);
      for (const partition of partitions) owned.add(partition);
      for (const partition of partitions) listen(partition);
      joined = true;
      metrics.rebalances.inc();
      metrics.partitionsOwned.set(owned.size);
      if (partitions.length > 0) log.info({ partitions }, 'partitions assigned');
    },
    regained: (partitions) => alerting.regain(partitions, stopping.signal),
    lost(partitions) {
      for (const partition of partitions) {
        owned.delete(partition);
        metrics.lag.remove({ partition });
      }
      alerting.drop(partitions);
      state.drop(partitions);
      options.lost?.(partitions);
      metrics.partitionsOwned.set(owned.size);
      log.info({ partitions }, 'partitions lost');
    },
    recall: {
      get ms() {
        return options.recallMs();
      },
      take(records) {
        for (const record of records) recall(record);
      },
    },
    skipped(partition, from, to) {
      metrics.skipped.inc(to - from);
      state.skip(partition);
      log.error({ partition, from, to }, 'records were deleted from the topic before they were read');
    },
    async batch(batch) {
      const { partition } = batch;
      listen(partition);
      await progress.handling(async () => {
        if (await handle(batch)) await progress.waiting(() => batch.commit());
      });
    },
    failed: options.failed,
  });

  const isCurrent = (partition: number) => subscription.currentAsOf(partition) !== undefined;
  const ownership: Ownership = {
    fresh: () => joined && subscription.fresh,
    current: () => [...owned].filter(isCurrent),
    partitionOf: (node) => subscription.partitionOf(keyOf(node)),
  };

  return {
    fresh: () => joined && subscription.fresh,
    current() {
      for (const partition of owned) listen(partition);
      return [...owned].every(isCurrent);
    },
    trouble() {
      if (subscription.trouble !== undefined) return subscription.trouble;
      if (!joined) return alerting.trouble ?? 'not a member of the group yet';
      if (!subscription.fresh) return 'the group has not confirmed of late what this replica owns';
      return deadLetters.trouble() ?? alerting.trouble;
    },
    listen() {
      for (const partition of owned) listen(partition);
      if (!looking) {
        looking = true;
        subscription
          .inTurn(async () => {
            alerting.listen(ownership);
            if (!alerting.settled) await progress.waiting(settle);
          })
          .catch(options.failed)
          .finally(() => {
            looking = false;
          });
      }
      const asOf = [...owned].map((partition) => subscription.currentAsOf(partition));
      const reads = joined && subscription.fresh && subscription.trouble === undefined;
      progress.look(reads && asOf.some((moment) => moment !== undefined) ? asOf.join() : undefined);
    },
    async close() {
      stopping.abort();
      await subscription.close();
    },
  };
}

/** The producer's clock when it sent the record, as it says; milliseconds. */
function sentOf({ headers }: BusRecord): number | undefined {
  const text = headers.sent?.toString('latin1', 0, 20);
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}

function tooFar(numbers: number | string): string {
  return `seq: expected at most ${MAX_STEP} beyond the last of its epoch, got ${numbers}`;
}

function whatIs({ record: { offset }, reason, detail }: DeadLetter) {
  return { offset, reason, detail };
}
