/**
 * The past of some series of one node that are sampled together and kept for equally long. What is sampled are sources: a
 * metric at each event, or the expression of a subquery at each of its steps.
 *
 * A series that comes gets a column, one that went keeps its column for as long as a range may still cover its samples. Of a
 * table with a spacing only the last sample of each stretch of that length stays, so that six hours take no more room
 * than a quarter of one; the newest sample is always there, and the first of all, as long as a range reaches back to it.
 */
import { identifyLabels, type Labels } from '../labels.ts';
import { Columns, FIRST_CAPACITY, VALUE_BYTES } from './columns.ts';
import { MatchingError, type Moment, type VectorOperation } from './operation.ts';
import {
  ABSENT,
  type Derivation,
  isMark,
  JoinedShape,
  ListShape,
  NO_SERIES,
  type Part,
  PartOfShape,
  type Shape,
} from './shape.ts';

/** What all nodes' tables of one kind have in common. */
export interface TableSpec {
  readonly index: number;
  readonly spanMs: number;
  /** 0 if every sample stays. */
  readonly spacingMs: number;
  /** 0 for one that grows with events. */
  readonly stepMs: number;
  readonly sources: Source[];
  /** Where nodes lately had their series: those with the same share the list. */
  readonly lately: (readonly Place[])[];
}

export interface Source {
  readonly table: TableSpec;
  readonly place: number;
  /** What is sampled. */
  operation: VectorOperation;
  /** Which of its series are to be remembered. */
  readonly kept: Derivation<Part>;
  /** Whether anything looks at the first and the last sample of a range only, as long as none between them is lower. */
  ends: boolean;
}

/** What a table asks before it takes memory, and where it counts what it had to leave out. */
export interface TableRoom {
  /** Samples of one series. */
  readonly maxSamples: number;
  take(bytes: number): boolean;
  takeSeries(bytes: number): boolean;
  give(series: number, bytes: number): void;
  refuseSeries(count: number): void;
  loseSamples(count: number): void;
}

/** The series of one source. */
interface Place {
  /** As they were sampled last. */
  readonly current: Shape;
  /** Those of them that are to be remembered. */
  readonly kept: Part;
  /** With those that went, without those that found no room. */
  readonly shape: Shape;
  /** The first column. */
  readonly base: number;
  /** For each series that is kept its column from `base` on, −1 without one; `undefined` if they are the first in order. */
  readonly columns: Int32Array | undefined;
  readonly refused: number;
  /** Those that went and still have samples; they have the last columns. */
  readonly gone: readonly Known[];
  /** What their labels take. */
  readonly bytes: number;
}

const NOWHERE: Place = {
  current: NO_SERIES,
  kept: { shape: NO_SERIES, rows: undefined },
  shape: NO_SERIES,
  base: 0,
  columns: undefined,
  refused: 0,
  gone: [],
  bytes: 0,
};
/** So many lists of places are remembered to be shared. */
const REMEMBERED_LISTS = 8;

/** Of a table without its samples, measured. */
const TABLE_BYTES = 400;
/** Of a series' labels besides their text; of a series that went, which nothing shares, more. */
const SERIES_BYTES = 48;
const GONE_BYTES = 200;

export class Table {
  columns = new Columns(0, FIRST_CAPACITY);
  readonly #spec: TableSpec;
  readonly #room: TableRoom;
  #places: readonly Place[];
  /**
   * When a value that is read for the ends of ranges last went down or was missing: before that a counter may have been reset.
   * Of any source, which usually says it all, and of each.
   */
  unsteadyMs = Number.NEGATIVE_INFINITY;
  readonly #unsteadySourcesMs: number[];
  /** For each source when it had no answer last; `undefined` if all always had. */
  #failedMs: number[] | undefined;
  #bytes = 0;
  /** Some series went, or found no room. */
  #loose = false;
  #changedMs = 0;

  constructor(spec: TableSpec, room: TableRoom) {
    this.#spec = spec;
    this.#room = room;
    this.#places = spec.sources.map(() => NOWHERE);
    this.#unsteadySourcesMs = spec.sources.map(() => Number.NEGATIVE_INFINITY);
  }

  placeOf({ place }: Source): Readonly<Pick<Place, 'shape' | 'base'>> {
    return this.#places[place] as Place;
  }

  /** Since when all values of a source have been there, and none was below the one before. */
  steadySince({ place }: Source): number {
    return this.#unsteadySourcesMs[place] as number;
  }

  /** When a source had no answer last. */
  failedAt({ place }: Source): number {
    return this.#failedMs?.[place] ?? Number.NEGATIVE_INFINITY;
  }

  get series(): number {
    return this.columns.width;
  }

  /** Takes what the sources are now. */
  append(moment: Moment, intervalMs: number): void {
    const { timeMs } = moment;
    const { sources, spanMs } = this.#spec;
    let changed = this.#loose && timeMs - this.#changedMs >= spanMs;
    for (let i = 0; i < sources.length; i++) {
      const { operation } = sources[i] as Source;
      this.#prepare(operation, i, moment);
      const { current, refused } = this.#places[i] as Place;
      if (operation.shape !== current || refused > 0) changed = true;
    }
    if (changed) this.#layOut(timeMs);
    const again = this.columns.length > 1 && this.#isReplaced(this.columns.newest, timeMs);
    const at = this.#slotFor(timeMs, intervalMs, again);
    const before = this.columns.length > 1 ? this.columns.at(this.columns.length - 2) : -1;
    for (let i = 0; i < sources.length; i++) {
      const { operation, ends } = sources[i] as Source;
      const steady = this.#write(this.#places[i] as Place, operation, at, before, again);
      if (steady || !ends) continue;
      this.#unsteadySourcesMs[i] = timeMs;
      this.unsteadyMs = timeMs;
    }
  }

  /** Two series of a subquery that should be one leave it without an answer, and only it. */
  #prepare(operation: VectorOperation, place: number, moment: Moment): void {
    try {
      operation.prepare(moment);
    } catch (error) {
      if (!(error instanceof MatchingError)) throw error;
      operation.takeNone();
      this.#failedMs ??= this.#places.map(() => Number.NEGATIVE_INFINITY);
      this.#failedMs[place] = moment.timeMs;
    }
  }

  /** Puts an older past in front of this one, as far as it is older. */
  prepend(older: Table): void {
    const own = this.columns;
    const first = own.length === 0 ? Number.POSITIVE_INFINITY : own.timeAt(0);
    let count = older.columns.length;
    while (count > 0 && this.#isSeen(older.columns.timeAt(count - 1), first)) count--;
    if (count === 0) return;
    const merged = this.#places.map((place, i) => merge(place, older.#places[i] as Place));
    const width = merged.reduce((sum, { shape }) => sum + shape.count, 0);
    const length = Math.min(count + own.length, this.#room.maxSamples);
    const target = new Columns(width, Math.max(length, own.capacity));
    const bytes = TABLE_BYTES + target.data.byteLength + (this.#labelBytes() + older.#labelBytes());
    this.#release();
    if (!this.#room.take(bytes)) {
      this.#room.loseSamples(count * width);
      this.#take(own);
      return;
    }
    for (let i = 0; i < width; i++) this.#room.takeSeries(0);
    this.#bytes = bytes;
    let base = 0;
    const bases = merged.map(({ shape }) => {
      base += shape.count;
      return base - shape.count;
    });
    const copy = (
      from: Columns,
      index: number,
      columnsOf: (place: number) => readonly [base: number, to: readonly number[]],
    ) => {
      const [at, into] = [from.at(index), target.push(from.timeAt(index))];
      target.data.fill(ABSENT, into + 1, into + target.stride);
      for (let i = 0; i < merged.length; i++) {
        const [fromBase, to] = columnsOf(i);
        for (let j = 0; j < to.length; j++) {
          target.data[into + 1 + (bases[i] as number) + (to[j] as number)] = from.data[at + 1 + fromBase + j] as number;
        }
      }
    };
    const skipped = count + own.length - length;
    for (let i = Math.min(skipped, count); i < count; i++) {
      copy(older.columns, i, (place) => [(older.#places[place] as Place).base, (merged[place] as Merged).ofOlder]);
    }
    for (let i = Math.max(0, skipped - count); i < own.length; i++) {
      copy(own, i, (place) => [(this.#places[place] as Place).base, (merged[place] as Merged).ofNewer]);
    }
    const joinedMs = target.timeAt(Math.max(0, length - own.length));
    this.unsteadyMs = Math.max(this.unsteadyMs, joinedMs);
    this.#places = this.#places.map((place, i) => {
      const { shape, gone } = merged[i] as Merged;
      const bytes = place.bytes + (shape === place.shape ? 0 : (older.#places[i] as Place).bytes);
      this.#unsteadySourcesMs[i] = Math.max(this.#unsteadySourcesMs[i] as number, joinedMs);
      return { ...place, shape, gone: [...place.gone, ...gone], base: bases[i] as number, bytes };
    });
    this.columns = target;
    this.#loose ||= merged.some(({ gone }) => gone.length > 0);
    this.#changedMs = target.newest;
  }

  /** Whether a sample of a time is not older than the first one that is there, or would give way to it. */
  #isSeen(timeMs: number, firstMs: number): boolean {
    return timeMs >= firstMs || this.#isReplaced(timeMs, firstMs);
  }

  /** Whether a later sample takes the place of an earlier one. */
  #isReplaced(earlierMs: number, laterMs: number): boolean {
    const { spacingMs } = this.#spec;
    return spacingMs > 0 && Math.floor(earlierMs / spacingMs) === Math.floor(laterMs / spacingMs);
  }

  clear(): void {
    this.#release();
    this.columns = new Columns(0, FIRST_CAPACITY);
    this.#failedMs = undefined;
    this.#loose = false;
    this.#places = this.#places.map(() => NOWHERE);
    this.unsteadyMs = Number.NEGATIVE_INFINITY;
    this.#unsteadySourcesMs.fill(Number.NEGATIVE_INFINITY);
  }

  #release(): void {
    this.#room.give(this.columns.width, this.#bytes);
    this.#bytes = 0;
  }

  /** Takes back what has just been given. */
  #take(columns: Columns): void {
    this.#bytes = TABLE_BYTES + columns.data.byteLength + this.#labelBytes();
    this.#room.take(this.#bytes);
    for (let i = 0; i < columns.width; i++) this.#room.takeSeries(0);
  }

  #labelBytes(): number {
    return this.#places.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Where a new sample goes. */
  #slotFor(timeMs: number, intervalMs: number, again: boolean): number {
    const { columns } = this;
    const { spanMs, spacingMs, stepMs } = this.#spec;
    if (again) return columns.renew(timeMs);
    while (columns.length > 0 && columns.timeAt(0) <= timeMs - spanMs) columns.dropOldest();
    if (columns.length === columns.capacity) {
      const expected = Math.ceil(spanMs / Math.max(spacingMs, stepMs || intervalMs)) + 2;
      this.#makeRoom(Math.min(2 * columns.capacity, Math.max(expected, columns.capacity + FIRST_CAPACITY)));
    }
    return columns.push(timeMs);
  }

  #makeRoom(wanted: number): void {
    const { columns } = this;
    const capacity = Math.min(wanted, this.#room.maxSamples);
    const bytes = (capacity - columns.capacity) * columns.stride * VALUE_BYTES;
    if (bytes > 0 && this.#room.take(bytes)) {
      this.#bytes += bytes;
      columns.grow(capacity);
      return;
    }
    columns.dropOldest();
    this.#room.loseSamples(columns.width);
  }

  /**
   * @param again whether the slot has values, which stay where there is none now.
   * @returns whether all are there, and none is below the one before.
   */
  #write(place: Place, operation: VectorOperation, at: number, before: number, again: boolean): boolean {
    const { values } = operation;
    const { data } = this.columns;
    const to = at + 1 + place.base;
    const from = before + 1 + place.base;
    const { columns } = place;
    const { shape, rows } = place.kept;
    let unsteady = columns !== undefined || place.shape.count > shape.count;
    if (unsteady && !again) data.fill(ABSENT, to, to + place.shape.count);
    for (let i = 0; i < shape.count; i++) {
      const column = columns === undefined ? i : (columns[i] as number);
      const value = values[rows === undefined ? i : (rows[i] as number)] as number;
      if (value === ABSENT || (before >= 0 && value < (data[from + column] as number))) unsteady = true;
      if (column >= 0 && (value !== ABSENT || !(again || columns !== undefined))) data[to + column] = value;
    }
    return !unsteady;
  }

  /** Gives each series its column, after some came or went. */
  #layOut(timeMs: number): void {
    const old = this.columns;
    const horizon = timeMs - this.#spec.spanMs;
    while (old.length > 0 && old.timeAt(0) <= horizon) old.dropOldest();
    this.#release();
    const empty = TABLE_BYTES + old.capacity * VALUE_BYTES;
    if (this.#room.take(empty)) this.#bytes = empty;
    const drafts = this.#places.map((place, i) => draft(place, this.#spec.sources[i] as Source, old));
    const valueBytes = old.capacity * VALUE_BYTES;
    // What is known comes first, so that whoever makes up series takes nothing from it.
    for (const known of [true, false]) {
      for (const planned of drafts) {
        for (const row of planned.rows) {
          if (row.from >= 0 !== known) continue;
          const bytes = valueBytes + row.bytes;
          row.accepted = this.#bytes > 0 && this.#room.takeSeries(bytes);
          if (row.accepted) this.#bytes += bytes;
        }
      }
    }
    const from: number[] = [];
    this.#loose = false;
    const loose: Place[] = [];
    const places = drafts.map(({ current, kept, rows, twins }): Place => {
      const accepted = rows.filter(({ accepted }) => accepted);
      const base = from.length;
      for (const row of accepted) from.push(row.from);
      const bytes = accepted.reduce((sum, { bytes }) => sum + bytes, 0);
      const refused = rows.length - accepted.length;
      const gone = accepted.filter(({ gone }) => gone);
      let columns: Int32Array | undefined;
      let { shape } = kept;
      if (refused > 0) this.#room.refuseSeries(refused);
      if (refused > 0 || twins !== undefined) {
        let next = 0;
        const columnOf = rows.map((row) => (row.accepted ? next++ : -1));
        columns = Int32Array.from({ length: shape.count }, (_, i) => columnOf[twins?.[i] ?? i] as number);
        const seen = new Set([-1]);
        const first = [...columns.keys()].filter((i) => !seen.has(columns?.[i] ?? -1) && seen.add(columns?.[i] ?? -1));
        shape = new PartOfShape(shape, Int32Array.from(first));
      }
      if (gone.length > 0) shape = sharedShape(kept.shape, shape, gone, loose);
      const place = { current, kept, shape, base, columns, refused, gone, bytes };
      if (shape !== kept.shape) loose.push(place);
      return place;
    });
    this.#places = loose.length > 0 ? places : sharedList(places, this.#spec.lately);
    this.#loose = loose.length > 0;
    this.#changedMs = timeMs;
    this.columns = rearranged(old, from);
  }
}

interface Known {
  readonly labels: Labels;
  readonly key: string;
}

/** A series with the column that it had, or −1. */
interface DraftRow extends Known {
  readonly from: number;
  /** Whether it has samples only. */
  readonly gone: boolean;
  readonly bytes: number;
  accepted: boolean;
}

interface Draft {
  readonly current: Shape;
  readonly kept: Part;
  /** The series that are there now, and behind them those that went and still have samples. */
  readonly rows: readonly DraftRow[];
  /** For each series that is kept its row, where several have the same labels, of which one is there at a time. */
  readonly twins: readonly number[] | undefined;
}

function draft(place: Place, source: Source, columns: Columns): Draft {
  const current = source.operation.shape;
  const kept = source.kept.of(current);
  const { shape } = kept;
  const before = knownIn(place);
  const known = new Map(before.map(({ key }, column) => [key, column]));
  const rows: DraftRow[] = [];
  const rowOf = new Map<string, number>();
  const twins: number[] = [];
  for (let i = 0; i < shape.count; i++) {
    const labels = shape.labelsAt(i);
    const key = identifyLabels(labels);
    const twin = rowOf.get(key);
    twins.push(twin ?? rows.length);
    if (twin !== undefined) continue;
    rowOf.set(key, rows.length);
    const column = known.get(key);
    known.delete(key);
    const from = column === undefined ? -1 : place.base + column;
    rows.push({ labels, key, from, gone: false, bytes: SERIES_BYTES + textOf(labels), accepted: false });
  }
  const distinct = rows.length;
  for (const column of known.values()) {
    const from = place.base + column;
    if (!hasSamples(columns, from)) continue;
    const { labels, key } = before[column] as Known;
    rows.push({ labels, key, from, gone: true, bytes: GONE_BYTES + textOf(labels), accepted: false });
  }
  return { current, kept, rows, twins: distinct < shape.count ? twins : undefined };
}

/** The series that have a column, in order. */
function knownIn({ shape, gone }: Place): readonly Known[] {
  const present = Array.from({ length: shape.count - gone.length }, (_, i): Known => {
    const labels = shape.labelsAt(i);
    return { labels, key: identifyLabels(labels) };
  });
  return [...present, ...gone];
}

/** The characters of labels that are not the same for all series of the node. */
function textOf(labels: Labels): number {
  let length = 0;
  for (let i = 1; i < labels.length; i += 2) if (!isMark(labels[i] as string)) length += (labels[i] as string).length;
  return length;
}

/** With what went. Metrics of one collector lose the same series, and go on sharing a shape. */
function sharedShape(wanted: Shape, kept: Shape, gone: readonly Known[], others: readonly Place[]): Shape {
  const alike = others.find(
    (other) =>
      kept === wanted &&
      other.kept.shape === wanted &&
      other.refused === 0 &&
      other.gone.length === gone.length &&
      other.gone.every(({ key }, i) => key === gone[i]?.key),
  );
  return alike?.shape ?? new JoinedShape(kept, new ListShape(gone.map(({ labels }) => labels)));
}

/** The same list for the same places: what many nodes have in common is then read from the processor's caches. */
function sharedList(places: readonly Place[], lately: (readonly Place[])[]): readonly Place[] {
  const known = lately.find((others) => others.every(({ current }, i) => current === places[i]?.current));
  if (known !== undefined) return known;
  lately.push(places);
  if (lately.length > REMEMBERED_LISTS) lately.shift();
  return places;
}

function hasSamples(columns: Columns, column: number): boolean {
  for (let i = 0; i < columns.length; i++) if (columns.data[columns.at(i) + 1 + column] !== ABSENT) return true;
  return false;
}

/** The same slots with other columns: for each the old one, or −1. */
function rearranged(old: Columns, from: readonly number[]): Columns {
  const columns = new Columns(from.length, old.capacity);
  for (let i = 0; i < old.length; i++) {
    const at = old.at(i);
    const to = columns.push(old.timeAt(i));
    for (let j = 0; j < from.length; j++) {
      const column = from[j] as number;
      columns.data[to + 1 + j] = column < 0 ? ABSENT : (old.data[at + 1 + column] as number);
    }
  }
  return columns;
}

interface Merged {
  readonly shape: Shape;
  /** Those that only the older past has. */
  readonly gone: readonly Known[];
  /** For each column of the older and the newer, its new one. */
  readonly ofOlder: readonly number[];
  readonly ofNewer: readonly number[];
}

/** The series of a newer past, and behind them those that only an older one has. */
function merge(newer: Place, older: Place): Merged {
  const ofNewer = Array.from({ length: newer.shape.count }, (_, i) => i);
  if (newer.shape === older.shape) return { shape: newer.shape, gone: [], ofOlder: ofNewer, ofNewer };
  const known = new Map(knownIn(newer).map(({ key }, column) => [key, column]));
  const gone: Known[] = [];
  const ofOlder = knownIn(older).map((row) => known.get(row.key) ?? newer.shape.count + gone.push(row) - 1);
  const list = new ListShape(gone.map(({ labels }) => labels));
  return { shape: gone.length === 0 ? newer.shape : new JoinedShape(newer.shape, list), gone, ofOlder, ofNewer };
}
