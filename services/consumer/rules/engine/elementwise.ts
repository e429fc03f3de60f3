/** Operations on each series by itself: signs, functions of one value, arithmetic and comparison with a number. */
import { MATH_FUNCTIONS, type MathFunction } from '../promql/math.ts';
import { type ScalarOperation, VectorOperation } from './operation.ts';
import { ABSENT, UNLABELLED } from './shape.ts';
import { isFilter, type Step, takeStep } from './step.ts';

export function vectorOf(scalar: ScalarOperation): VectorOperation {
  return new VectorOperation({
    cost: 1,
    run(into, moment) {
      into.take(UNLABELLED)[0] = scalar.at(moment);
    },
  });
}

export function negate(of: VectorOperation): VectorOperation {
  return new VectorOperation({
    cost: of.cost,
    run(into, moment) {
      of.prepare(moment);
      const { shape, values: from } = of;
      const values = into.take(shape);
      for (let i = 0; i < shape.count; i++) values[i] = from[i] === ABSENT ? ABSENT : -(from[i] as number);
    },
  });
}

export function map(name: MathFunction, of: VectorOperation, parameters: readonly ScalarOperation[]): VectorOperation {
  const mapped: (value: number, a: number, b: number) => number | undefined = MATH_FUNCTIONS[name];
  const [first, second] = parameters;
  return new VectorOperation({
    cost: of.cost,
    run(into, moment) {
      of.prepare(moment);
      const a = first?.at(moment) ?? Number.NaN;
      const b = second?.at(moment) ?? Number.NaN;
      const { shape, values: from } = of;
      const values = into.take(shape);
      for (let i = 0; i < shape.count; i++) {
        const value = from[i] as number;
        values[i] = value === ABSENT ? ABSENT : (mapped(value, a, b) ?? ABSENT);
      }
    },
  });
}

/** When each sample was taken, by the node's clock: that of a selector with its event, all others now. */
export function timestamp(of: VectorOperation): VectorOperation {
  return new VectorOperation({
    cost: of.cost,
    run(into, moment) {
      of.prepare(moment);
      const seconds = (of.sampledMs(moment) + moment.clockMs - moment.timeMs) / 1000;
      const { shape, values: from } = of;
      const values = into.take(shape);
      for (let i = 0; i < shape.count; i++) values[i] = from[i] === ABSENT ? ABSENT : seconds;
    },
  });
}

/** Series and a number. */
export function withScalar(of: VectorOperation, step: Step): VectorOperation {
  return new VectorOperation({
    cost: of.cost,
    nameAt: isFilter(step.combination) ? of.nameAt : () => undefined,
    run(into, moment) {
      of.prepare(moment);
      const { shape, values } = of;
      takeStep(step, values, into.take(shape), shape.count, moment);
    },
  });
}
