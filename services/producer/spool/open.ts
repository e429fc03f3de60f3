/** The outbox as the settings want it: on disk, locked and with a quarantine beside it, or in memory. */
import { join } from 'node:path';
import type { Config } from '#runtime/config.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Clock } from '../clock.ts';
import { createEpisode } from '../episode.ts';
import type { ProducerMetrics } from '../metrics.ts';
import { createOutbox, type Outbox } from '../outbox.ts';
import type { PublisherOptions } from '../publisher.ts';
import type { PRODUCER_SETTINGS } from '../settings.ts';
import { openFiles } from './files.ts';
import { lockSpool } from './lock.ts';
import { createQuarantine } from './quarantine.ts';
import { createSegmentLog } from './segments.ts';

/** Hours of events of a usual node, and a small part of the memory that the agent has. */
const MEMORY_BYTES = 16 * 1024 * 1024;
/** A handful of events: a fleet has as many producers' memory in one process. */
const MEMORY_BYTES_PER_SIMULATED_NODE = 128 * 1024;
/** What is set aside of the spool's bytes for events that the bus refuses, which are large or they would not be refused. */
const QUARANTINE_BYTES = 4 * 1024 * 1024;
/** The spool's files are so many that dropping one costs little, and so few that all can be open. */
const SEGMENTS = 64;

export interface SpoolOptions {
  readonly config: Config<
    Pick<typeof PRODUCER_SETTINGS, 'SPOOL_DIR' | 'SPOOL_MAX_BYTES' | 'SPOOL_MAX_AGE' | 'SIMULATE'>
  >;
  readonly clock: Clock;
  readonly metrics: Pick<ProducerMetrics, 'dropped' | 'spoolFailures' | 'damagedBytes'>;
  readonly log: Log;
}

export interface Spool {
  readonly outbox: Outbox;
  readonly quarantine: PublisherOptions['quarantine'];
  close(): Promise<void>;
}

/** @throws PipelineError `CONFIG` if another process has the directory. */
export async function openSpool({ config, clock, metrics, log }: SpoolOptions): Promise<Spool> {
  const { SPOOL_DIR: directory, SPOOL_MAX_BYTES, SPOOL_MAX_AGE: maxAgeMs, SIMULATE } = config;
  const overflow = createEpisode({
    log,
    clock,
    level: 'error',
    begins: 'events are lost before they could be published',
    ends: 'no more events are lost',
  });
  const disk = createEpisode({
    log,
    clock,
    level: 'warn',
    begins: 'the spool cannot be written, events wait in memory',
    ends: 'the spool is written again',
  });
  const failed = (error: unknown) => metrics.spoolFailures.inc({ code: errnoOf(error) });
  const common = {
    maxAgeMs,
    clock,
    lost(reason, events, first) {
      metrics.dropped.inc({ reason }, events);
      if (reason !== 'refused') overflow.begin({ reason, epoch: first?.epoch, seq: first?.seq });
    },
    damaged: (bytes: number) => metrics.damagedBytes.inc(bytes),
    diskFailed(error: unknown) {
      failed(error);
      disk.begin({ directory, error: messageOf(error) });
    },
    diskWorks: disk.end,
    empty: overflow.end,
  } satisfies Partial<Parameters<typeof createOutbox>[0]>;

  if (directory === undefined || SIMULATE !== undefined) {
    const maxBytes = Math.max(MEMORY_BYTES, (SIMULATE ?? 0) * MEMORY_BYTES_PER_SIMULATED_NODE);
    const outbox = createOutbox({ ...common, maxBytes, maxMemoryBytes: maxBytes });
    return { outbox, quarantine: () => undefined, close: async () => outbox.close() };
  }

  const files = openFiles(directory);
  try {
    files.prepare();
  } catch (error) {
    failed(error);
  }
  const lock = await lockSpool(directory);
  if (lock.missing !== undefined) log.warn({ directory, error: lock.missing }, 'the spool cannot be locked');
  const maxBytes = SPOOL_MAX_BYTES - QUARANTINE_BYTES;
  const segments = createSegmentLog({ files, segmentBytes: Math.ceil(maxBytes / SEGMENTS), now: clock.now, failed });
  const outbox = createOutbox({ ...common, maxBytes, maxMemoryBytes: MEMORY_BYTES, log: segments });
  if (outbox.events > 0) log.info({ directory, events: outbox.events }, 'events of earlier runs wait in the spool');
  return {
    outbox,
    quarantine: createQuarantine({
      files: openFiles(join(directory, 'quarantine')),
      maxBytes: QUARANTINE_BYTES,
      now: clock.now,
      failed,
    }),
    async close() {
      outbox.close();
      await lock.release();
    },
  };
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
