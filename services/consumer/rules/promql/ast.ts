/**
 * The part of PromQL that this engine knows, as a typed tree. Parsing leaves nothing to doubt: metrics are rows of the
 * catalogue, matchers know where in a row their label stands, and whatever is made of numbers alone is already a number.
 */
import type { Metric } from '#contract/metrics.ts';

export type Expr = NumberLiteral | VectorExpr;
export type VectorExpr = Negation | Selector | Rate | Binary | Aggregation;

export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: number;
}

export interface Negation {
  readonly kind: 'negation';
  readonly of: VectorExpr;
}

/** The labels that every series of a node has, whatever its metric. */
export const NODE_LABELS = ['cluster', 'node', 'instance', 'job'] as const;
export type NodeLabel = (typeof NODE_LABELS)[number];

/** Where a label's value is found: at a place in the event's row, or with the node. */
export type LabelSource = number | NodeLabel;

export type MatchOperator = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly source: LabelSource;
  readonly matches: (value: string) => boolean;
}

export interface Selector {
  readonly kind: 'selector';
  /** The same for two selectors that select the same. */
  readonly id: string;
  readonly metric: Metric;
  readonly matchers: readonly Matcher[];
  /** All labels of the metric's series, sorted by name. */
  readonly columns: readonly { readonly name: string; readonly source: LabelSource }[];
}

/** `rate(selector[range])`. */
export interface Rate {
  readonly kind: 'rate';
  readonly selector: Selector;
  readonly rangeMs: number;
}

export const ARITHMETIC_OPERATORS = ['+', '-', '*', '/', '%', '^'] as const;
export const COMPARISON_OPERATORS = ['==', '!=', '>', '<', '>=', '<='] as const;
export type ArithmeticOperator = (typeof ARITHMETIC_OPERATORS)[number];
export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number];

/** Two vectors match one to one on all labels. At most one side is a number. */
export interface Binary {
  readonly kind: 'binary';
  readonly operator: ArithmeticOperator | ComparisonOperator;
  /** Whether a comparison gives 1 and 0 instead of filtering. */
  readonly bool: boolean;
  readonly left: Expr;
  readonly right: Expr;
}

export const AGGREGATIONS = ['sum', 'avg', 'min', 'max', 'count'] as const;
export type AggregationOperator = (typeof AGGREGATIONS)[number];

export interface Aggregation {
  readonly kind: 'aggregation';
  readonly operator: AggregationOperator;
  readonly grouping: 'by' | 'without';
  readonly labels: ReadonlySet<string>;
  readonly of: VectorExpr;
}

/** Every `rate` in an expression. */
export function ratesOf(expr: Expr): readonly Rate[] {
  switch (expr.kind) {
    case 'number':
    case 'selector':
      return [];
    case 'rate':
      return [expr];
    case 'negation':
    case 'aggregation':
      return ratesOf(expr.of);
    case 'binary':
      return [...ratesOf(expr.left), ...ratesOf(expr.right)];
  }
}

/** The label of a node that each of the vector's series still has. Series without any belong to no node. */
export function identifyingLabels(expr: Expr): readonly NodeLabel[] {
  switch (expr.kind) {
    case 'number':
    case 'selector':
    case 'rate':
      return ['instance', 'node'];
    case 'negation':
      return identifyingLabels(expr.of);
    case 'binary':
      return identifyingLabels(expr.left).filter((label) => identifyingLabels(expr.right).includes(label));
    case 'aggregation':
      return identifyingLabels(expr.of).filter((label) => expr.labels.has(label) === (expr.grouping === 'by'));
  }
}
