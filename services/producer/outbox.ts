/**
 * What waits to be published, oldest first. With a log, each event is on disk before it is sent; what the disk does not take
 * waits in memory, behind what it took, and goes there as soon as it can. Without one, everything waits in memory.
 *
 * It is bounded by bytes and by age. The oldest go first, because the newest say how the node is now, and what goes leaves a
 * gap in its place, which is published like the events around it.
 *
 * What has been handed out stays until it is told what became of it. So an event is either published or in a gap, not both.
 */
import { encodeEvent } from '#contract/codec.ts';
import type { Envelope, NodeEvent } from '#contract/event.ts';
import { type Gap, type GapReason, gapOf } from '#contract/gap.ts';
import type { Clock } from './clock.ts';
import { agesOf } from './spool/age.ts';
import type { PlacedGap } from './spool/recovery.ts';
import type { Segment, SegmentLog } from './spool/segments.ts';
import {
  createGrowingGaps,
  isEvent,
  isWritten,
  segmentOf,
  type Waiting,
  type WaitingEvent,
  type WaitingGap,
} from './waiting.ts';

export type Entry = { readonly envelope: Envelope; readonly value: Uint8Array } | { readonly gap: Gap };

export interface Outbox {
  /** How many wait, gaps not among them. */
  readonly events: number;
  /** What they take. Of what is on disk, all files until they are removed. */
  readonly bytes: number;
  readonly maxBytes: number;
  /** How long the oldest event waits. */
  readonly oldestMs: number;
  readonly maxAgeMs: number;
  /** Whether the disk takes what it is given; `undefined` without one. */
  readonly spooling: boolean | undefined;
  /** Events that are nowhere but in this process. */
  readonly unsaved: number;
  append(event: NodeEvent): void;
  /** The oldest entries, which stay: at most so many, and of so many bytes if they are more than one. */
  peek(maxEntries: number, maxBytes: number): readonly Entry[];
  /** The first so many of what was handed out are published. */
  acknowledge(count: number): void;
  /** What was handed out is not published, as far as is known. */
  release(): void;
  /** The first of what was handed out will never be published. */
  refuse(): void;
  close(): void;
}

export interface OutboxOptions {
  readonly maxBytes: number;
  /** Of it, as much may be in memory while there is a log that does not take it. */
  readonly maxMemoryBytes: number;
  readonly maxAgeMs: number;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly log?: SegmentLog;
  /** Events are lost; the first of them, where it is known. */
  readonly lost: (reason: GapReason, events: number, first?: Envelope) => void;
  /** So many bytes of the disk are not what was written there. */
  readonly damaged: (bytes: number) => void;
  /** The disk does not take events, or again. */
  readonly diskFailed: (error: unknown) => void;
  readonly diskWorks: () => void;
  /** All that waited is published. */
  readonly empty: () => void;
}

/** While events pile up, the disk is made to keep them at most so often. */
const SYNC_EVERY_MS = 1_000;
/** About what a gap takes on the wire. */
const GAP_BYTES = 256;
/** More say nothing that the sequence numbers do not. */
const MAX_GAPS = 1_000;

export function createOutbox(options: OutboxOptions): Outbox {
  const { maxBytes, maxMemoryBytes, maxAgeMs, clock, log } = options;
  let queue: Waiting[] = [];
  /** How many of them have been handed out. */
  let out = 0;
  let events = 0;
  let gaps = 0;
  let memoryBytes = 0;
  let synced = Number.NEGATIVE_INFINITY;
  let spooling = log === undefined ? undefined : true;
  /** Whether the next run would know what is done with and what is lost. */
  let remembered = true;
  const growing = createGrowingGaps();

  const bytes = () => (log?.bytes ?? 0) + memoryBytes;

  /** Writes what is not on disk yet, in order. */
  function write(log: SegmentLog): void {
    // What earlier runs have left comes before all else, but not before what may be on its way already.
    if (!log.opened && out > 0) return;
    try {
      if (!log.opened) takeOver(log);
      let from = queue.length;
      while (from > 0 && !isWritten(queue[from - 1])) from--;
      for (const item of queue.slice(from)) {
        if (!isEvent(item)) {
          // Its place is known by what is written after it.
          remembered = false;
          continue;
        }
        item.place = log.append(item.envelope, item.value ?? new Uint8Array());
        memoryBytes -= item.size;
        // The newest is about to be sent: it need not be read again.
        if (item !== queue.at(-1)) item.value = undefined;
      }
      spooling = true;
      options.diskWorks();
      if (remembered) moveCursor();
      else remember();
    } catch (error) {
      spooling = false;
      options.diskFailed(error);
    }
  }

  /** All of what is left becomes part of the queue, or nothing of it and the next call tries again. */
  function takeOver(log: SegmentLog): void {
    const { found: left, lostRecords, damagedBytes } = log.open();
    const ages = agesOf(left);
    const now = clock.monotonic();
    const items = left.map((item, i): Waiting => {
      if ('gap' in item) return { gap: item.gap };
      const since = now - (ages[i] ?? 0);
      return { envelope: item.envelope, size: item.size, since, value: undefined, place: item };
    });
    // Not `unshift`, which takes no more than what fits on the stack.
    queue = [...items, ...queue];
    const found = items.filter(isEvent).length;
    events += found;
    gaps += items.length - found;
    if (lostRecords > 0) {
      // The next run is not to count them again.
      remembered = false;
      options.lost('damaged', lostRecords);
    }
    if (damagedBytes > 0) options.damaged(damagedBytes);
  }

  /** Events are not read again as soon as newer ones come: then they wait. */
  function pileUp(newer: Waiting): void {
    const last = queue.at(-1);
    if (last !== undefined && isEvent(last) && last.place !== undefined) last.value = undefined;
    queue.push(newer);
    events++;
  }

  function sync(log: SegmentLog): void {
    if (events < 2 || clock.monotonic() - synced < SYNC_EVERY_MS) return;
    synced = clock.monotonic();
    log.sync();
  }

  function keepBounds(): void {
    expire();
    while (bytes() > maxBytes) {
      if (!dropOldest()) break;
    }
    while (log !== undefined && memoryBytes > maxMemoryBytes) {
      const at = queue.findIndex((item, i) => i >= out && isEvent(item) && item.place === undefined);
      if (at === -1) return;
      lose(at, at + 1, 'full');
    }
  }

  function expire(): void {
    const before = clock.monotonic() - maxAgeMs;
    let end = out;
    for (let i = out; i < queue.length; i++) {
      const item = queue[i];
      if (item === undefined || !isEvent(item)) continue;
      if (item.since >= before) break;
      end = i + 1;
    }
    if (end > out) lose(out, end, 'age');
  }

  /** One event of memory, or all of a file: a file has to go as a whole to make room. */
  function dropOldest(): boolean {
    const held = new Set(queue.slice(0, out).map(segmentOf));
    const at = queue.findIndex((item, i) => i >= out && isEvent(item) && !(item.place && held.has(item.place.segment)));
    if (at === -1) return false;
    const segment = segmentOf(queue[at]);
    let end = at + 1;
    if (segment !== undefined) {
      log?.seal(segment);
      for (let i = end; i < queue.length && isOf(segment, queue[i]); i++) end = i + 1;
    }
    lose(at, end, 'full');
    return true;
  }

  /** The events from one index to before another become gaps, or part of gaps. */
  function lose(from: number, to: number, reason: GapReason): void {
    const left: WaitingGap[] = [];
    const gone = queue.slice(from, to);
    for (const item of gone) {
      if (!isEvent(item)) left.push(item);
      else if (!growing.grow(item.envelope, reason)) {
        const made = { gap: gapOf(item.envelope, reason, clock.now()) };
        growing.add(made);
        left.push(made);
      }
    }
    queue = [...queue.slice(0, from), ...left, ...queue.slice(to)];
    const lost = gone.filter(isEvent);
    gaps += left.length - (gone.length - lost.length);
    forgetGaps();
    lost.forEach(settle);
    remember();
    options.lost(reason, lost.length, lost[0]?.envelope);
  }

  function forgetGaps(): void {
    for (let i = out; gaps > MAX_GAPS && i < queue.length; i++) {
      const item = queue[i];
      if (item === undefined || isEvent(item)) continue;
      growing.stop(item);
      queue.splice(i--, 1);
      gaps--;
    }
  }

  /** It waits no more. */
  function settle(item: WaitingEvent): void {
    events--;
    if (item.place === undefined) memoryBytes -= item.size;
    else log?.release(item.place);
  }

  function moveCursor(): void {
    if (log?.opened !== true) return;
    if (!log.moveCursor(firstPosition(log) - 1)) remembered = false;
  }

  /** Of what is not done with. A gap that is not published yet has its place in the log, too. */
  function firstPosition(log: SegmentLog): number {
    for (const item of queue) {
      const [run, seq] = isEvent(item) ? [item.envelope, item.envelope.seq] : [item.gap, item.gap.from];
      const position = isWritten(item) ? item.place.position : log.positionOf(run, seq);
      if (position !== undefined) return position;
    }
    return log.next;
  }

  /** For the next run, if there is one before they are published. */
  function keepGaps(): void {
    if (log?.opened !== true) return;
    const placed: PlacedGap[] = [];
    let before = log.next;
    for (let i = queue.length - 1; i >= 0 && placed.length < gaps; i--) {
      const item = queue[i];
      if (item === undefined) continue;
      if (!isEvent(item)) placed.push({ gap: item.gap, before });
      else before = item.place?.position ?? before;
    }
    if (!log.keepGaps(placed.reverse())) remembered = false;
  }

  function remember(): void {
    remembered = true;
    keepGaps();
    moveCursor();
  }

  function takeBack(): void {
    const back = queue.slice(0, out);
    out = 0;
    for (const item of back) {
      const merged = isEvent(item) ? undefined : growing.resume(item);
      if (merged === undefined) continue;
      queue.splice(queue.indexOf(merged), 1);
      gaps--;
    }
  }

  /** What is handed out next, or the index of what cannot be read. */
  function read(maxEntries: number, maxBatchBytes: number): Entry[] | number {
    const batch: Entry[] = [];
    let size = 0;
    for (const [i, item] of queue.entries()) {
      size += isEvent(item) ? item.size : GAP_BYTES;
      if (i >= maxEntries || (i > 0 && size > maxBatchBytes)) break;
      if (!isEvent(item)) {
        batch.push({ gap: item.gap });
        continue;
      }
      const value = item.value ?? (item.place === undefined ? undefined : log?.read(item.place));
      if (value === undefined) return i;
      batch.push({ envelope: item.envelope, value });
    }
    return batch;
  }

  if (log !== undefined) {
    write(log);
    keepBounds();
  }
  return {
    get events() {
      return events;
    },
    get bytes() {
      return bytes();
    },
    get oldestMs() {
      const first = queue.find(isEvent);
      return first === undefined ? 0 : clock.monotonic() - first.since;
    },
    get spooling() {
      return spooling;
    },
    get unsaved() {
      const linked = new Map<Segment, boolean>();
      return queue.filter((item) => {
        const segment = segmentOf(item);
        if (segment === undefined) return isEvent(item);
        if (!linked.has(segment)) linked.set(segment, segment.file.linked());
        return linked.get(segment) === false;
      }).length;
    },
    maxBytes,
    maxAgeMs,
    append(event) {
      const { metrics: _, ...envelope } = event;
      const value = encodeEvent(event);
      pileUp({ envelope, size: value.length, since: clock.monotonic(), value, place: undefined });
      memoryBytes += value.length;
      if (log !== undefined) {
        write(log);
        sync(log);
      }
      keepBounds();
    },
    peek(maxEntries, maxBatchBytes) {
      takeBack();
      keepBounds();
      for (;;) {
        const batch = read(maxEntries, maxBatchBytes);
        if (typeof batch !== 'number') {
          out = batch.length;
          for (const item of queue.slice(0, out)) if (!isEvent(item)) growing.stop(item);
          return batch;
        }
        options.damaged((queue[batch] as WaitingEvent).size);
        lose(batch, batch + 1, 'damaged');
      }
    },
    acknowledge(count) {
      const done = queue.splice(0, Math.min(count, out));
      out = 0;
      const published = done.filter(isEvent);
      // Before files go: what is missing behind the cursor is not looked for.
      moveCursor();
      published.forEach(settle);
      if (events === 0) options.empty();
      if (published.length === done.length) return;
      gaps -= done.length - published.length;
      keepGaps();
    },
    release() {
      takeBack();
      keepBounds();
    },
    refuse() {
      takeBack();
      lose(0, 1, 'refused');
    },
    close() {
      if (!remembered) remember();
      log?.close();
    },
  };
}

/** Whether it goes with a segment: its events, and gaps among them. */
function isOf(segment: Segment, item: Waiting | undefined): boolean {
  return item !== undefined && (!isEvent(item) || item.place?.segment === segment);
}
