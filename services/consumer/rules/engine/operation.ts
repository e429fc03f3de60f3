/**
 * What an expression is compiled to: operations that are shared by all rules and all nodes. An operation holds the series
 * and values of the node and moment that it was asked for last, so that two rules that read the same work it out once.
 */
import type { NodeLabel } from '../promql/ast.ts';
import type { NodePast } from './node-past.ts';
import { ABSENT, NO_SERIES, type Shape } from './shape.ts';

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

export abstract class VectorOperation {
  shape: Shape = NO_SERIES;
  /** One for each series of the shape, `ABSENT` where it is not there. What lies behind them means nothing. */
  values: Float64Array = NONE;
  /** What it costs, roughly: of two sides the cheaper is looked at first, and often decides. */
  abstract readonly cost: number;
  #stamp = -1;
  #own: Float64Array = NONE;

  prepare(moment: Moment): void {
    if (this.#stamp === moment.stamp) return;
    this.run(moment);
    this.#stamp = moment.stamp;
  }

  /** The metric's name, as long as the values are the metric's own. */
  nameAt(_row: number): string | undefined {
    return undefined;
  }

  /** Whether any series is there. */
  get some(): boolean {
    const { values } = this;
    const { count } = this.shape;
    for (let i = 0; i < count; i++) if (values[i] !== ABSENT) return true;
    return false;
  }

  protected abstract run(moment: Moment): void;

  /** Makes room for the values of a shape. */
  protected take(shape: Shape): Float64Array {
    this.shape = shape;
    if (this.#own.length < shape.count) this.#own = new Float64Array(Math.max(16, 2 * shape.count));
    this.values = this.#own;
    return this.#own;
  }

  protected takeNone(): void {
    this.shape = NO_SERIES;
  }
}

export interface ScalarOperation {
  at(moment: Moment): number;
}
