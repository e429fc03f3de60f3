/**
 * What an expression is compiled to: operations that are shared by all rules and all nodes. An operation holds the series
 * and values of the node and moment that it was asked for last, so that two rules that read the same work it out once.
 */
import type { NodeLabel } from '../promql/ast.ts';
import type { NodePast } from './node-past.ts';
import { ABSENT, NO_SERIES, type Shape } from './shape.ts';
import { isFilter, type Step, takeStep } from './step.ts';

/** For which node and when. */
export interface Moment {
  readonly node: NodePast;
  readonly labels: Readonly<Record<NodeLabel, string>>;
  /** By which the node's past is measured, milliseconds. */
  readonly timeMs: number;
  /** What the node's own clock says then. */
  readonly clockMs: number;
  /** Of no other moment and node. */
  readonly stamp: number;
}

/** Two series that should be one: as in Prometheus the rule has no answer then. */
export class MatchingError extends Error {}

const NONE = new Float64Array(0);

export interface OperationOptions {
  /** What it costs, roughly: of two sides the cheaper is looked at first, and often decides. */
  readonly cost: number;
  /** Gives `into` the series and values of a moment. */
  readonly run: (into: VectorOperation, moment: Moment) => void;
  /** The metric's name, as long as the values are the metric's own. */
  readonly nameAt?: (row: number) => string | undefined;
  /** When the values were taken, if not at the moment itself; by which the past is measured. */
  readonly sampledMs?: (moment: Moment) => number;
}

/** One class for all, since they call each other: the engine is fastest with what always looks the same. */
export class VectorOperation {
  readonly cost: number;
  shape: Shape = NO_SERIES;
  /** One for each series of the shape, `ABSENT` where it is not there. What lies behind them means nothing. */
  values: Float64Array = NONE;
  readonly nameAt: (row: number) => string | undefined;
  readonly sampledMs: (moment: Moment) => number;
  readonly #run: OperationOptions['run'];
  readonly #steps: readonly Step[];
  #stamp = -1;
  #own: Float64Array = NONE;

  constructor(
    { cost, run, nameAt = () => undefined, sampledMs = ({ timeMs }) => timeMs }: OperationOptions,
    steps: readonly Step[] = [],
  ) {
    this.cost = cost;
    this.#run = run;
    this.#steps = steps;
    this.nameAt = nameAt;
    this.sampledMs = sampledMs;
  }

  prepare(moment: Moment): void {
    if (this.#stamp === moment.stamp) return;
    this.#run(this, moment);
    const steps = this.#steps;
    const { values, shape } = this;
    for (let i = 0; i < steps.length; i++) takeStep(steps[i] as Step, values, values, shape.count, moment);
    this.#stamp = moment.stamp;
  }

  /** The same with one more step, taken on the way; for one that has values of its own, which nobody else wants. */
  followedBy(step: Step): VectorOperation {
    const nameAt = isFilter(step.combination) ? this.nameAt : () => undefined;
    return new VectorOperation({ cost: this.cost, run: this.#run, nameAt }, [...this.#steps, step]);
  }

  /** Whether any series is there. */
  get some(): boolean {
    const { values } = this;
    const { count } = this.shape;
    for (let i = 0; i < count; i++) if (values[i] !== ABSENT) return true;
    return false;
  }

  /** Makes room for the values of a shape. */
  take(shape: Shape): Float64Array {
    this.shape = shape;
    if (this.#own.length < shape.count) this.#own = new Float64Array(Math.max(16, 2 * shape.count));
    this.values = this.#own;
    return this.#own;
  }

  takeNone(): void {
    this.shape = NO_SERIES;
  }

  /** Has the values of another, with other labels. */
  share(shape: Shape, values: Float64Array): void {
    this.shape = shape;
    this.values = values;
  }
}

export interface ScalarOperation {
  at(moment: Moment): number;
}
