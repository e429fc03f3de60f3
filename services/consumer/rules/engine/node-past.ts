/**
 * What rules may look at of one node: its last event, and the past of what they read as a range. It is fed with events in
 * the order of their moments and asked at the moment of the last one.
 */
import type { Metrics, Row } from '#contract/event.ts';
import type { HistoryRoom } from '../history-room.ts';
import type { Sample } from '../labels.ts';
import type { NodeName } from '../node-name.ts';
import { LOOKBACK_MS, type NodeLabel, type Selector } from '../promql/ast.ts';
import { MatchingError, type Moment, type VectorOperation } from './operation.ts';
import type { Program, Stepper } from './program.ts';
import { ABSENT, type Layout, resolve, type Shape } from './shape.ts';
import { Table, type TableRoom } from './table.ts';

export interface HistoryLimits {
  readonly seriesPerNode: number;
  readonly samplesPerSeries: number;
}

/** As much of an event as its past is made of. */
export interface Measured {
  readonly metrics: Metrics;
  /** By the node's clock, milliseconds. */
  readonly time: number;
  /** How soon the next one was due, milliseconds. */
  readonly interval: number;
}

const NOTHING: Metrics = {};
const NO_SAMPLES: readonly Sample[] = [];

export class NodePast {
  readonly labels: Readonly<Record<NodeLabel, string>>;
  metrics: Metrics = NOTHING;
  /** The moment of the last event. */
  heardMs = Number.NEGATIVE_INFINITY;
  /** How far apart its events are. */
  intervalMs = 0;
  /** What the node's clock is behind its moments. */
  #shiftMs = 0;
  readonly layouts: (Layout | undefined)[] = [];
  readonly tables: Table[];
  readonly #program: Program;
  readonly #limits: HistoryLimits;
  readonly #history: HistoryRoom;
  readonly #room: TableRoom;
  #series = 0;
  #bytes = 0;
  #selected: Map<Selector, boolean> | undefined;
  readonly #relabelled = new Map<object, { readonly of: Shape; readonly made: unknown }>();
  /** For each table the step that is due next. */
  readonly #due: number[];
  /** When the next of them is due. */
  #nextDue = Number.NEGATIVE_INFINITY;
  #now: Moment | undefined;

  constructor(program: Program, { cluster, node }: NodeName, limits: HistoryLimits, room: HistoryRoom) {
    this.#program = program;
    this.labels = { cluster, node, instance: node, job: program.job };
    this.#limits = limits;
    this.#history = room;
    this.#room = this.#roomIn(room, limits);
    this.tables = program.tables.map((spec) => new Table(spec, this.#room));
    this.#due = program.steppers.map(() => Number.NEGATIVE_INFINITY);
  }

  /** How many series have a past. */
  get size(): number {
    return this.#series;
  }

  /** Takes an event; its moment is later than that of the last one. */
  add({ metrics, time, interval }: Measured, moment: number): void {
    this.#stepTo(moment - 1);
    this.metrics = metrics;
    this.heardMs = moment;
    this.#shiftMs = time - moment;
    this.intervalMs = interval;
    const now = this.#program.momentOf(this, moment, time);
    this.#now = now;
    for (const table of this.#program.tables) {
      if (table.stepMs === 0) (this.tables[table.index] as Table).append(now, interval);
    }
    this.#stepTo(moment);
  }

  /** An older past of the same node, to be filled with events in their order and then put before what is known here. */
  older(): NodePast {
    const past = new NodePast(this.#program, this.labels, this.#limits, this.#history);
    past.#shiftMs = this.#shiftMs;
    return past;
  }

  /** Takes an event of an older past; one that is not later than the last changes nothing. */
  addOlder(event: Measured): void {
    const shift = this.#shiftMs;
    if (event.time - shift > this.heardMs) this.add(event, event.time - shift);
  }

  /** Puts an older past before what is known, and ends it; what of it is not older changes nothing. */
  prepend(past: NodePast): void {
    for (const [i, table] of this.tables.entries()) table.prepend(past.tables[i] as Table);
    past.forget();
  }

  /** What a rule's expression gives at the moment of the last event; `undefined` if it has no answer. */
  evaluate(operation: VectorOperation): readonly Sample[] | undefined {
    if (!this.#program.isNow(this.#now))
      this.#now = this.#program.momentOf(this, this.heardMs, this.heardMs + this.#shiftMs);
    try {
      operation.prepare(this.#now as Moment);
    } catch (error) {
      if (error instanceof MatchingError) return undefined;
      throw error;
    }
    const { shape, values } = operation;
    let samples: Sample[] | undefined;
    for (let i = 0; i < shape.count; i++) {
      const value = values[i] as number;
      if (value === ABSENT) continue;
      samples ??= [];
      samples.push({ name: operation.nameAt(i), labels: resolve(shape.labelsAt(i), this.labels), value });
    }
    return samples ?? NO_SAMPLES;
  }

  /** Forgets what was. */
  clear(): void {
    for (const table of this.tables) table.clear();
    this.#due.fill(Number.NEGATIVE_INFINITY);
    this.#nextDue = Number.NEGATIVE_INFINITY;
    this.metrics = NOTHING;
    this.heardMs = Number.NEGATIVE_INFINITY;
    this.#now = undefined;
  }

  /** Gives back everything that others may share. */
  forget(): void {
    this.clear();
    for (const layout of this.layouts) if (layout !== undefined) this.#program.layouts.give(layout);
    this.layouts.length = 0;
  }

  changeLayout(index: number, names: readonly string[], rows: readonly Row[]): Layout {
    const before = this.layouts[index];
    const layout = this.#program.layouts.take(names, rows);
    while (this.layouts.length <= index) this.layouts.push(undefined);
    this.layouts[index] = layout;
    if (before !== undefined) this.#program.layouts.give(before);
    return layout;
  }

  isSelectedByAny(selectors: readonly Selector[]): boolean {
    for (const selector of selectors) if (this.isSelectedBy(selector)) return true;
    return false;
  }

  /** Whether the labels that all series of the node share are what the selector wants. */
  isSelectedBy(selector: Selector): boolean {
    if (selector.nodeMatchers.length === 0) return true;
    this.#selected ??= new Map();
    const known = this.#selected.get(selector);
    if (known !== undefined) return known;
    const selected = selector.nodeMatchers.every(({ label, matches }) => matches(this.labels[label as NodeLabel]));
    this.#selected.set(selector, selected);
    return selected;
  }

  /** What is made of a shape with labels of this very node. */
  ownOf<T>(maker: object, of: Shape, make: () => T): T {
    const known = this.#relabelled.get(maker);
    if (known?.of === of) return known.made as T;
    const made = make();
    this.#relabelled.set(maker, { of, made });
    return made;
  }

  /** Works out the subqueries at their steps up to a moment, as they were then. */
  #stepTo(moment: number): void {
    if (this.heardMs === Number.NEGATIVE_INFINITY) return;
    const { steppers } = this.#program;
    while (moment >= this.#nextDue) {
      let next = Number.POSITIVE_INFINITY;
      for (let i = 0; i < steppers.length; i++) next = Math.min(next, this.#dueOf(i, moment));
      this.#nextDue = next;
      if (next > moment) return;
      const then = this.#program.momentOf(this, next, next + this.#shiftMs);
      for (let i = 0; i < steppers.length; i++) {
        if (this.#due[i] !== next) continue;
        const { spec } = steppers[i] as Stepper;
        (this.tables[spec.index] as Table).append(then, this.intervalMs);
        this.#due[i] = next + spec.stepMs;
      }
    }
  }

  /** When a subquery is due; steps at which nothing was known any more are passed over. */
  #dueOf(index: number, limit: number): number {
    const { spec, reachMs } = this.#program.steppers[index] as Stepper;
    const heard = this.heardMs;
    let due = this.#due[index] as number;
    if (due === Number.NEGATIVE_INFINITY) due = alignedFrom(heard, spec.stepMs);
    else if (due <= limit && due >= heard + Math.max(reachMs, LOOKBACK_MS)) due = alignedFrom(limit + 1, spec.stepMs);
    this.#due[index] = due;
    return due;
  }

  #roomIn(room: HistoryRoom, limits: HistoryLimits): TableRoom {
    const take = (bytes: number): boolean => {
      if (!room.take(this.#bytes, bytes)) return false;
      this.#bytes += bytes;
      return true;
    };
    return {
      maxSamples: limits.samplesPerSeries,
      take,
      takeSeries: (bytes) => {
        if (this.#series >= limits.seriesPerNode || !take(bytes)) return false;
        this.#series++;
        return true;
      },
      give: (series, bytes) => {
        this.#series -= series;
        room.give(this.#bytes, bytes);
        this.#bytes -= bytes;
      },
      refuseSeries: (count) => {
        room.seriesRefused += count;
      },
      loseSamples: (count) => {
        room.samplesLost += count;
      },
    };
  }
}

/** The first multiple of a step that is not before a time. */
function alignedFrom(timeMs: number, stepMs: number): number {
  return Math.ceil(timeMs / stepMs) * stepMs;
}
