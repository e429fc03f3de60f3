/** What PromQL's operators do to two numbers: IEEE 754, as Go does it. */
import {
  ARITHMETIC_OPERATORS,
  type ArithmeticOperator,
  COMPARISON_OPERATORS,
  type ComparisonOperator,
  type Operator,
} from './ast.ts';

/** The operator that says the same with its sides exchanged. */
export const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '==': '==',
  '!=': '!=',
  '>': '<',
  '<': '>',
  '>=': '<=',
  '<=': '>=',
};

export function isOperator(text: string): text is Operator {
  return isComparison(text as Operator) || (ARITHMETIC_OPERATORS as readonly string[]).includes(text);
}

export function isComparison(operator: Operator): operator is ComparisonOperator {
  return (COMPARISON_OPERATORS as readonly string[]).includes(operator);
}

/** Operators as what is worked out at each event asks for them: a number decides in a fraction of what a text takes. */
export const CODES = {
  '+': 0,
  '-': 1,
  '*': 2,
  '/': 3,
  '%': 4,
  '^': 5,
  '==': 6,
  '!=': 7,
  '>': 8,
  '<': 9,
  '>=': 10,
  '<=': 11,
} as const satisfies Readonly<Record<Operator, number>>;
export type ArithmeticCode = (typeof CODES)[ArithmeticOperator];
export type ComparisonCode = (typeof CODES)[ComparisonOperator];

export function calculate(code: ArithmeticCode, a: number, b: number): number {
  switch (code) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a * b;
    case 3:
      return a / b;
    case 4:
      return a % b;
    case 5:
      return power(a, b);
  }
}

export function compare(code: ComparisonCode, a: number, b: number): boolean {
  switch (code) {
    case 6:
      return a === b;
    case 7:
      return a !== b;
    case 8:
      return a > b;
    case 9:
      return a < b;
    case 10:
      return a >= b;
    case 11:
      return a <= b;
  }
}

/** What an operator gives of two numbers; a comparison, which cannot filter them, 1 or 0. */
export function operate(operator: Operator, a: number, b: number): number {
  return isComparison(operator) ? Number(compare(CODES[operator], a, b)) : calculate(CODES[operator], a, b);
}

/** JavaScript's power, but 1 wherever C99 and Go say so and JavaScript says NaN. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent))) return 1;
  return base ** exponent;
}
