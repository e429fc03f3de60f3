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

export function calculate(operator: ArithmeticOperator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '^':
      return power(a, b);
  }
}

export function compare(operator: ComparisonOperator, a: number, b: number): boolean {
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '>':
      return a > b;
    case '<':
      return a < b;
    case '>=':
      return a >= b;
    case '<=':
      return a <= b;
  }
}

/** JavaScript's power, but 1 wherever C99 and Go say so and JavaScript says NaN. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent))) return 1;
  return base ** exponent;
}
