/**
 * The recent past of one node, of those series only that some rule reads as a range. Everything is bounded: the span by
 * the longest range that reads the metric, samples per series and series per node by hard limits, whose cost is counted.
 */
import { identify, type Metrics, type Row } from '#contract/event.ts';
import type { Labels } from './labels.ts';
import type { Rate } from './promql/ast.ts';
import { Ring } from './ring.ts';
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

/** What the limits cost so far. */
export interface HistoryLosses {
  /** Times that a series was seen and had no room. */
  series: number;
  /** Samples forgotten although a range still covers them. */
  samples: number;
}

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
  readonly #losses: HistoryLosses;
  /** Of what was seen: most nodes of a fleet lack something, and nodes that only somebody claims lack nearly all. */
  readonly #series = new Map<Read, Map<string, Kept>>();
  readonly #readers = new Map<Rate, Set<Kept>>();
  #size = 0;

  constructor(plan: HistoryPlan, limits: HistoryLimits, losses: HistoryLosses) {
    this.#plan = plan;
    this.#limits = limits;
    this.#losses = losses;
  }

  /** How many series are kept. */
  get size(): number {
    return this.#size;
  }

  /** The series that a range selector matches, those that the last event no longer had among them. */
  read(rate: Rate): Iterable<History> {
    return this.#readers.get(rate) ?? [];
  }

  add(metrics: Metrics, node: NodeName, time: number): void {
    for (const read of this.#plan) {
      const series = metrics[read.metric];
      const kept = this.#series.get(read) ?? new Map<string, Kept>();
      if (kept.size === 0 && series === undefined) continue;
      const horizon = time - read.longestMs;
      let seen = 0;
      for (const row of rowsOf(series)) {
        const ring = this.#ringOf(read, kept, row, node);
        if (ring === undefined) continue;
        seen++;
        this.#losses.samples += ring.push(time, sampleOf(row), horizon, this.#limits.samplesPerSeries);
      }
      if (seen === kept.size) continue;
      for (const [key, series] of kept) {
        if (series.ring.newest > horizon) continue;
        kept.delete(key);
        this.#size--;
        for (const rate of series.readBy) this.#readers.get(rate)?.delete(series);
      }
    }
  }

  #ringOf(read: Read, kept: Map<string, Kept>, row: Row, node: NodeName): Ring | undefined {
    if (!isRead(read, row, node)) return undefined;
    const key = identify(row, row.length - 1);
    const known = kept.get(key);
    if (known !== undefined) return known.ring;
    if (this.#size >= this.#limits.seriesPerNode) {
      this.#losses.series++;
      return undefined;
    }
    const readBy = read.rates.filter((rate) => matchesRow(rate.selector, row, node));
    const [first] = readBy as [Rate, ...Rate[]];
    const added: Kept = { labels: labelsOf(first.selector, row, node), ring: new Ring(), readBy };
    kept.set(key, added);
    this.#series.set(read, kept);
    this.#size++;
    for (const rate of readBy) this.#readers.set(rate, (this.#readers.get(rate) ?? new Set()).add(added));
    return added.ring;
  }
}

function isRead({ rates }: Read, row: Row, node: NodeName): boolean {
  for (const { selector } of rates) if (matchesRow(selector, row, node)) return true;
  return false;
}
