/** Operations on each series by itself: signs, functions of one value, arithmetic and comparison with a number. */
import type { Operator } from '../promql/ast.ts';
import { MATH_FUNCTIONS, type MathFunction } from '../promql/math.ts';
import { calculate, compare, isComparison, MIRRORED } from '../promql/operators.ts';
import { type Moment, type ScalarOperation, VectorOperation } from './operation.ts';
import { MetricOperation, PastOperation, SelectOperation } from './select.ts';
import { ABSENT, UNLABELLED } from './shape.ts';

export class VectorOfScalar extends VectorOperation {
  readonly cost = 1;
  readonly #of: ScalarOperation;

  constructor(of: ScalarOperation) {
    super();
    this.#of = of;
  }

  protected run(moment: Moment): void {
    this.take(UNLABELLED)[0] = this.#of.at(moment);
  }
}

export class NegationOperation extends VectorOperation {
  readonly cost: number;
  readonly #of: VectorOperation;

  constructor(of: VectorOperation) {
    super();
    this.#of = of;
    this.cost = of.cost;
  }

  protected run(moment: Moment): void {
    this.#of.prepare(moment);
    const from = this.#of.values;
    const { count } = this.#of.shape;
    const values = this.take(this.#of.shape);
    for (let i = 0; i < count; i++) values[i] = from[i] === ABSENT ? ABSENT : -(from[i] as number);
  }
}

export class MappingOperation extends VectorOperation {
  readonly cost: number;
  readonly #map: (value: number, a: number, b: number) => number | undefined;
  readonly #of: VectorOperation;
  readonly #parameters: readonly ScalarOperation[];

  constructor(name: MathFunction, of: VectorOperation, parameters: readonly ScalarOperation[]) {
    super();
    this.#map = MATH_FUNCTIONS[name];
    this.#of = of;
    this.#parameters = parameters;
    this.cost = of.cost;
  }

  protected run(moment: Moment): void {
    this.#of.prepare(moment);
    const [a = Number.NaN, b = Number.NaN] = this.#parameters.map((parameter) => parameter.at(moment));
    const from = this.#of.values;
    const { count } = this.#of.shape;
    const values = this.take(this.#of.shape);
    for (let i = 0; i < count; i++) {
      const value = from[i] as number;
      values[i] = value === ABSENT ? ABSENT : (this.#map(value, a, b) ?? ABSENT);
    }
  }
}

/** When each sample was taken: that of a selector with its event, all others now. */
export class TimestampOperation extends VectorOperation {
  readonly cost: number;
  readonly #of: VectorOperation;

  constructor(of: VectorOperation) {
    super();
    this.#of = of;
    this.cost = of.cost;
  }

  protected run(moment: Moment): void {
    this.#of.prepare(moment);
    const { timeMs, clockMs, node } = moment;
    let sampledMs = timeMs;
    if (this.#of instanceof PastOperation) sampledMs = this.#of.sampledMs;
    else if (this.#of instanceof MetricOperation || this.#of instanceof SelectOperation) sampledMs = node.heardMs;
    const seconds = (sampledMs + clockMs - timeMs) / 1000;
    const from = this.#of.values;
    const { count } = this.#of.shape;
    const values = this.take(this.#of.shape);
    for (let i = 0; i < count; i++) values[i] = from[i] === ABSENT ? ABSENT : seconds;
  }
}

/** Series and a number. */
export class WithScalarOperation extends VectorOperation {
  readonly cost: number;
  readonly #operator: Operator;
  readonly #bool: boolean;
  readonly #of: VectorOperation;
  readonly #scalar: ScalarOperation;
  readonly #scalarFirst: boolean;

  constructor(operator: Operator, bool: boolean, of: VectorOperation, scalar: ScalarOperation, scalarFirst: boolean) {
    super();
    this.#operator = scalarFirst && isComparison(operator) ? MIRRORED[operator] : operator;
    this.#bool = bool;
    this.#of = of;
    this.#scalar = scalar;
    this.#scalarFirst = scalarFirst;
    this.cost = of.cost;
  }

  override nameAt(row: number): string | undefined {
    return isComparison(this.#operator) && !this.#bool ? this.#of.nameAt(row) : undefined;
  }

  protected run(moment: Moment): void {
    this.#of.prepare(moment);
    const scalar = this.#scalar.at(moment);
    const from = this.#of.values;
    const { count } = this.#of.shape;
    const values = this.take(this.#of.shape);
    const operator = this.#operator;
    if (isComparison(operator)) {
      for (let i = 0; i < count; i++) {
        const value = from[i] as number;
        if (value === ABSENT) values[i] = ABSENT;
        else if (this.#bool) values[i] = compare(operator, value, scalar) ? 1 : 0;
        // A filter keeps the value of the series, on whichever side it stands.
        else values[i] = compare(operator, value, scalar) ? value : ABSENT;
      }
      return;
    }
    for (let i = 0; i < count; i++) {
      const value = from[i] as number;
      if (value === ABSENT) values[i] = ABSENT;
      else values[i] = this.#scalarFirst ? calculate(operator, scalar, value) : calculate(operator, value, scalar);
    }
  }
}
