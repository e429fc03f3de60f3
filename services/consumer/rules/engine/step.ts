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

function combine(combination: Combination, left: number, right: number): number {
  if (combination.kind === 'calculation') return calculate(combination.code, left, right);
  const holds = compare(combination.code, left, right);
  if (combination.bool) return holds ? 1 : 0;
  return holds ? left : ABSENT;
}

/** @param leftRows for each row of the result that of a side, −1 for none; `undefined` if it is the same. */
export function combineRows(
  combination: Combination,
  left: Float64Array,
  leftRows: Int32Array | undefined,
  right: Float64Array,
  rightRows: Int32Array | undefined,
  into: Float64Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const leftRow = leftRows === undefined ? i : (leftRows[i] as number);
    const rightRow = rightRows === undefined ? i : (rightRows[i] as number);
    if (leftRow < 0 || rightRow < 0) {
      into[i] = ABSENT;
      continue;
    }
    const x = left[leftRow] as number;
    const y = right[rightRow] as number;
    if (x === ABSENT || y === ABSENT) into[i] = ABSENT;
    else into[i] = combine(combination, x, y);
  }
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
