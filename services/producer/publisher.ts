/**
 * Outbox → bus, in order, one call at a time. Whatever the bus cannot take now is tried again for as long as it takes, be it
 * away or be access denied; what it will never take is found by halving what is sent until it is one event, which is set
 * aside so that the others get through.
 */
import { type Bus, type NewRecord, PUBLISH_BYTES } from '#bus/bus.ts';
import { encodeGap } from '#contract/codec.ts';
import { type Envelope, headersOf, keyOf } from '#contract/event.ts';
import { headersOfGap } from '#contract/gap.ts';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Clock } from './clock.ts';
import { createEpisode } from './episode.ts';
import type { ProducerMetrics } from './metrics.ts';
import type { Entry, Outbox } from './outbox.ts';

/** A call costs kafkajs the square of its records, and blocks all else meanwhile. */
const MAX_ENTRIES = 500;

const MIN_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;
/** What a call may take before the bus counts as away: twice what a broker may wait for its replicas. */
const UNANSWERED_MS = 10_000;

export interface PublisherOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly topic: string;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** From 0 to 1, so that agents which lost the same broker do not come back as one. */
  readonly random: () => number;
  /** Keeps an event that the bus refuses for people to look at, and says under which name, if there is a place. */
  readonly quarantine: (envelope: Envelope, value: Uint8Array) => string | undefined;
  readonly metrics: Pick<
    ProducerMetrics,
    'published' | 'gapsPublished' | 'dropped' | 'quarantined' | 'publishFailures'
  >;
  readonly log: Log;
}

export interface Publisher {
  /** There may be something new in the outbox. */
  wake(): void;
  /** Why it does not publish, if so. */
  trouble(): string | undefined;
  /** Publishes what is left within that time; what is not on disk then is lost, and told so. */
  stop(withinMs: number): Promise<void>;
}

/** Begins at once. */
export function startPublisher(options: PublisherOptions): Publisher {
  const { bus, topic, outbox, clock, random, quarantine, metrics, log } = options;
  const outage = createEpisode({
    log,
    clock,
    level: 'warn',
    begins: 'events cannot be published',
    ends: 'events are published again',
  });
  let trouble: string | undefined = 'nothing has been published yet';
  /** Since when a call waits for its answer, monotonic; a broker that hangs gives none for long. */
  let askedAt: number | undefined;
  let awake = Promise.withResolvers<void>();
  /** Ends the pause between two attempts, once: whoever stops wants to know now whether the bus is back. */
  const stopping = new AbortController();
  const givenUp = new AbortController();
  const finished = run();

  async function run(): Promise<void> {
    let failures = 0;
    /** How many of the next entries have one among them that the bus refuses, if any. */
    let suspects = 0;
    while (!givenUp.signal.aborted) {
      const batch = outbox.peek(suspects > 0 ? Math.ceil(suspects / 2) : MAX_ENTRIES, PUBLISH_BYTES);
      if (batch.length === 0) {
        if (stopping.signal.aborted) return;
        await awake.promise;
        awake = Promise.withResolvers();
        continue;
      }
      const error = await attempt(batch);
      // The outbox may be closed by now.
      if (givenUp.signal.aborted) return;
      if (error === undefined) {
        done(batch);
        suspects = Math.max(0, suspects - batch.length);
        failures = 0;
        continue;
      }
      metrics.publishFailures.inc({ code: error instanceof PipelineError ? error.code : 'unknown' });
      if (error instanceof PipelineError && error.code === 'BUS_REFUSED') {
        const [only] = batch;
        suspects = batch.length > 1 ? batch.length : 0;
        if (batch.length === 1 && only !== undefined) setAside(only, error);
        continue;
      }
      outbox.release();
      trouble = `the last attempt to publish failed: ${messageOf(error)}`;
      outage.begin({ error: messageOf(error) });
      await clock.wait(delay(++failures, random), stopping.signal.aborted ? givenUp.signal : stopping.signal);
    }
  }

  async function attempt(batch: readonly Entry[]): Promise<unknown> {
    const sent = clock.now();
    askedAt = clock.monotonic();
    try {
      await bus.publish(
        topic,
        batch.map((entry) => recordOf(entry, sent)),
      );
      return undefined;
    } catch (error) {
      return error ?? new Error('rejected without an error');
    } finally {
      askedAt = undefined;
    }
  }

  function done(batch: readonly Entry[]): void {
    outbox.acknowledge(batch.length);
    const gaps = batch.filter((entry) => 'gap' in entry).length;
    metrics.published.inc(batch.length - gaps);
    metrics.gapsPublished.inc(gaps);
    trouble = undefined;
    outage.end();
  }

  function setAside(entry: Entry, error: PipelineError): void {
    if ('gap' in entry) {
      log.error({ gap: entry.gap, error: error.message }, 'gap not published: the bus refuses it');
      outbox.acknowledge(1);
      return;
    }
    const { epoch, seq } = entry.envelope;
    const file = quarantine(entry.envelope, entry.value);
    if (file !== undefined) metrics.quarantined.inc();
    log.error({ epoch, seq, file, error: error.message }, 'event dropped: the bus refuses it');
    outbox.refuse();
  }

  return {
    wake: () => awake.resolve(),
    trouble() {
      const waited = askedAt === undefined ? 0 : clock.monotonic() - askedAt;
      return trouble ?? (waited > UNANSWERED_MS ? `no answer for ${Math.round(waited / 1000)} s` : undefined);
    },
    async stop(withinMs) {
      stopping.abort();
      awake.resolve();
      const inTime = new AbortController();
      await Promise.race([finished.then(() => inTime.abort()), clock.wait(withinMs, inTime.signal)]);
      givenUp.abort();
      const { events, unsaved } = outbox;
      if (events > unsaved) log.info({ events: events - unsaved }, 'events stay on disk for the next start');
      if (unsaved === 0) return;
      metrics.dropped.inc({ reason: 'stopped' }, unsaved);
      log.error({ events: unsaved }, 'events lost: they could not be published before the end');
    },
  };
}

/** Doubles with each failure, up to a bound, of which chance takes a part. */
function delay(failures: number, random: () => number): number {
  const longest = Math.min(MAX_DELAY_MS, MIN_DELAY_MS * 2 ** failures);
  return MIN_DELAY_MS + random() * (longest - MIN_DELAY_MS);
}

function recordOf(entry: Entry, sent: number): NewRecord {
  if ('gap' in entry) {
    return { key: keyOf(entry.gap), value: encodeGap(entry.gap), headers: headersOfGap(entry.gap, sent) };
  }
  return { key: keyOf(entry.envelope), value: entry.value, headers: headersOf(entry.envelope, sent) };
}
