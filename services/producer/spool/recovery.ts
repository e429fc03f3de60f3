/**
 * What the segments of earlier runs still have: each readable record that was not done with, in order, and between them the
 * gaps. A record that is damaged costs itself alone.
 *
 * Every position between what was done with and the last that was written is there, in a gap that was kept, or damaged; the runs
 * say which events those were. So it makes no difference whether a bit has changed, or a file was cut, emptied or removed, and
 * where. If more than one thing was hit, less is known. Without the cursor, what is missing before the first file and behind the
 * last record is not. Without the runs, as in spools of the first version, it is known which events were damaged only where
 * both neighbours are of one run and lie as many events apart as they lie records apart; elsewhere they are counted, and no gap
 * is invented.
 */
import type { Envelope } from '#contract/event.ts';
import { GAP_VERSION, type Gap } from '#contract/gap.ts';
import type { Reached } from './cursor.ts';
import { KEYED, PACKED } from './packing.ts';
import { type StoredRecord, scan } from './record.ts';
import { isSameRun, positionIn, type Run, type RunName, runsFrom } from './run.ts';

/** A gap, and the position of the record that it comes before. */
export interface PlacedGap {
  readonly gap: Gap;
  readonly before: number;
  /** The position that event 0 of its run has, if that is known. */
  readonly base?: number | undefined;
}

export interface Source<Segment> {
  readonly segment: Segment;
  /** The position of its first record. */
  readonly first: number;
  /** `undefined` if it cannot be read. */
  readonly bytes: Buffer | undefined;
}

interface FoundEvent<Segment> {
  readonly segment: Segment;
  readonly envelope: Envelope;
  readonly position: number;
  readonly offset: number;
  readonly length: number;
  /** Of the value as it travels. */
  readonly size: number;
}

type Found<Segment> = FoundEvent<Segment> | { readonly gap: Gap };

interface Placed<Item> {
  readonly position: number;
  readonly item: Item;
}

export interface Left<Segment> {
  /** In the order of their positions. */
  readonly sources: Iterable<Source<Segment>>;
  /** What the cursor says, if there is one. */
  readonly reached: Reached | undefined;
  /** Kept before, in order; what they cover is given up, even if it is still there. */
  readonly gaps: readonly PlacedGap[];
  /** Kept before, in order; `undefined` if they are not all known. */
  readonly runs: readonly Run[] | undefined;
  /** Told of each key of a segment, which its other records are read with. */
  readonly key: (segment: Segment, record: StoredRecord) => void;
  readonly now: number;
}

export interface Recovered<Segment> {
  readonly found: readonly Found<Segment>[];
  /** Those that may have positions which are not done with. */
  readonly runs: readonly Run[];
  readonly lostRecords: number;
  readonly damagedBytes: number;
}

export function recover<Segment>(left: Left<Segment>): Recovered<Segment> {
  const { reached, gaps, now } = left;
  const end = reached?.end;
  const runs = [...(left.runs ?? [])];
  for (const { gap, base } of gaps) if (base !== undefined) know(runs, gap, base);
  const told = gaps.flatMap(({ gap, base }) =>
    base === undefined ? [] : { from: base + gap.from, to: base + gap.to },
  );
  const found: Placed<Found<Segment>>[] = [];
  let lostRecords = 0;
  let damagedBytes = 0;
  /** Since the last readable record. */
  let damage = { damaged: 0, records: 0 };
  /** Up to here each position is accounted for. */
  let last = reached?.done;
  let previous: Neighbour | undefined;

  /** All positions up to this one are missing. */
  function miss(to: number, next?: Neighbour): void {
    const from = (last ?? -1) + 1;
    if (to < from) return;
    last = to;
    const before = lostRecords;
    const named = left.runs && runs;
    for (const part of without(from, to, told).flatMap((span) => partsOf(span, named, previous, next))) {
      if (part.run === undefined) lostRecords += part.to - part.from + 1;
      else for (const gap of gapsOf(part.run, part.from, part.to)) add(part.run.base + gap.from, gap);
    }
    if (lostRecords > before) damagedBytes += damage.damaged;
  }

  function gapsOf({ cluster, node, epoch, base }: Run, from: number, to: number): Gap[] {
    const kept = gaps.filter(({ gap }) => isSameRun(gap, { cluster, node, epoch })).map(({ gap }) => gap);
    return without(from - base, to - base, kept).map((lost) => {
      return { v: GAP_VERSION, cluster, node, epoch, ...lost, time: now, reason: 'damaged' };
    });
  }

  function add(position: number, gap: Gap): void {
    lostRecords += gap.to - gap.from + 1;
    found.push({ position, item: { gap } });
  }

  function take(segment: Segment, record: StoredRecord, meta: Envelope): void {
    const { version, position, offset, length, size } = record;
    // The key comes twice.
    if (previous !== undefined && position <= previous.position) return;
    const envelope =
      previous !== undefined && isSameRun(previous.envelope, meta) ? sharing(previous.envelope, meta) : meta;
    if (version === 2) know(runs, envelope, position - envelope.seq);
    // Behind what the cursor knows of, numbers that are left out never came to disk.
    miss(Math.min(position - 1, end ?? position), { envelope, position });
    damage = { damaged: 0, records: 0 };
    previous = { envelope, position };
    if (position <= (last ?? -1)) return;
    last = position;
    if (gaps.some(({ gap }) => covers(gap, envelope))) return;
    found.push({ position, item: { segment, envelope, position, offset, length, size } });
  }

  for (const { segment, first, bytes } of left.sources) {
    last ??= first - 1;
    const before = previous;
    if (bytes === undefined) damage.records++;
    let hasKey = false;
    for (const part of scan(bytes ?? Buffer.alloc(0))) {
      if ('meta' in part && part.form === PACKED) {
        hasKey = true;
        left.key(segment, part);
      }
      if ('meta' in part && isEnvelope(part.meta) && (part.form !== KEYED || hasKey)) take(segment, part, part.meta);
      else if ('meta' in part) damage = { damaged: damage.damaged + part.length, records: damage.records + 1 };
      else damage = { damaged: damage.damaged + part.damaged, records: damage.records + part.records };
    }
    if (end === undefined && previous === before) miss(first - 1);
  }
  if (end !== undefined) miss(end);
  else if (damage.records > 0) {
    lostRecords += damage.records;
    damagedBytes += damage.damaged;
  }
  const done = reached?.done ?? -1;
  return {
    found: merge(found, placed(gaps, runs, done)),
    runs: runsFrom(runs, done + 1),
    lostRecords,
    damagedBytes,
  };
}

interface Neighbour {
  readonly envelope: Envelope;
  readonly position: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

interface Part extends Span {
  readonly run: Run | undefined;
}

/** Positions by the runs that they are of, as far as that is known. */
function partsOf({ from, to }: Span, runs: readonly Run[] | undefined, previous?: Neighbour, next?: Neighbour): Part[] {
  const between = previous !== undefined && next !== undefined ? runOfBoth(previous, next) : undefined;
  if (between !== undefined) return [{ run: between, from, to }];
  const parts: Part[] = [];
  let behind = to;
  for (const run of runs?.toReversed() ?? []) {
    if (behind < from || run.base > behind) continue;
    parts.push({ run, from: Math.max(from, run.base), to: behind });
    behind = run.base - 1;
  }
  if (behind >= from) parts.push({ run: undefined, from, to: behind });
  return parts.reverse();
}

function runOfBoth(before: Neighbour, after: Neighbour): Run | undefined {
  const { cluster, node, epoch, seq } = before.envelope;
  const base = before.position - seq;
  const same = isSameRun(before.envelope, after.envelope) && after.position - after.envelope.seq === base;
  return same ? { cluster, node, epoch, base } : undefined;
}

function know(runs: Run[], { cluster, node, epoch }: RunName, base: number): void {
  if (runs.some((run) => run.base === base && isSameRun(run, { cluster, node, epoch }))) return;
  const at = runs.findLastIndex((run) => run.base <= base);
  runs.splice(at + 1, 0, { cluster, node, epoch, base });
}

/** What of a span is in none of the gaps. */
function without(from: number, to: number, gaps: readonly Span[]): Span[] {
  const left: Span[] = [];
  let next = from;
  for (const gap of gaps.toSorted((a, b) => a.from - b.from)) {
    if (gap.to < next || gap.from > to) continue;
    if (gap.from > next) left.push({ from: next, to: gap.from - 1 });
    next = gap.to + 1;
  }
  if (next <= to) left.push({ from: next, to });
  return left;
}

/** Gaps that were kept, by where they belong, without those that the cursor has passed. */
function placed(gaps: readonly PlacedGap[], runs: readonly Run[], done: number): Placed<{ readonly gap: Gap }>[] {
  let behind = Number.POSITIVE_INFINITY;
  return gaps
    .filter(({ gap }) => (positionIn(runs, gap, gap.to) ?? Number.POSITIVE_INFINITY) > done)
    .toReversed()
    .map(({ gap, before }) => {
      // One whose run is not known is at least before those that it was kept before.
      behind = Math.min(behind, positionIn(runs, gap, gap.from) ?? before - 0.5);
      return { position: behind, item: { gap } };
    })
    .reverse();
}

function merge<Item>(found: readonly Placed<Item>[], kept: readonly Placed<Item>[]): Item[] {
  const merged: Item[] = [];
  let next = 0;
  for (const { position, item } of found) {
    for (let gap = kept[next]; gap !== undefined && gap.position <= position; gap = kept[++next]) merged.push(gap.item);
    merged.push(item);
  }
  for (const { item } of kept.slice(next)) merged.push(item);
  return merged;
}

function covers(gap: Gap, envelope: Envelope): boolean {
  return isSameRun(gap, envelope) && gap.from <= envelope.seq && envelope.seq <= gap.to;
}

/** With the strings of another, which tens of thousands of events have in common. */
function sharing({ cluster, node, epoch }: RunName, envelope: Envelope): Envelope {
  return { ...envelope, cluster, node, epoch };
}

function isEnvelope(meta: unknown): meta is Envelope {
  if (typeof meta !== 'object' || meta === null) return false;
  const { cluster, node, epoch, seq, time, interval } = meta as Partial<Record<keyof Envelope, unknown>>;
  return (
    [cluster, node, epoch].every((name) => typeof name === 'string') && [seq, time, interval].every(Number.isFinite)
  );
}
