/**
 * The log on disk: records, one after the other, in files of a bounded size that are named by the position of their first
 * record; a file goes when none of its records waits. A run appends to files of its own and only reads those of earlier ones,
 * so what one run has written no other can spoil.
 *
 * What a crash may cost. Killed (SIGKILL, out of memory): the event being written, nothing that `append` has returned for, since
 * that is in the page cache. Power cut: what was not synced. Synced is a file when it is full, and by `sync` in between; the
 * spool asks for that while events pile up (outbox.ts), so an outage of bus and power together costs the last second. While
 * the bus takes all, nothing is synced and nothing worth it is there: a sync took 2 to 9 ms on a busy machine and half a
 * second at worst, a write 0.03 to 0.08 ms.
 *
 * Every file stays open while it has something to give: what was written can be read even if the directory goes.
 */
import type { Envelope } from '#contract/event.ts';
import type { Gap } from '#contract/gap.ts';
import { type Cursor, openCursor } from './cursor.ts';
import type { Files, OpenFile } from './files.ts';
import { decodeRecord, encodeRecord, type StoredRecord, scan } from './record.ts';
import { type PlacedGap, type Recovered, recover, type Source } from './recovery.ts';

export interface Segment {
  readonly name: string;
  readonly file: OpenFile;
  size: number;
  /** Records that are not done with. */
  waiting: number;
}

export interface Place {
  readonly segment: Segment;
  readonly position: number;
  readonly offset: number;
  readonly length: number;
}

export interface SegmentLog {
  readonly opened: boolean;
  /** What its files take. */
  readonly bytes: number;
  /** The position of the next record. */
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
  /** All up to this position is done with, and is not found again by the next run. Says whether the disk took that. */
  moveCursor(position: number): boolean;
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
const GAPS = 'gaps';
const NEW_GAPS = 'gaps.new';

export function createSegmentLog({ files, segmentBytes, now, failed }: SegmentLogOptions): SegmentLog {
  const segments = new Set<Segment>();
  let cursor: Cursor | undefined;
  let active: Segment | undefined;
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

  function add(name: string, file: OpenFile, size: number): Segment {
    const segment = { name, file, size, waiting: 0 };
    segments.add(segment);
    bytes += size;
    return segment;
  }

  function remove(segment: Segment): void {
    segments.delete(segment);
    bytes -= segment.size;
    attempt(() => {
      const named = segment.file.linked();
      segment.file.close();
      if (named) files.remove(segment.name);
    });
  }

  function* sources(names: readonly string[]): Generator<Source<Segment>> {
    for (const name of names.toSorted()) {
      const first = Number(SEGMENT.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(first)) continue;
      next = Math.max(next, first + 1);
      let file: OpenFile | undefined;
      let content: Buffer | undefined;
      attempt(() => {
        file = files.open(name, 'read');
        content = file.read(file.size(), 0);
      });
      if (file !== undefined) yield { segment: add(name, file, content?.length ?? 0), first, bytes: content };
    }
  }

  function readGaps(): PlacedGap[] {
    const gaps: PlacedGap[] = [];
    attempt(() => {
      const file = files.open(GAPS, 'read');
      const content = file.read(file.size(), 0);
      file.close();
      for (const part of scan(content)) {
        if ('meta' in part) gaps.push({ gap: part.meta as Gap, before: part.position });
      }
    });
    return gaps;
  }

  function recoverAll(names: readonly string[], done: number): Recovered<Segment> {
    gapsKept = names.includes(GAPS);
    const gaps = gapsKept ? readGaps() : [];
    next = done + 1;
    for (const { before } of gaps) next = Math.max(next, before);
    const recovered = recover(sources(names), done, gaps, now());
    for (const item of recovered.found) {
      if ('gap' in item) continue;
      item.segment.waiting++;
      next = Math.max(next, item.position + 1);
    }
    return recovered;
  }

  function writable(length: number): Segment {
    if (active !== undefined) {
      const full = active.size > 0 && active.size + length > segmentBytes;
      if (full || !active.file.linked()) seal(active);
    }
    if (active === undefined) {
      files.prepare();
      const name = `${String(next).padStart(16, '0')}.log`;
      active = add(name, files.open(name, 'create'), 0);
      nameUnsynced = true;
      torn = false;
    }
    trim(active);
    return active;
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
  }

  function sync(): void {
    attempt(() => {
      active?.file.sync();
      if (nameUnsynced) files.sync();
      nameUnsynced = false;
    });
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
      const names = files.list();
      const opened = openCursor(files, failed);
      try {
        const recovered = recoverAll(names, opened.position);
        for (const segment of segments) if (segment.waiting === 0) remove(segment);
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
      const record = encodeRecord(next, envelope, value);
      const segment = writable(record.length);
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
      segment.size += record.length;
      segment.waiting++;
      bytes += record.length;
      return { segment, position: next++, offset, length: record.length };
    },
    read({ segment, position, offset, length }) {
      let record: StoredRecord | undefined;
      attempt(() => {
        record = decodeRecord(segment.file.read(length, offset), 0);
      });
      return record?.position === position ? record.value : undefined;
    },
    release({ segment }) {
      segment.waiting--;
      if (segment.waiting === 0 && segment !== active) remove(segment);
    },
    seal,
    moveCursor(position) {
      if (cursor === undefined || position <= cursor.position) return true;
      return attempt(() => cursor?.move(position));
    },
    keepGaps(gaps) {
      if (gaps.length === 0 && !gapsKept) return true;
      const kept = attempt(() => {
        if (gaps.length === 0) return files.remove(GAPS);
        const file = files.open(NEW_GAPS, 'replace');
        try {
          file.write(Buffer.concat(gaps.map(({ gap, before }) => encodeRecord(before, gap, new Uint8Array()))), 0);
        } finally {
          file.close();
        }
        files.rename(NEW_GAPS, GAPS);
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
