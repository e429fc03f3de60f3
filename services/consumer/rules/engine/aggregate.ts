/** Aggregations: series into groups by their labels, worked out once for each shape, and each group into one number. */
import { type Labels, onlyLabels, withoutLabels } from '../labels.ts';
import type { Aggregation, AggregationOperator } from '../promql/ast.ts';
import { quantileOf } from '../promql/quantile.ts';
import { carryOf, meanOf } from '../promql/sum.ts';
import { type Moment, type ScalarOperation, VectorOperation } from './operation.ts';
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

export class AggregateOperation extends VectorOperation {
  readonly cost: number;
  readonly #operator: Exclude<AggregationOperator, 'topk' | 'bottomk'>;
  readonly #of: VectorOperation;
  readonly #parameter: ScalarOperation | undefined;
  readonly #groups: Derivation<Groups>;

  constructor(
    operator: Exclude<AggregationOperator, 'topk' | 'bottomk'>,
    grouping: Pick<Aggregation, 'grouping' | 'labels'>,
    of: VectorOperation,
    parameter: ScalarOperation | undefined,
  ) {
    super();
    this.#operator = operator;
    this.#of = of;
    this.#parameter = parameter;
    this.#groups = new Derivation((shape) => groupsOf(shape, grouping));
    this.cost = of.cost;
  }

  protected run(moment: Moment): void {
    this.#of.prepare(moment);
    const { shape, of } = this.#groups.of(this.#of.shape);
    const from = this.#of.values;
    const into = this.take(shape);
    into.fill(ABSENT, 0, shape.count);
    switch (this.#operator) {
      case 'sum':
        sum(from, of, into, shape.count);
        break;
      case 'count':
        fold(from, of, into, one, increment);
        break;
      case 'group':
        fold(from, of, into, one, itself);
        break;
      case 'min':
        fold(from, of, into, itself, (least, value) => (least > value || Number.isNaN(least) ? value : least));
        break;
      case 'max':
        fold(from, of, into, itself, (most, value) => (most < value || Number.isNaN(most) ? value : most));
        break;
      case 'avg':
        gather(from, of, into, (values) => meanOf(values, values.length));
        break;
      case 'stddev':
        gather(from, of, into, (values) => Math.sqrt(variance(values)));
        break;
      case 'stdvar':
        gather(from, of, into, variance);
        break;
      case 'quantile': {
        const phi = this.#parameter?.at(moment) ?? Number.NaN;
        gather(from, of, into, (values) => quantileOf(phi, Float64Array.from(values)));
      }
    }
  }
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
  carries.fill(0, 0, count);
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
export class RankOperation extends VectorOperation {
  readonly cost: number;
  readonly #top: boolean;
  readonly #of: VectorOperation;
  readonly #parameter: ScalarOperation;
  readonly #groups: Derivation<Groups>;

  constructor(
    operator: 'topk' | 'bottomk',
    grouping: Pick<Aggregation, 'grouping' | 'labels'>,
    of: VectorOperation,
    parameter: ScalarOperation,
  ) {
    super();
    this.#top = operator === 'topk';
    this.#of = of;
    this.#parameter = parameter;
    this.#groups = new Derivation((shape) => groupsOf(shape, grouping));
    this.cost = of.cost;
  }

  override nameAt(row: number): string | undefined {
    return this.#of.nameAt(row);
  }

  protected run(moment: Moment): void {
    this.#of.prepare(moment);
    const count = Math.trunc(this.#parameter.at(moment));
    const from = this.#of.values;
    const { shape, of } = this.#groups.of(this.#of.shape);
    const into = this.take(this.#of.shape);
    into.fill(ABSENT, 0, of.length);
    if (!(count >= 1)) return;
    const groups = Array.from({ length: shape.count }, (): number[] => []);
    for (let row = 0; row < of.length; row++) if (from[row] !== ABSENT) groups[of[row] as number]?.push(row);
    // What is no number comes last either way.
    const byValue = (a: number, b: number) => {
      const [x, y] = [from[a] as number, from[b] as number];
      if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
      return this.#top ? y - x : x - y;
    };
    for (const rows of groups) for (const row of rows.sort(byValue).slice(0, count)) into[row] = from[row] as number;
  }
}
