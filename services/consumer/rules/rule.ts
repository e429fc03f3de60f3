/** A rule as it is judged: everything parsed and worked out that does not depend on an event. */
import { DEFAULT_SEVERITY, hashOf } from '../alerts/transition.ts';
import { type ComparisonOperator, type Expr, reachOf, type VectorExpr } from './promql/ast.ts';
import { isComparison, MIRRORED } from './promql/operators.ts';
import type { Template } from './template.ts';

export interface Rule extends RuleText {
  readonly file: string;
  readonly query: VectorExpr;
}

/** What of a rule is not its query: as much as a built-in one has, too. */
export interface RuleText {
  readonly group: string;
  readonly alert: string;
  /** As written. */
  readonly expr: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly labels: Templates;
  readonly annotations: Templates;
}

export type Templates = readonly (readonly [name: string, template: Template])[];

/**
 * Names a rule by what its alerts are known by. One that is moved to another file, or told about in other words, or fires later
 * than before, is the same.
 */
export function ruleIdOf({ group, alert, expr, labels }: RuleText): string {
  return hashOf([group, alert, expr, labels.map(([name, { text }]) => [name, text])]);
}

/** The severity of its alerts; `undefined` if it is a template that an alert fills in. */
export function severityOf({ labels }: RuleText): string | undefined {
  const [, template] = labels.find(([name]) => name === 'severity') ?? [];
  if (template === undefined) return DEFAULT_SEVERITY;
  return template.constant === '' ? DEFAULT_SEVERITY : template.constant;
}

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
