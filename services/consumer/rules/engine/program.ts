/**
 * All rules compiled together: what two of them share is one operation, and what any of them reads of the past has one
 * place in the tables that each node fills.
 *
 * A range of up to 15 minutes sees every sample. Of a longer one, functions that need no more see some 300, spread evenly
 * (the last of each stretch, and the very first): a resulting mean, slope or quantile differs little, and an increase at most
 * by what is lost when a counter is reset between two of them. Functions that count samples, or look for the largest or
 * smallest, see all.
 *
 * A subquery is worked out once at each multiple of its step, as event time passes it, and remembered. So just after a start it
 * knows the steps since then, and those that the events which were fed to it before reach.
 *
 * Of two sides the cheaper is looked at first, and if it decides, the other is not: a rule that would have no answer
 * for the sake of the other one (two series that should be one) is then silent instead of failing.
 */
import type { Row } from '#contract/event.ts';
import {
  type Expr,
  isScalar,
  LOOKBACK_MS,
  type OverTime,
  partsOf,
  reachOf,
  type ScalarExpr,
  type Selector,
  type Subquery,
  type VectorExpr,
} from '../promql/ast.ts';
import { OF_EVEN_SAMPLES } from '../promql/range-functions.ts';
import { DEFAULT_JOB } from '../promql/selector.ts';
import { aggregate, rank } from './aggregate.ts';
import { map, negate, timestamp, vectorOf, withScalar } from './elementwise.ts';
import { Frame } from './frame.ts';
import { intersect, match, unite } from './match.ts';
import type { NodePast } from './node-past.ts';
import type { Moment, ScalarOperation, VectorOperation } from './operation.ts';
import { OF_ENDS, overTime } from './over-time.ts';
import { absentOf, relabelled } from './relabel.ts';
import { Constant, ScalarBinaryOperation, ScalarOfVector, TimeOperation } from './scalars.ts';
import { partOf, readMetric, select, selectPast } from './select.ts';
import { Derivation, Layout, layoutKeyOf, type Shape } from './shape.ts';
import { type Step, stepOf } from './step.ts';
import type { Source, TableSpec } from './table.ts';

/** A table that grows by the steps of a subquery. */
export interface Stepper {
  readonly spec: TableSpec;
  /** How long after an event its expressions can still give something. */
  reachMs: number;
  /** How many subqueries stand inside of each other. */
  readonly depth: number;
}

const ALL_SAMPLES_MS = 15 * 60_000;
const EVEN_SAMPLES = 300;
/** Of what lies far back, a table keeps no more for each series. */
const MAX_SLOTS = 2000;
const PAST_SPACING_MS = 30_000;

/** A reading of a metric's past. */
interface Reading {
  readonly selector: Selector;
  readonly spanMs: number;
  readonly spacingMs: number;
}

export class Program {
  readonly tables: TableSpec[] = [];
  /** Those of subqueries inside of others come first. */
  readonly steppers: Stepper[] = [];
  readonly layouts = new Layouts();
  /** What each query became. */
  readonly rules: readonly VectorOperation[];
  readonly #vectors = new Map<string, VectorOperation>();
  readonly #metrics = new Map<string, VectorOperation>();
  readonly #sources = new Map<string, Source>();
  readonly #frames = new Map<string, Frame>();
  readonly #readings: readonly Reading[];
  readonly #users: ReadonlyMap<string, number>;
  readonly #plain: Shape = this.layouts.take([], [[0]] as unknown as readonly Row[]);
  readonly job: string;
  #stamp = 0;
  #now: Moment | undefined;

  /** @param job what every series has as `job`. */
  constructor(queries: readonly VectorExpr[], job = DEFAULT_JOB) {
    this.job = job;
    this.#readings = queries.flatMap(readingsOf);
    this.#users = usersIn(queries);
    this.rules = queries.map((query) => this.#vector(query));
  }

  /** The moment that operations work at from now on. */
  momentOf(node: NodePast, timeMs: number, clockMs: number): Moment {
    this.#now = { node, labels: node.labels, timeMs, clockMs, stamp: ++this.#stamp };
    return this.#now;
  }

  isNow(moment: Moment | undefined): boolean {
    return moment !== undefined && moment === this.#now;
  }

  #scalar(expr: ScalarExpr): ScalarOperation {
    switch (expr.kind) {
      case 'number':
        return new Constant(expr.value);
      case 'time':
        return new TimeOperation();
      case 'scalar':
        return new ScalarOfVector(this.#vector(expr.of));
      case 'scalar binary':
        return new ScalarBinaryOperation(expr.operator, this.#scalar(expr.left), this.#scalar(expr.right));
    }
  }

  #vector(expr: VectorExpr): VectorOperation {
    const key = keyOf(expr);
    const known = this.#vectors.get(key);
    if (known !== undefined) return known;
    const made = this.#make(expr);
    this.#vectors.set(key, made);
    return made;
  }

  #make(expr: VectorExpr): VectorOperation {
    switch (expr.kind) {
      case 'selector':
        return this.#select(expr);
      case 'over time':
        return this.#overTime(expr);
      case 'mapping':
        return map(
          expr.function,
          this.#vector(expr.of),
          expr.parameters.map((parameter) => this.#scalar(parameter)),
        );
      case 'timestamp':
        return timestamp(this.#vector(expr.of));
      case 'vector':
        return vectorOf(this.#scalar(expr.of));
      case 'absent':
        return absentOf(expr, this.#vector(expr.of));
      case 'relabelling':
        return relabelled(expr, this.#vector(expr.of));
      case 'negation':
        return negate(this.#vector(expr.of));
      case 'aggregation': {
        const of = this.#vector(expr.of);
        const parameter = expr.parameter && this.#scalar(expr.parameter);
        const { operator } = expr;
        if (operator !== 'topk' && operator !== 'bottomk') return aggregate(operator, expr, of, parameter);
        return rank(operator, expr, of, parameter ?? new Constant(Number.NaN));
      }
      case 'set': {
        const [left, right] = [this.#vector(expr.left), this.#vector(expr.right)];
        if (expr.operator === 'or') return unite(left, right, expr.matching);
        return intersect(expr.operator, left, right, expr.matching);
      }
      case 'binary': {
        const { operator, bool, left, right, matching } = expr;
        if (isScalar(left)) return this.#step(right as VectorExpr, stepOf(operator, bool, this.#scalar(left), true));
        if (isScalar(right)) return this.#step(left, stepOf(operator, bool, this.#scalar(right), false));
        return match(operator, bool, this.#vector(left), this.#vector(right), matching);
      }
    }
  }

  /** Arithmetic or a comparison with a number: at once with what it is done to, unless others want that as it is. */
  #step(of: VectorExpr, step: Step): VectorOperation {
    const operation = this.#vector(of);
    const shared = this.#users.get(keyOf(of)) !== 1 || of.kind === 'selector' || of.kind === 'relabelling';
    return shared ? withScalar(operation, step) : operation.followedBy(step);
  }

  #select(selector: Selector): VectorOperation {
    if (selector.offsetMs > 0) return selectPast(selector, this.#sourceOf(readingOf(selector)));
    const metric = this.#metric(selector);
    return selector.matchers.length + selector.nodeMatchers.length === 0 ? metric : select(metric, [selector]);
  }

  #metric({ metric }: Selector): VectorOperation {
    const known = this.#metrics.get(metric.name);
    if (known !== undefined) return known;
    const made = readMetric(metric, this.#metrics.size, this.#plain);
    this.#metrics.set(metric.name, made);
    return made;
  }

  #overTime(expr: OverTime): VectorOperation {
    const { over } = expr;
    const parameter = expr.parameter === undefined ? new Constant(Number.NaN) : this.#scalar(expr.parameter);
    const ofMetric = over.kind === 'range';
    const source = ofMetric ? this.#sourceOf(readingOf(expr)) : this.#remember(over);
    const offsetMs = ofMetric ? over.selector.offsetMs : over.offsetMs;
    if (OF_ENDS.includes(expr.function)) source.ends = true;
    const frame = this.#frame(source.table, over.rangeMs, offsetMs);
    const selector = ofMetric ? over.selector : undefined;
    return overTime({ function: expr.function, source, frame, selector, parameter });
  }

  #frame(spec: TableSpec, rangeMs: number, offsetMs: number): Frame {
    const key = `${spec.index} ${rangeMs} ${offsetMs}`;
    const known = this.#frames.get(key);
    if (known !== undefined) return known;
    const frame = new Frame(spec, rangeMs, offsetMs);
    this.#frames.set(key, frame);
    return frame;
  }

  /** Where a subquery's expression is remembered: those of one step and length together, unless one reads the other. */
  #remember({ of, stepMs, rangeMs, offsetMs }: Subquery): Source {
    const spanMs = rangeMs + offsetMs;
    const key = `${stepMs} ${spanMs} ${keyOf(of)}`;
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const operation = this.#vector(of);
    const depth = depthOf(of);
    let stepper = this.steppers.find(
      ({ spec, ...other }) => spec.stepMs === stepMs && spec.spanMs === spanMs && other.depth === depth,
    );
    if (stepper === undefined) {
      stepper = { spec: this.#table({ spanMs, spacingMs: 0, stepMs }), reachMs: 0, depth };
      this.steppers.push(stepper);
      this.steppers.sort((a, b) => a.depth - b.depth);
    }
    stepper.reachMs = Math.max(stepper.reachMs, reachOf(of));
    return this.#addSource(key, stepper.spec, operation, [{ matchers: [] }]);
  }

  /** Where a metric is remembered: all readings of it that need every sample share one place, for as long as the longest. */
  #sourceOf(reading: Reading): Source {
    const name = reading.selector.metric.name;
    const alike = this.#readings.filter(
      ({ selector, spacingMs, spanMs }) =>
        selector.metric.name === name &&
        spacingMs === reading.spacingMs &&
        (spacingMs === 0 || spanMs === reading.spanMs),
    );
    const spanMs = Math.max(...alike.map((other) => other.spanMs));
    const key = `${name} ${spanMs} ${reading.spacingMs}`;
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const { spacingMs } = reading;
    const table =
      this.tables.find((spec) => spec.stepMs === 0 && spec.spanMs === spanMs && spec.spacingMs === spacingMs) ??
      this.#table({ spanMs, spacingMs, stepMs: 0 });
    const selectors = alike.map(({ selector }) => selector);
    const metric = this.#metric(reading.selector);
    // What a selector wants of the node itself is asked at each sample, what it wants of a series once for each shape.
    const always = selectors.some(({ nodeMatchers }) => nodeMatchers.length === 0);
    return this.#addSource(key, table, always ? metric : select(metric, selectors), selectors);
  }

  #table(spec: Pick<TableSpec, 'spanMs' | 'spacingMs' | 'stepMs'>): TableSpec {
    const table = { ...spec, index: this.tables.length, sources: [], lately: [] };
    this.tables.push(table);
    return table;
  }

  #addSource(
    key: string,
    table: TableSpec,
    operation: VectorOperation,
    selectors: readonly Pick<Selector, 'matchers'>[],
  ): Source {
    const kept = new Derivation((shape) => partOf(shape, selectors));
    const source = { table, place: table.sources.length, operation, kept, ends: false };
    table.sources.push(source);
    this.#sources.set(key, source);
    return source;
  }
}

/** For each expression in others how many use it: different expressions, and rules. */
function usersIn(queries: readonly Expr[]): ReadonlyMap<string, number> {
  const users = new Map<string, number>();
  const count = (expr: Expr) => {
    const key = keyOf(expr);
    const known = users.get(key) ?? 0;
    users.set(key, known + 1);
    if (known === 0) partsOf(expr).forEach(count);
  };
  queries.forEach(count);
  return users;
}

/** What an expression reads of the past of metrics. */
function readingsOf(expr: Expr): Reading[] {
  if (expr.kind === 'over time' && expr.over.kind === 'range') return [readingOf(expr)];
  if (expr.kind === 'selector') return expr.offsetMs > 0 ? [readingOf(expr)] : [];
  return partsOf(expr).flatMap(readingsOf);
}

function readingOf(expr: Selector | OverTime): Reading {
  if (expr.kind === 'selector') {
    const spanMs = expr.offsetMs + LOOKBACK_MS;
    const spacingMs = spanMs <= ALL_SAMPLES_MS ? 0 : Math.max(PAST_SPACING_MS, spanMs / MAX_SLOTS);
    return { selector: expr, spanMs, spacingMs };
  }
  if (expr.over.kind === 'subquery') throw new Error('a subquery reads no metric by itself');
  const { selector, rangeMs } = expr.over;
  const spanMs = rangeMs + selector.offsetMs;
  const all = spanMs <= ALL_SAMPLES_MS || !OF_EVEN_SAMPLES.has(expr.function);
  return { selector, spanMs, spacingMs: all ? 0 : Math.max(rangeMs / EVEN_SAMPLES, spanMs / MAX_SLOTS) };
}

/** How many subqueries stand inside of each other. */
function depthOf(expr: Expr): number {
  const inner = Math.max(0, ...partsOf(expr).map(depthOf));
  return expr.kind === 'over time' && expr.over.kind === 'subquery' ? inner + 1 : inner;
}

/** The same text for two expressions that always give the same. */
function keyOf(expr: Expr): string {
  return JSON.stringify(expr, (name, value) => {
    if (value instanceof Set) return [...value];
    // Of a metric its name is enough; functions are told apart by what they were made from.
    if (name === 'metric') return (value as Selector['metric']).name;
    const special = typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0));
    return special ? `${Object.is(value, -0) ? '-' : ''}${value}` : (value as unknown);
  });
}

/** The layouts that nodes have, each once. */
class Layouts {
  readonly #layouts = new Map<string, Layout>();

  take(names: readonly string[], rows: readonly Row[]): Layout {
    const key = layoutKeyOf(names, rows);
    let layout = this.#layouts.get(key);
    if (layout === undefined) {
      layout = new Layout(key, names, rows);
      this.#layouts.set(key, layout);
    }
    layout.holders++;
    return layout;
  }

  give(layout: Layout): void {
    layout.holders--;
    if (layout.holders === 0) this.#layouts.delete(layout.key);
  }
}
