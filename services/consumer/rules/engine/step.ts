/** Arithmetic and comparison, of two values that are there or of each value of a vector with a number. */
import type { Operator } from '../promql/ast.ts';
import {
  type ArithmeticCode,
  CODES,
  type ComparisonCode,
  calculate,
  compare,
  isComparison,
  MIRRORED,
} from '../promql/operators.ts';
import type { Moment, ScalarOperation } from './operation.ts';
import { ABSENT } from './shape.ts';

export type Combination =
  | { readonly kind: 'calculation'; readonly code: ArithmeticCode }
  /** Without `bool` it keeps the left value or nothing. */
  | { readonly kind: 'comparison'; readonly code: ComparisonCode; readonly bool: boolean };

export interface Step {
  readonly combination: Combination;
  readonly scalar: ScalarOperation;
  readonly scalarFirst: boolean;
}

export function combinationOf(operator: Operator, bool: boolean): Combination {
  if (isComparison(operator)) return { kind: 'comparison', code: CODES[operator], bool };
  return { kind: 'calculation', code: CODES[operator] };
}

export function stepOf(operator: Operator, bool: boolean, scalar: ScalarOperation, scalarFirst: boolean): Step {
  // A filter keeps the value of the series, on whichever side it stands.
  if (!scalarFirst || !isComparison(operator)) {
    return { combination: combinationOf(operator, bool), scalar, scalarFirst };
  }
  return { combination: combinationOf(MIRRORED[operator], bool), scalar, scalarFirst: false };
}

/** Whether what is left is a value as it was. */
export function isFilter(combination: Combination): boolean {
  return combination.kind === 'comparison' && !combination.bool;
}

export function combine(combination: Combination, left: number, right: number): number {
  if (combination.kind === 'calculation') return calculate(combination.code, left, right);
  const holds = compare(combination.code, left, right);
  if (combination.bool) return holds ? 1 : 0;
  return holds ? left : ABSENT;
}

/** @param into may be `from`. */
export function takeStep(
  { combination, scalar, scalarFirst }: Step,
  from: Float64Array,
  into: Float64Array,
  count: number,
  moment: Moment,
): void {
  const number = scalar.at(moment);
  for (let i = 0; i < count; i++) {
    const value = from[i] as number;
    if (value === ABSENT) into[i] = ABSENT;
    else into[i] = scalarFirst ? combine(combination, number, value) : combine(combination, value, number);
  }
}
