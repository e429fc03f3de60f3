/** A rule as it is judged: everything parsed and worked out that does not depend on an event. */
import { type ComparisonOperator, type Expr, reachOf, type VectorExpr } from './promql/ast.ts';
import { isComparison, MIRRORED } from './promql/operators.ts';
import type { Template } from './template.ts';

export interface Rule {
  readonly file: string;
  readonly group: string;
  readonly alert: string;
  /** As written. */
  readonly expr: string;
  readonly query: VectorExpr;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly labels: Templates;
  readonly annotations: Templates;
}

export type Templates = readonly (readonly [name: string, template: Template])[];

/** The comparison with a number that decides, if the expression ends in one. */
export interface Threshold {
  readonly operator: ComparisonOperator;
  readonly value: number;
}

export function thresholdOf(expr: Expr): Threshold | undefined {
  if (expr.kind !== 'binary' || expr.bool || !isComparison(expr.operator)) return undefined;
  if (expr.right.kind === 'number') return { operator: expr.operator, value: expr.right.value };
  if (expr.left.kind === 'number') return { operator: MIRRORED[expr.operator], value: expr.left.value };
  return undefined;
}

/** How far back the expression looks, in milliseconds. */
export function windowOf(expr: Expr): number | undefined {
  return reachOf(expr) || undefined;
}
