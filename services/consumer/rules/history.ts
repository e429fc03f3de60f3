/**
 * The recent past of one node, of those series only that some rule reads as a range. Everything is bounded: the span by
 * the longest range that reads the metric, samples per series and series per node by hard limits, and the past of all
 * nodes together by what it takes in memory. What a limit costs is counted.
 */
import { identify, type Metrics, type Row } from '#contract/event.ts';
import type { HistoryRoom } from './history-room.ts';
import type { Labels } from './labels.ts';
import type { Rate } from './promql/ast.ts';
import { FIRST_CAPACITY, Ring, SAMPLE_BYTES } from './ring.ts';
import { labelsOf, matchesRow, type NodeName, rowsOf, sampleOf } from './series.ts';

/** What rules read of one metric. */
interface Read {
  readonly metric: string;
  readonly rates: readonly Rate[];
  readonly longestMs: number;
}

/** What has to be remembered, worked out once for all rules. */
export type HistoryPlan = readonly Read[];

export interface HistoryLimits {
  readonly seriesPerNode: number;
  readonly samplesPerSeries: number;
}

export interface History {
  readonly labels: Labels;
  readonly ring: Ring;
}

interface Kept extends History {
  readonly readBy: readonly Rate[];
}

/** Of a series with its labels and places in maps, without samples and without what its labels say; measured. */
const SERIES_BYTES = 360;

export function planHistory(rates: readonly Rate[]): HistoryPlan {
  const byMetric = Map.groupBy(rates, (rate) => rate.selector.metric.name);
  return [...byMetric].map(([metric, readers]) => ({
    metric,
    rates: readers,
    longestMs: Math.max(...readers.map((rate) => rate.rangeMs)),
  }));
}

export class NodeHistory {
  readonly #plan: HistoryPlan;
  readonly #limits: HistoryLimits;
  readonly #room: HistoryRoom;
  /** Of what was seen: most nodes of a fleet lack something, and nodes that only somebody claims lack nearly all. */
  readonly #series = new Map<string, Map<string, Kept>>();
  readonly #mayGrow: (samples: number) => boolean;
  #size = 0;
  #bytes = 0;

  constructor(plan: HistoryPlan, limits: HistoryLimits, room: HistoryRoom) {
    this.#plan = plan;
    this.#limits = limits;
    this.#room = room;
    this.#mayGrow = (samples) => 2 * samples <= limits.samplesPerSeries && this.#take(samples * SAMPLE_BYTES);
  }

  /** How many series are kept. */
  get size(): number {
    return this.#size;
  }

  /** The series that a range selector matches, those that the last event no longer had among them. */
  *read(rate: Rate): Generator<History, void> {
    const kept = this.#series.get(rate.selector.metric.name);
    if (kept === undefined) return;
    for (const series of kept.values()) if (series.readBy.includes(rate)) yield series;
  }

  add(metrics: Metrics, node: NodeName, time: number): void {
    for (const read of this.#plan) {
      const series = metrics[read.metric];
      const kept = this.#series.get(read.metric) ?? new Map<string, Kept>();
      if (kept.size === 0 && series === undefined) continue;
      const horizon = time - read.longestMs;
      let seen = 0;
      for (const row of rowsOf(series)) {
        const ring = this.#ringOf(read, kept, row, node);
        if (ring === undefined) continue;
        seen++;
        this.#room.samplesLost += ring.push(time, sampleOf(row), horizon, this.#mayGrow);
      }
      if (seen === kept.size) continue;
      for (const [key, series] of kept) if (series.ring.newest <= horizon) this.#forget(kept, key, series);
    }
  }

  clear(): void {
    for (const kept of this.#series.values()) for (const [key, series] of kept) this.#forget(kept, key, series);
  }

  #ringOf(read: Read, kept: Map<string, Kept>, row: Row, node: NodeName): Ring | undefined {
    const key = identify(row, row.length - 1);
    const known = kept.get(key);
    if (known !== undefined) return known.ring;
    const readBy = readersOf(read, row, node);
    const [first] = readBy;
    if (first === undefined) return undefined;
    if (this.#size >= this.#limits.seriesPerNode || !this.#take(bytesOf(key, FIRST_CAPACITY))) {
      this.#room.seriesRefused++;
      return undefined;
    }
    const added: Kept = { labels: labelsOf(first.selector, row, node).slice(), ring: new Ring(), readBy };
    kept.set(key, added);
    this.#series.set(read.metric, kept);
    this.#size++;
    return added.ring;
  }

  #forget(kept: Map<string, Kept>, key: string, { ring }: Kept): void {
    kept.delete(key);
    this.#size--;
    const bytes = bytesOf(key, ring.capacity);
    this.#room.give(this.#bytes, bytes);
    this.#bytes -= bytes;
  }

  #take(bytes: number): boolean {
    if (!this.#room.take(this.#bytes, bytes)) return false;
    this.#bytes += bytes;
    return true;
  }
}

/** Of nearly all series these are all that read the metric, and then no list of its own is made. */
function readersOf({ rates }: Read, row: Row, node: NodeName): readonly Rate[] {
  for (const { selector } of rates) {
    if (!matchesRow(selector, row, node)) return rates.filter((rate) => matchesRow(rate.selector, row, node));
  }
  return rates;
}

/** A label's text is kept once where it is the whole key, otherwise twice; a character takes one byte or two. */
function bytesOf(key: string, capacity: number): number {
  return SERIES_BYTES + 2 * key.length + capacity * SAMPLE_BYTES;
}
