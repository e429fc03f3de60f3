/**
 * Outbox → bus, in order, one call at a time. Whatever the bus cannot take now is tried again for as long as it takes; what
 * it will never take is found by halving the batch until it is one event, which is dropped so that the others get through.
 */
import type { Bus, NewRecord } from '#bus/bus.ts';
import { headersOf, keyOf } from '#contract/event.ts';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Clock } from './clock.ts';
import { createEpisode } from './episode.ts';
import type { ProducerMetrics } from './metrics.ts';
import type { Entry, Outbox } from './outbox.ts';

/** A call costs kafkajs the square of its records, and blocks all else meanwhile. */
const MAX_EVENTS = 500;
/** Half of what a broker takes for one partition by default, and all of a node goes to one. */
const MAX_BYTES = 512 * 1024;

const MIN_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;

export interface PublisherOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly topic: string;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** From 0 to 1, so that agents which lost the same broker do not come back as one. */
  readonly random: () => number;
  readonly metrics: Pick<ProducerMetrics, 'published' | 'dropped' | 'publishFailures'>;
  readonly log: Log;
}

export interface Publisher {
  /** There may be something new in the outbox. */
  wake(): void;
  /** Why it does not publish, if so. */
  trouble(): string | undefined;
  /** Publishes what is left within that time; the rest is lost, and told so. */
  stop(withinMs: number): Promise<void>;
}

/** Begins at once. */
export function startPublisher({ bus, topic, outbox, clock, random, metrics, log }: PublisherOptions): Publisher {
  const outage = createEpisode({
    log,
    clock,
    level: 'warn',
    begins: 'events cannot be published',
    ends: 'events are published again',
  });
  let trouble: string | undefined = 'nothing has been published yet';
  let awake = Promise.withResolvers<void>();
  /** Ends the pause between two attempts, once: whoever stops wants to know now whether the bus is back. */
  const stopping = new AbortController();
  const givenUp = new AbortController();
  const finished = run();

  async function run(): Promise<void> {
    while (!givenUp.signal.aborted) {
      const batch = outbox.peek(MAX_EVENTS, MAX_BYTES);
      if (batch.length > 0) {
        await deliver(batch);
      } else {
        if (stopping.signal.aborted) return;
        await awake.promise;
        awake = Promise.withResolvers();
      }
    }
  }

  /** Ends when each event of the batch is on the topic or has been refused, or when there is no time left. */
  async function deliver(batch: readonly Entry[]): Promise<void> {
    for (let failures = 1; !givenUp.signal.aborted; failures++) {
      const error = await attempt(batch);
      if (error === undefined) return done(batch);
      metrics.publishFailures.inc({ code: error instanceof PipelineError ? error.code : 'unknown' });
      if (error instanceof PipelineError && error.code === 'BUS_REFUSED') return divide(batch, error);
      trouble = `the last attempt to publish failed: ${messageOf(error)}`;
      outage.begin({ error: messageOf(error) });
      await clock.wait(delay(failures, random), stopping.signal.aborted ? givenUp.signal : stopping.signal);
    }
  }

  async function attempt(batch: readonly Entry[]): Promise<unknown> {
    const sent = clock.now();
    try {
      await bus.publish(
        topic,
        batch.map((entry) => recordOf(entry, sent)),
      );
      return undefined;
    } catch (error) {
      return error ?? new Error('rejected without an error');
    }
  }

  function done(batch: readonly Entry[]): void {
    metrics.published.inc(batch.length);
    acknowledge(batch);
    trouble = undefined;
    outage.end();
  }

  async function divide(batch: readonly Entry[], error: PipelineError): Promise<void> {
    if (batch.length === 1) {
      metrics.dropped.inc({ reason: 'refused' });
      const { epoch, seq } = batch[0]?.envelope ?? {};
      log.error({ epoch, seq, error: error.message }, 'event dropped: the bus refuses it');
      return acknowledge(batch);
    }
    const half = Math.ceil(batch.length / 2);
    await deliver(batch.slice(0, half));
    await deliver(batch.slice(half));
  }

  function acknowledge(batch: readonly Entry[]): void {
    const last = batch.at(-1);
    if (last !== undefined) outbox.acknowledge(last.position);
  }

  return {
    wake: () => awake.resolve(),
    trouble: () => trouble,
    async stop(withinMs) {
      stopping.abort();
      awake.resolve();
      const inTime = new AbortController();
      await Promise.race([finished.then(() => inTime.abort()), clock.wait(withinMs, inTime.signal)]);
      givenUp.abort();
      if (outbox.events === 0) return;
      metrics.dropped.inc({ reason: 'stopped' }, outbox.events);
      log.error({ events: outbox.events }, 'events lost: they could not be published before the end');
    },
  };
}

/** Doubles with each failure, up to a bound, of which chance takes a part. */
function delay(failures: number, random: () => number): number {
  const longest = Math.min(MAX_DELAY_MS, MIN_DELAY_MS * 2 ** failures);
  return MIN_DELAY_MS + random() * (longest - MIN_DELAY_MS);
}

function recordOf({ envelope, value }: Entry, sent: number): NewRecord {
  return { key: keyOf(envelope), value, headers: headersOf(envelope, sent) };
}
