/** A run of the producer for tests: events go into an outbox on given files, and out of it to where the test can look. */
import { createHash } from 'node:crypto';
import { encodeEvent } from '#contract/codec.ts';
import type { NodeEvent } from '#contract/event.ts';
import type { Gap, GapReason } from '#contract/gap.ts';
import { createFakeClock, type FakeClock } from '../fake-clock.ts';
import { createOutbox, type Entry, type Outbox } from '../outbox.ts';
import type { Files } from './files.ts';
import { createSegmentLog } from './segments.ts';

export interface FakeRun {
  readonly outbox: Outbox;
  readonly clock: FakeClock;
  readonly lost: Record<GapReason, number>;
  readonly damagedBytes: number;
  /** The errno of every failure of the disk. */
  readonly failures: readonly string[];
  /** Appends the next event of this run, of about so many bytes, and says which it is. */
  append(size?: number): string;
  /** Publishes so many entries and says which. */
  publish(count?: number): string[];
}

export interface FakeRunOptions {
  readonly epoch?: string;
  readonly clock?: FakeClock;
  readonly interval?: number;
  readonly maxBytes?: number;
  readonly maxMemoryBytes?: number;
  readonly maxAgeMs?: number;
  readonly segmentBytes?: number;
}

/** Text that does not become much smaller by itself, and is the same in all events. */
const NOISE = Array.from({ length: 2_000 }, (_, i) => createHash('sha256').update(String(i)).digest('base64')).join('');

/** Without files it is all in memory. */
export function startRun(files: Files | undefined, options: FakeRunOptions = {}): FakeRun {
  const { epoch = 'e', clock = createFakeClock(1_000_000), maxBytes = 1e9, segmentBytes = 1e6 } = options;
  const lost: Record<GapReason, number> = { full: 0, age: 0, damaged: 0, refused: 0 };
  const failures: string[] = [];
  let damagedBytes = 0;
  let seq = 0;
  const failed = (error: unknown) => {
    failures.push(error instanceof Error && 'code' in error ? String(error.code) : String(error));
  };
  const log = files && { log: createSegmentLog({ files, segmentBytes, now: clock.now, failed }) };
  const outbox = createOutbox({
    maxBytes,
    maxMemoryBytes: options.maxMemoryBytes ?? maxBytes,
    maxAgeMs: options.maxAgeMs ?? 1e12,
    clock,
    ...log,
    lost(reason, events) {
      lost[reason] += events;
    },
    damaged(bytes) {
      damagedBytes += bytes;
    },
    diskFailed: failed,
    diskWorks: () => undefined,
    empty: () => undefined,
  });
  return {
    outbox,
    clock,
    lost,
    failures,
    get damagedBytes() {
      return damagedBytes;
    },
    append(size = 0) {
      const event = eventOf(epoch, seq++, clock.now(), size, options.interval);
      outbox.append(event);
      return nameOf({ envelope: event, value: new Uint8Array() });
    },
    publish(count = 1e6) {
      const batch = outbox.peek(count, 1e9);
      outbox.acknowledge(batch.length);
      return batch.map(nameOf);
    },
  };
}

export function eventOf(epoch: string, seq: number, time: number, size = 0, interval = 1): NodeEvent {
  const metrics = size === 0 ? {} : { node_uname_info: [[NOISE.slice(0, size), 1] as const] };
  return { v: 1, cluster: 'c', node: 'n', epoch, seq, time, interval, metrics };
}

/** `e/7` for an event, `e/7-9 full` for a gap. An event whose bytes are not its own throws. */
export function nameOf(entry: Entry): string {
  if ('gap' in entry) return gapName(entry.gap);
  const { epoch, seq, time } = entry.envelope;
  const value: NodeEvent | undefined =
    entry.value.length === 0 ? undefined : JSON.parse(Buffer.from(entry.value).toString());
  const same = value === undefined || (value.epoch === epoch && value.seq === seq && value.time === time);
  if (!same) throw new Error(`${epoch}/${seq} has the value of ${value?.epoch}/${value?.seq}`);
  return `${epoch}/${seq}`;
}

function gapName({ epoch, from, to, reason }: Gap): string {
  return `${epoch}/${from}-${to} ${reason}`;
}

/** The events that a gap stands for, or the one that is an event itself. */
export function eventsIn(name: string): string[] {
  const [, epoch, from, to] = /^(.*)\/(\d+)-(\d+) /.exec(name) ?? [];
  if (epoch === undefined) return [name];
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => `${epoch}/${Number(from) + i}`);
}

/** Bytes of the value of an event without metrics. */
export const SIZE = encodeEvent(eventOf('e', 0, 1_000_000)).length;
