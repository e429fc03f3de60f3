/** Operations that give one number. */
import type { Operator } from '../promql/ast.ts';
import { operate } from '../promql/operators.ts';
import type { Moment, ScalarOperation, VectorOperation } from './operation.ts';
import { ABSENT } from './shape.ts';

export class Constant implements ScalarOperation {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  at(): number {
    return this.value;
  }
}

export class TimeOperation implements ScalarOperation {
  at({ clockMs }: Moment): number {
    return clockMs / 1000;
  }
}

export class ScalarOfVector implements ScalarOperation {
  readonly #of: VectorOperation;

  constructor(of: VectorOperation) {
    this.#of = of;
  }

  at(moment: Moment): number {
    this.#of.prepare(moment);
    const { values, shape } = this.#of;
    let found: number | undefined;
    for (let i = 0; i < shape.count; i++) {
      if (values[i] === ABSENT) continue;
      if (found !== undefined) return Number.NaN;
      found = values[i];
    }
    return found ?? Number.NaN;
  }
}

export class ScalarBinaryOperation implements ScalarOperation {
  readonly #operator: Operator;
  readonly #left: ScalarOperation;
  readonly #right: ScalarOperation;

  constructor(operator: Operator, left: ScalarOperation, right: ScalarOperation) {
    this.#operator = operator;
    this.#left = left;
    this.#right = right;
  }

  at(moment: Moment): number {
    return operate(this.#operator, this.#left.at(moment), this.#right.at(moment));
  }
}
