/**
 * The part of PromQL that this engine knows, as a typed tree. Parsing leaves nothing to doubt: metrics are rows of the
 * catalogue, scalars and vectors are different types, and whatever is made of numbers alone is already a number.
 */
import type { Metric } from '#contract/metrics.ts';
import type { MathFunction } from './math.ts';
import type { RangeFunction } from './range-functions.ts';

export type Expr = ScalarExpr | VectorExpr;

export type ScalarExpr = NumberLiteral | Time | ScalarOf | ScalarBinary;

export type VectorExpr =
  | Selector
  | OverTime
  | Mapping
  | Timestamp
  | VectorOf
  | Absent
  | Relabelling
  | Negation
  | Aggregation
  | Binary
  | SetOperation;

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
}

/** `time()`. */
export interface Time {
  readonly kind: 'time';
}

/** `scalar(…)` of what is the same for every node. */
export interface ScalarOf {
  readonly kind: 'scalar';
  readonly of: VectorExpr;
}

export interface ScalarBinary {
  readonly kind: 'scalar binary';
  readonly operator: Operator;
  readonly left: ScalarExpr;
  readonly right: ScalarExpr;
}

/** The labels that every series of a node has, whatever its metric. */
export const NODE_LABELS = ['cluster', 'node', 'instance', 'job'] as const;
export type NodeLabel = (typeof NODE_LABELS)[number];

/** Those that tell one node from another. */
export const IDENTIFYING_LABELS = ['instance', 'node'] as const;

export function isNodeLabel(name: string): name is NodeLabel {
  return (NODE_LABELS as readonly string[]).includes(name);
}

export type MatchOperator = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
  readonly matches: (value: string) => boolean;
}

export interface Selector {
  readonly kind: 'selector';
  readonly metric: Metric;
  /** On labels of the metric itself. */
  readonly matchers: readonly Matcher[];
  /** On labels of the node, which all of its series share. */
  readonly nodeMatchers: readonly Matcher[];
  /** How long before the moment, milliseconds. */
  readonly offsetMs: number;
}

/** `selector[range]`; it never stands alone. */
export interface Range {
  readonly kind: 'range';
  readonly selector: Selector;
  readonly rangeMs: number;
}

/** `expression[range:step]`. */
export interface Subquery {
  readonly kind: 'subquery';
  readonly of: VectorExpr;
  readonly rangeMs: number;
  readonly stepMs: number;
  readonly offsetMs: number;
}

/** A function of what each series was over a range: `rate`, `max_over_time`, … */
export interface OverTime {
  readonly kind: 'over time';
  readonly function: RangeFunction;
  readonly over: Range | Subquery;
  /** The scalar of `quantile_over_time` and `predict_linear`. */
  readonly parameter: ScalarExpr | undefined;
}

/** A function of each value by itself: `abs`, `clamp`, `hour`, … */
export interface Mapping {
  readonly kind: 'mapping';
  readonly function: MathFunction;
  readonly of: VectorExpr;
  readonly parameters: readonly ScalarExpr[];
}

export interface Timestamp {
  readonly kind: 'timestamp';
  readonly of: VectorExpr;
}

/** `vector(scalar)`, one series without labels. */
export interface VectorOf {
  readonly kind: 'vector';
  readonly of: ScalarExpr;
}

/** `absent` and `absent_over_time` of a selector that names one node. */
export interface Absent {
  readonly kind: 'absent';
  readonly of: Selector | OverTime;
  readonly selector: Selector;
  /** `name, value, …` sorted, of the series that stands for what is not there. */
  readonly labels: readonly string[];
}

/** `label_replace` and `label_join`. */
export interface Relabelling {
  readonly kind: 'relabelling';
  /** The same for two that do the same. */
  readonly id: string;
  readonly of: VectorExpr;
  readonly target: string;
  readonly sources: readonly string[];
  /** What the label becomes; `undefined` leaves it as it is. */
  readonly derive: (values: readonly string[]) => string | undefined;
}

export interface Negation {
  readonly kind: 'negation';
  readonly of: VectorExpr;
}

export const ARITHMETIC_OPERATORS = ['+', '-', '*', '/', '%', '^'] as const;
export const COMPARISON_OPERATORS = ['==', '!=', '>', '<', '>=', '<='] as const;
export const SET_OPERATORS = ['and', 'or', 'unless'] as const;
export type ArithmeticOperator = (typeof ARITHMETIC_OPERATORS)[number];
export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number];
export type SetOperator = (typeof SET_OPERATORS)[number];
export type Operator = ArithmeticOperator | ComparisonOperator;

/** Which series of two vectors belong together: those that agree on some labels, or on all but some. */
export interface Matching {
  readonly on: boolean;
  readonly labels: readonly string[];
  /** The side that may have several series for one of the other. */
  readonly many: 'left' | 'right' | undefined;
  /** Labels that the result takes from the side that has one. */
  readonly include: readonly string[];
}

export const ALL_LABELS: Matching = { on: false, labels: [], many: undefined, include: [] };

/** At most one side is a scalar. */
export interface Binary {
  readonly kind: 'binary';
  readonly operator: Operator;
  /** Whether a comparison gives 1 and 0 instead of filtering. */
  readonly bool: boolean;
  readonly left: Expr;
  readonly right: Expr;
  readonly matching: Matching;
}

export interface SetOperation {
  readonly kind: 'set';
  readonly operator: SetOperator;
  readonly left: VectorExpr;
  readonly right: VectorExpr;
  readonly matching: Matching;
}

export const AGGREGATIONS = [
  'sum',
  'avg',
  'min',
  'max',
  'count',
  'group',
  'stddev',
  'stdvar',
  'quantile',
  'topk',
  'bottomk',
] as const;
export type AggregationOperator = (typeof AGGREGATIONS)[number];

export interface Aggregation {
  readonly kind: 'aggregation';
  readonly operator: AggregationOperator;
  readonly grouping: 'by' | 'without';
  readonly labels: ReadonlySet<string>;
  readonly of: VectorExpr;
  /** Of `quantile`, `topk` and `bottomk`. */
  readonly parameter: ScalarExpr | undefined;
}

const SCALARS: readonly Expr['kind'][] = ['number', 'time', 'scalar', 'scalar binary'];

export function isScalar(expr: Expr): expr is ScalarExpr {
  return SCALARS.includes(expr.kind);
}

/** Prometheus looks so far back for the last sample of a series, and this engine does so where it looks into the past. */
export const LOOKBACK_MS = 5 * 60_000;

/** What an expression is made of. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'time':
    case 'selector':
      return [];
    case 'over time': {
      const parameter = expr.parameter === undefined ? [] : [expr.parameter];
      return [expr.over.kind === 'range' ? expr.over.selector : expr.over.of, ...parameter];
    }
    case 'mapping':
      return [expr.of, ...expr.parameters];
    case 'aggregation':
      return expr.parameter === undefined ? [expr.of] : [expr.of, expr.parameter];
    case 'binary':
    case 'set':
    case 'scalar binary':
      return [expr.left, expr.right];
    default:
      return [expr.of];
  }
}

/** How far before its moment an expression looks, in milliseconds; 0 for one that sees only the present. */
export function reachOf(expr: Expr): number {
  if (expr.kind === 'selector') return expr.offsetMs === 0 ? 0 : expr.offsetMs + LOOKBACK_MS;
  const parts = Math.max(0, ...partsOf(expr).map(reachOf));
  if (expr.kind !== 'over time') return parts;
  const { over } = expr;
  if (over.kind === 'range') return over.rangeMs + over.selector.offsetMs;
  return over.rangeMs + over.offsetMs + reachOf(over.of);
}
