/** Aggregations: series into groups by their labels, worked out once for each shape, and each group into one number. */
import { type Labels, onlyLabels, withoutLabels } from '../labels.ts';
import type { Aggregation, AggregationOperator } from '../promql/ast.ts';
import { quantileOf } from '../promql/quantile.ts';
import { carryOf, meanOf } from '../promql/sum.ts';
import { type ScalarOperation, VectorOperation } from './operation.ts';
import { ABSENT, Derivation, ListShape, Numbering, type Shape } from './shape.ts';

interface Groups {
  readonly shape: Shape;
  /** For each series its group. */
  readonly of: Int32Array;
}

function groupsOf(shape: Shape, { grouping, labels }: Pick<Aggregation, 'grouping' | 'labels'>): Groups {
  const numbering = new Numbering();
  const groups: Labels[] = [];
  const of = Int32Array.from({ length: shape.count }, (_, row) => {
    const own = shape.labelsAt(row);
    const kept = grouping === 'by' ? onlyLabels(own, labels) : withoutLabels(own, labels);
    const number = numbering.of(kept);
    if (number === groups.length) groups.push(kept);
    return number;
  });
  return { shape: new ListShape(groups), of };
}

let carries = new Float64Array(16);

export function aggregate(
  operator: Exclude<AggregationOperator, 'topk' | 'bottomk'>,
  grouping: Pick<Aggregation, 'grouping' | 'labels'>,
  of: VectorOperation,
  parameter: ScalarOperation | undefined,
): VectorOperation {
  const groups = new Derivation((shape) => groupsOf(shape, grouping));
  return new VectorOperation({
    cost: of.cost,
    run(into, moment) {
      of.prepare(moment);
      const { shape, of: groupOf } = groups.of(of.shape);
      const from = of.values;
      const values = into.take(shape);
      for (let group = 0; group < shape.count; group++) values[group] = ABSENT;
      switch (operator) {
        case 'sum':
          sum(from, groupOf, values, shape.count);
          break;
        case 'avg':
          average(from, groupOf, values, shape.count);
          break;
        case 'count':
          fold(from, groupOf, values, one, increment);
          break;
        case 'group':
          fold(from, groupOf, values, one, itself);
          break;
        case 'min':
          fold(from, groupOf, values, itself, (least, value) => (least > value || Number.isNaN(least) ? value : least));
          break;
        case 'max':
          fold(from, groupOf, values, itself, (most, value) => (most < value || Number.isNaN(most) ? value : most));
          break;
        case 'stddev':
          gather(from, groupOf, values, (group) => Math.sqrt(variance(group)));
          break;
        case 'stdvar':
          gather(from, groupOf, values, variance);
          break;
        case 'quantile': {
          const phi = parameter?.at(moment) ?? Number.NaN;
          gather(from, groupOf, values, (group) => quantileOf(phi, Float64Array.from(group)));
        }
      }
    },
  });
}

const one = () => 1;
const itself = (value: number) => value;
const increment = (count: number) => count + 1;

function fold(
  from: Float64Array,
  of: Int32Array,
  into: Float64Array,
  begin: (value: number) => number,
  goOn: (before: number, value: number) => number,
): void {
  for (let i = 0; i < of.length; i++) {
    const value = from[i] as number;
    if (value === ABSENT) continue;
    const group = of[i] as number;
    const before = into[group] as number;
    into[group] = before === ABSENT ? begin(value) : goOn(before, value);
  }
}

function sum(from: Float64Array, of: Int32Array, into: Float64Array, count: number): void {
  if (carries.length < count) carries = new Float64Array(2 * count);
  for (let group = 0; group < count; group++) carries[group] = 0;
  for (let i = 0; i < of.length; i++) {
    const value = from[i] as number;
    if (value === ABSENT) continue;
    const group = of[i] as number;
    const before = into[group] as number;
    if (before === ABSENT) into[group] = value;
    else {
      carries[group] = carryOf(before, value, carries[group] as number);
      into[group] = before + value;
    }
  }
  for (let group = 0; group < count; group++)
    if (into[group] !== ABSENT) into[group] = (into[group] as number) + (carries[group] as number);
}

let counts = new Float64Array(16);

function average(from: Float64Array, of: Int32Array, into: Float64Array, count: number): void {
  sum(from, of, into, count);
  for (let group = 0; group < count; group++) {
    if (Number.isFinite(into[group])) continue;
    gather(from, of, into, (values) => meanOf(values, values.length));
    return;
  }
  if (counts.length < count) counts = new Float64Array(2 * count);
  for (let group = 0; group < count; group++) counts[group] = 0;
  for (let i = 0; i < of.length; i++) {
    if (from[i] !== ABSENT) counts[of[i] as number] = (counts[of[i] as number] as number) + 1;
  }
  for (let group = 0; group < count; group++) {
    if (into[group] !== ABSENT) into[group] = (into[group] as number) / (counts[group] as number);
  }
}

/** For what needs all values of a group at once. */
function gather(
  from: Float64Array,
  of: Int32Array,
  into: Float64Array,
  reduce: (values: readonly number[]) => number,
): void {
  const groups: number[][] = [];
  for (let i = 0; i < of.length; i++) {
    const value = from[i] as number;
    if (value === ABSENT) continue;
    const group = of[i] as number;
    const values = groups[group];
    if (values === undefined) groups[group] = [value];
    else values.push(value);
  }
  groups.forEach((values, group) => {
    into[group] = reduce(values);
  });
}

/** Welford's. */
function variance(values: readonly number[]): number {
  let [mean, squares] = [0, 0];
  for (const [i, value] of values.entries()) {
    const delta = value - mean;
    mean += delta / (i + 1);
    squares += delta * (value - mean);
  }
  return squares / values.length;
}

/** `topk` and `bottomk`: the series themselves. */
export function rank(
  operator: 'topk' | 'bottomk',
  grouping: Pick<Aggregation, 'grouping' | 'labels'>,
  of: VectorOperation,
  parameter: ScalarOperation,
): VectorOperation {
  const groups = new Derivation((shape) => groupsOf(shape, grouping));
  return new VectorOperation({
    cost: of.cost,
    nameAt: of.nameAt,
    run(into, moment) {
      of.prepare(moment);
      const count = Math.trunc(parameter.at(moment));
      const from = of.values;
      const { shape, of: groupOf } = groups.of(of.shape);
      const values = into.take(of.shape);
      values.fill(ABSENT, 0, groupOf.length);
      if (!(count >= 1)) return;
      const rows = Array.from({ length: shape.count }, (): number[] => []);
      for (let row = 0; row < groupOf.length; row++) if (from[row] !== ABSENT) rows[groupOf[row] as number]?.push(row);
      // What is no number comes last either way.
      const byValue = (a: number, b: number) => {
        const [x, y] = [from[a] as number, from[b] as number];
        if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
        return operator === 'topk' ? y - x : x - y;
      };
      for (const group of rows)
        for (const row of group.sort(byValue).slice(0, count)) values[row] = from[row] as number;
    },
  });
}
