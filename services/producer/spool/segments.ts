/**
 * The log on disk: records, one after the other, in files of a bounded size that are named by the position of their first
 * record; a file goes when none of its records waits. A run appends to files of its own and only reads those of earlier ones,
 * so what one run has written no other can spoil.
 *
 * The first large event of a file is the key that the others are packed with, so it is there twice: what damages one of the two
 * costs nothing. Beside the segments are the cursor, the runs that positions belong to, and the gaps that are not published yet.
 *
 * What a crash may cost. Killed (SIGKILL, out of memory): the event being written, nothing that `append` has returned for, since
 * that is in the page cache. Power cut: what was not synced. Synced is a file when it is full, and by `sync` in between; the
 * spool asks for that while events pile up (outbox.ts), so an outage of bus and power together costs the last second. While
 * the bus takes all, nothing is synced and nothing worth it is there: a sync took 2 to 9 ms on a busy machine and half a
 * second at worst, a write 0.03 to 0.08 ms. What a power cut takes from the end is told as a gap as far as the cursor had come to
 * disk by itself; a file that was synced does not go before the cursor that says why.
 *
 * Every file stays open while it has something to give: what was written can be read even if the directory goes.
 */
import type { Envelope } from '#contract/event.ts';
import type { Gap } from '#contract/gap.ts';
import { type Cursor, openCursor } from './cursor.ts';
import type { Files, OpenFile } from './files.ts';
import { createKeptFile, type KeptFile } from './kept-file.ts';
import { KEYED, PACKED, pack, unpack } from './packing.ts';
import { decodeRecord, encodeRecord, type StoredRecord } from './record.ts';
import { type PlacedGap, type Recovered, recover, type Source } from './recovery.ts';
import { isSameRun, positionIn, type Run, type RunName, runsFrom } from './run.ts';

export interface Segment {
  readonly name: string;
  readonly file: OpenFile;
  size: number;
  /** Records that are not done with. */
  waiting: number;
  /** The position of its last record. */
  last: number;
  /** Whether it may outlive a power cut. */
  synced: boolean;
  /** Where the key is that its other records are packed with. */
  readonly keys: Extent[];
}

interface Extent {
  readonly offset: number;
  readonly length: number;
}

export interface Place extends Extent {
  readonly segment: Segment;
  readonly position: number;
}

export interface SegmentLog {
  readonly opened: boolean;
  /** What its files take. */
  readonly bytes: number;
  /** The position behind the last record. */
  readonly next: number;
  /** Reads what earlier runs have left. Throws if there is no directory to be had; it can be called again then. */
  open(): Recovered<Segment>;
  /** Throws if the disk does not take it: it is not there then, not in part either. */
  append(envelope: Envelope, value: Uint8Array): Place;
  /** The value, or `undefined` if it cannot be read as it was written. */
  read(place: Place): Uint8Array | undefined;
  /** The record is done with. */
  release(place: Place): void;
  /** No more is added to this segment: it goes with its last record. */
  seal(segment: Segment): void;
  /** The position that an event of a run has or would have, if that is known. */
  positionOf(run: RunName, seq: number): number | undefined;
  /**
   * All up to this position is done with, and is not found again by the next run; what is missing between it and the last that
   * was appended is lost. Says whether the disk took that.
   */
  moveCursor(done: number): boolean;
  /** The gaps that the next run is to find. Says whether the disk took them. */
  keepGaps(gaps: readonly PlacedGap[]): boolean;
  sync(): void;
  close(): void;
}

export interface SegmentLogOptions {
  readonly files: Files;
  readonly segmentBytes: number;
  readonly now: () => number;
  /** Told of each failure that loses nothing by itself. */
  readonly failed: (error: unknown) => void;
}

const SEGMENT = /^(\d{16})\.log$/;

export function createSegmentLog({ files, segmentBytes, now, failed }: SegmentLogOptions): SegmentLog {
  const segments = new Set<Segment>();
  const gapsFile = createKeptFile(files, 'gaps');
  const runsFile = createKeptFile(files, 'runs');
  let cursor: Cursor | undefined;
  let active: Segment | undefined;
  /** What `active` is packed with. */
  let activeKey: Uint8Array | undefined;
  /** The key of the segment that was read last. */
  let lastKey: { readonly segment: Segment; readonly value: Uint8Array } | undefined;
  let runs: readonly Run[] = [];
  let runsKept = true;
  let gapsKept = false;
  let nameUnsynced = false;
  /** There is a part of a record behind the last whole one, which must not stand between it and the next. */
  let torn = false;
  let bytes = 0;
  let next = 0;

  function attempt(action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      failed(error);
      return false;
    }
  }

  function add(name: string, file: OpenFile, size: number, synced: boolean): Segment {
    const segment = { name, file, size, waiting: 0, last: -1, synced, keys: [] };
    segments.add(segment);
    bytes += size;
    return segment;
  }

  function remove(segment: Segment): void {
    segments.delete(segment);
    bytes -= segment.size;
    if (lastKey?.segment === segment) lastKey = undefined;
    if (segment.synced) attempt(() => cursor?.sync(segment.last));
    attempt(() => {
      const named = segment.file.linked();
      segment.file.close();
      if (named) files.remove(segment.name);
    });
  }

  function* sources(names: readonly string[]): Generator<Source<Segment>> {
    for (const name of names.toSorted()) {
      const first = firstOf(name);
      if (first === -1) continue;
      let file: OpenFile | undefined;
      let content: Buffer | undefined;
      attempt(() => {
        file = files.open(name, 'read');
        content = file.read(file.size(), 0);
      });
      if (file !== undefined) yield { segment: add(name, file, content?.length ?? 0, true), first, bytes: content };
    }
  }

  function readKept(file: KeptFile): StoredRecord[] {
    let records: StoredRecord[] = [];
    attempt(() => {
      records = file.read();
    });
    return records;
  }

  function recoverAll(opened: Cursor): Recovered<Segment> {
    const names = files.list();
    const gaps = readKept(gapsFile);
    const kept = readKept(runsFile);
    gapsKept = names.includes('gaps');
    const { reached } = opened;
    next = Math.max(reached?.done ?? -1, reached?.end ?? -1) + 1;
    const recovered = recover({
      sources: sources(names),
      reached,
      gaps: gaps.map(placedGap),
      runs: kept[0]?.meta as readonly Run[] | undefined,
      key: ({ keys }, { offset, length }) => keys.push({ offset, length }),
      now: now(),
    });
    for (const item of recovered.found) {
      if ('gap' in item) {
        next = Math.max(next, (positionIn(recovered.runs, item.gap, item.gap.to) ?? -1) + 1);
        continue;
      }
      item.segment.waiting++;
      item.segment.last = item.position;
      next = Math.max(next, item.position + 1);
    }
    runs = recovered.runs.filter(({ base }) => base < next);
    return recovered;
  }

  function positionFor(envelope: Envelope): number {
    const { cluster, node, epoch, seq } = envelope;
    const current = runs.at(-1);
    if (current !== undefined && isSameRun(current, envelope) && current.base + seq >= next) return current.base + seq;
    runs = [...runs, { cluster, node, epoch, base: next }];
    runsKept = false;
    return next + seq;
  }

  function keepRuns(): void {
    if (runsKept) return;
    // In one record: all of them can be read or none, and what is not all is known for it.
    runsKept = attempt(() => runsFile.replace([encodeRecord(next, runs)]));
  }

  function writable(length: number, position: number): Segment {
    if (active !== undefined) {
      const full = active.size > 0 && active.size + length > segmentBytes;
      if (full || !active.file.linked()) seal(active);
    }
    if (active === undefined) {
      files.prepare();
      const name = `${String(position).padStart(16, '0')}.log`;
      active = add(name, files.open(name, 'create'), 0, false);
      nameUnsynced = true;
      torn = false;
      // The directory may be another one than before.
      runs = runsFrom(runs, (cursor?.reached?.done ?? -1) + 1);
      runsKept = false;
    }
    trim(active);
    return active;
  }

  /** The record as it is written, and the segment that it goes to: a key, which its file begins with, is there twice. */
  function fit(position: number, envelope: Envelope, value: Uint8Array) {
    const encode = (key: Uint8Array | undefined) => {
      const stored = pack(value, key);
      const record = encodeRecord(position, envelope, stored);
      const { form } = stored;
      return { record: form === PACKED ? Buffer.concat([record, record]) : record, length: record.length, form };
    };
    const key = activeKey;
    const encoded = encode(key);
    const segment = writable(encoded.record.length, position);
    return { segment, ...(key === activeKey ? encoded : encode(activeKey)) };
  }

  function trim(segment: Segment): void {
    if (torn) segment.file.truncate(segment.size);
    torn = false;
  }

  function seal(segment: Segment): void {
    if (segment !== active) return;
    if (segment.waiting === 0) remove(segment);
    else sync();
    active = undefined;
    activeKey = undefined;
  }

  function sync(): void {
    attempt(() => {
      active?.file.sync();
      if (active !== undefined) active.synced = true;
      if (nameUnsynced) files.sync();
      nameUnsynced = false;
    });
  }

  /** A key that is not there any more may be there a second time. */
  function decodeAt({ file, keys }: Segment, position: number, place: Extent): StoredRecord | undefined {
    for (const { offset, length } of [place, ...keys]) {
      const record = decodeRecord(file.read(length, offset), 0);
      if (record?.position === position) return record;
    }
    return undefined;
  }

  /** Throws if it cannot be read. */
  function keyOf(segment: Segment): Uint8Array | undefined {
    if (segment === active) return activeKey;
    if (lastKey?.segment === segment) return lastKey.value;
    for (const { offset, length } of segment.keys) {
      const record = decodeRecord(segment.file.read(length, offset), 0);
      if (record === undefined) continue;
      const value = unpack(record, undefined);
      lastKey = { segment, value };
      return value;
    }
    return undefined;
  }

  return {
    get opened() {
      return cursor !== undefined;
    },
    get bytes() {
      return bytes;
    },
    get next() {
      return next;
    },
    open() {
      files.prepare();
      const opened = openCursor(files, failed);
      try {
        const recovered = recoverAll(opened);
        for (const segment of segments) if (segment.waiting === 0) remove(segment);
        // What cannot be read or removed keeps its name.
        for (const name of files.list()) next = Math.max(next, firstOf(name) + 1);
        cursor = opened;
        return recovered;
      } catch (error) {
        for (const { file } of segments) attempt(() => file.close());
        segments.clear();
        bytes = 0;
        throw error;
      }
    },
    append(envelope, value) {
      const position = positionFor(envelope);
      const { record, length, form, segment } = fit(position, envelope, value);
      const offset = segment.size;
      try {
        segment.file.write(record, offset);
      } catch (error) {
        torn = true;
        attempt(() => trim(segment));
        // What the disk lacks may be what this file takes for nothing.
        if (segment.size > 0 && segment.waiting === 0) seal(segment);
        throw error;
      }
      if (form === PACKED) {
        activeKey = value;
        segment.keys.push({ offset, length }, { offset: offset + length, length });
      }
      segment.size += record.length;
      segment.waiting++;
      segment.last = position;
      bytes += record.length;
      next = position + 1;
      keepRuns();
      return { segment, position, offset, length };
    },
    read({ segment, position, offset, length }) {
      let value: Uint8Array | undefined;
      attempt(() => {
        const record = decodeAt(segment, position, { offset, length });
        if (record === undefined) return;
        const key = record.form === KEYED ? keyOf(segment) : undefined;
        if (record.form !== KEYED || key !== undefined) value = unpack(record, key);
      });
      return value;
    },
    release({ segment }) {
      segment.waiting--;
      if (segment.waiting === 0 && segment !== active) remove(segment);
    },
    seal,
    positionOf: (run, seq) => positionIn(runs, run, seq),
    moveCursor(done) {
      if (cursor === undefined) return true;
      const end = next - 1;
      const reached = cursor.reached ?? { done: -1, end: -1 };
      if (done <= reached.done && end <= (reached.end ?? -1)) return true;
      return attempt(() => cursor?.move(Math.max(done, reached.done), end));
    },
    keepGaps(gaps) {
      if (gaps.length === 0 && !gapsKept) return true;
      const kept = attempt(() => {
        if (gaps.length === 0) gapsFile.remove();
        else
          gapsFile.replace(
            gaps.map(({ gap, before }) => encodeRecord(before, { gap, base: positionIn(runs, gap, 0) })),
          );
      });
      if (kept) gapsKept = gaps.length > 0;
      return kept;
    },
    sync,
    close() {
      if (active !== undefined) seal(active);
      for (const { file } of segments) attempt(() => file.close());
      attempt(() => cursor?.close());
    },
  };
}

/** The position of the first record of a segment; −1 for what is none. */
function firstOf(name: string): number {
  return Number(SEGMENT.exec(name)?.[1] ?? -1);
}

/** As it was kept. The first version did not know where runs begin. */
function placedGap({ version, meta, position }: StoredRecord): PlacedGap {
  return version === 1
    ? { gap: meta as Gap, before: position }
    : { ...(meta as Omit<PlacedGap, 'before'>), before: position };
}
