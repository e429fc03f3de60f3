/**
 * Operations on two vectors: which series of one belong to which of the other is worked out once for each pair of shapes.
 * Where two series of a side would be the partner of one, or a result would come twice, the rule has no answer, as in
 * Prometheus; but only what is there counts, so that is looked at each time, for the shapes where it can happen.
 */
import { type Labels, labelOf, onlyLabels, overrideLabels, withoutLabels } from '../labels.ts';
import { ALL_LABELS, type Matching, type Operator, type SetOperator } from '../promql/ast.ts';
import { calculate, compare, isComparison } from '../promql/operators.ts';
import { MatchingError, type Moment, VectorOperation } from './operation.ts';
import { ABSENT, JoinedShape, ListShape, Numbering, PairDerivation, type Shape } from './shape.ts';

/** The groups in which two sides meet. */
interface Groups {
  readonly size: number;
  readonly left: Int32Array;
  readonly right: Int32Array;
}

function groupsOf(left: Shape, right: Shape, { on, labels }: Matching): Groups {
  const names = new Set(labels);
  const numbering = new Numbering();
  const groupOf = (own: Labels) => numbering.of(on ? onlyLabels(own, names) : withoutLabels(own, names));
  const number = (shape: Shape) => Int32Array.from({ length: shape.count }, (_, i) => groupOf(shape.labelsAt(i)));
  return { left: number(left), right: number(right), size: numbering.size };
}

interface Pairs {
  readonly shape: Shape;
  /** For each row of the result the row of each side, −1 for none; `undefined` if it is the same row. */
  readonly left: Int32Array | undefined;
  readonly right: Int32Array | undefined;
  /** What has to be looked at each time; `undefined` if nothing can be there twice. */
  readonly doubts: Doubts | undefined;
}

interface Doubts extends Groups {
  /** The result's labels by number, where several rows have the same in a group. */
  readonly results: Int32Array;
}

/** More pairs than that are no join that anybody means. */
const MAX_PAIRS = 100_000;

export class MatchOperation extends VectorOperation {
  readonly cost: number;
  readonly #operator: Operator;
  readonly #bool: boolean;
  readonly #left: VectorOperation;
  readonly #right: VectorOperation;
  readonly #matching: Matching;
  readonly #pairs: PairDerivation<Pairs>;

  constructor(operator: Operator, bool: boolean, left: VectorOperation, right: VectorOperation, matching: Matching) {
    super();
    this.#operator = operator;
    this.#bool = bool;
    this.#left = left;
    this.#right = right;
    this.#matching = matching;
    this.#pairs = new PairDerivation((l, r) => pair(l, r, matching));
    this.cost = left.cost + right.cost;
  }

  override nameAt(row: number): string | undefined {
    const { many, on } = this.#matching;
    if (!isComparison(this.#operator) || this.#bool || (on && many === undefined)) return undefined;
    const { left, right } = this.#pairs.of(this.#left.shape, this.#right.shape);
    if (many === 'right') return this.#right.nameAt(right === undefined ? row : (right[row] as number));
    return this.#left.nameAt(left === undefined ? row : (left[row] as number));
  }

  protected run(moment: Moment): void {
    const [first, second] = cheaperFirst(this.#left, this.#right);
    this.takeNone();
    first.prepare(moment);
    if (!first.some) return;
    second.prepare(moment);
    if (!second.some) return;
    const { shape, left, right, doubts } = this.#pairs.of(this.#left.shape, this.#right.shape);
    const [a, b] = [this.#left.values, this.#right.values];
    if (doubts !== undefined) this.#refuseDoubles(doubts, left, right);
    const operator = this.#operator;
    const comparison = isComparison(operator);
    const bool = this.#bool;
    const values = this.take(shape);
    for (let i = 0; i < shape.count; i++) {
      const leftRow = left === undefined ? i : (left[i] as number);
      const rightRow = right === undefined ? i : (right[i] as number);
      const x = leftRow < 0 ? ABSENT : (a[leftRow] as number);
      const y = rightRow < 0 ? ABSENT : (b[rightRow] as number);
      if (x === ABSENT || y === ABSENT) values[i] = ABSENT;
      else if (!comparison) values[i] = calculate(operator, x, y);
      else if (bool) values[i] = compare(operator, x, y) ? 1 : 0;
      else values[i] = compare(operator, x, y) ? x : ABSENT;
    }
  }

  #refuseDoubles(doubts: Doubts, left: Int32Array | undefined, right: Int32Array | undefined): void {
    const { many } = this.#matching;
    const [a, b] = [this.#left.values, this.#right.values];
    const [one, oneGroups] = many === 'right' ? [a, doubts.left] : [b, doubts.right];
    const seen = new Uint8Array(doubts.size);
    for (let row = 0; row < oneGroups.length; row++) {
      if (one[row] === ABSENT) continue;
      const group = oneGroups[row] as number;
      if (seen[group] === 1) throw new MatchingError('several series of one side match');
      seen[group] = 1;
    }
    const results = new Set<number>();
    for (let i = 0; i < doubts.results.length; i++) {
      const [l, r] = [left?.[i] ?? i, right?.[i] ?? i];
      if (l < 0 || r < 0 || a[l] === ABSENT || b[r] === ABSENT) continue;
      const result = doubts.results[i] as number;
      if (results.has(result)) throw new MatchingError('several series of the result have the same labels');
      results.add(result);
    }
  }
}

function pair(left: Shape, right: Shape, matching: Matching): Pairs {
  const { many, on, labels, include } = matching;
  if (left === right && matching === ALL_LABELS)
    return { shape: left, left: undefined, right: undefined, doubts: undefined };
  const groups = groupsOf(left, right, matching);
  const [manyRows, oneRows] = many === 'right' ? [groups.right, groups.left] : [groups.left, groups.right];
  const partners = Array.from({ length: groups.size }, (): number[] => []);
  for (const [row, group] of oneRows.entries()) partners[group]?.push(row);
  const oneIsUnique = partners.every(({ length }) => length <= 1);
  const manyIsUnique = new Set(manyRows).size === manyRows.length;
  const keepsLabels = include.length === 0 && (many !== undefined || (!on && labels.length === 0));
  const sides = (ofMany: Int32Array | undefined, ofOne: Int32Array) =>
    many === 'right' ? { left: ofOne, right: ofMany } : { left: ofMany, right: ofOne };
  if (keepsLabels && oneIsUnique && (many !== undefined || manyIsUnique)) {
    const partner = Int32Array.from(manyRows, (group) => partners[group]?.[0] ?? -1);
    return { shape: many === 'right' ? right : left, ...sides(undefined, partner), doubts: undefined };
  }
  const rows: (readonly [many: number, one: number])[] = [];
  for (const [row, group] of manyRows.entries()) {
    for (const partner of partners[group] ?? []) if (rows.length < MAX_PAIRS) rows.push([row, partner]);
  }
  const [manyShape, oneShape] = many === 'right' ? [right, left] : [left, right];
  const names = new Set(labels);
  const results = rows.map(([row, partner]) => {
    const own = manyShape.labelsAt(row);
    if (many === undefined) return on ? onlyLabels(own, names) : withoutLabels(own, names);
    const other = oneShape.labelsAt(partner);
    return include.length === 0
      ? own
      : overrideLabels(
          own,
          include.map((label) => [label, labelOf(other, label)] as const),
        );
  });
  const numbering = new Numbering();
  // One to one, a result is what its group is; otherwise it is its labels.
  const numbers = results.map((own, i) =>
    many === undefined ? (manyRows[rows[i]?.[0] ?? 0] as number) : numbering.of(own),
  );
  const doubted = !oneIsUnique || new Set(numbers).size < numbers.length;
  return {
    shape: new ListShape(results),
    ...sides(
      Int32Array.from(rows, ([row]) => row),
      Int32Array.from(rows, ([, row]) => row),
    ),
    doubts: doubted ? { ...groups, results: Int32Array.from(numbers) } : undefined,
  };
}

/** `and` and `unless`. */
export class IntersectOperation extends VectorOperation {
  readonly cost: number;
  readonly #keep: boolean;
  readonly #left: VectorOperation;
  readonly #right: VectorOperation;
  readonly #groups: PairDerivation<Groups>;
  readonly #matching: Matching;

  constructor(operator: Exclude<SetOperator, 'or'>, left: VectorOperation, right: VectorOperation, matching: Matching) {
    super();
    this.#keep = operator === 'and';
    this.#left = left;
    this.#right = right;
    this.#matching = matching;
    this.#groups = new PairDerivation((l, r) => groupsOf(l, r, matching));
    this.cost = left.cost + right.cost;
  }

  override nameAt(row: number): string | undefined {
    return this.#left.nameAt(row);
  }

  protected run(moment: Moment): void {
    const keep = this.#keep;
    const [first, second] = keep ? cheaperFirst(this.#left, this.#right) : [this.#left, this.#right];
    this.takeNone();
    first.prepare(moment);
    if (!first.some) return;
    second.prepare(moment);
    if (keep && !second.some) return;
    const { shape } = this.#left;
    const [a, b] = [this.#left.values, this.#right.values];
    const values = this.take(shape);
    if (shape === this.#right.shape && this.#matching === ALL_LABELS) {
      for (let i = 0; i < shape.count; i++) values[i] = (b[i] !== ABSENT) === keep ? (a[i] as number) : ABSENT;
      return;
    }
    const { size, left, right } = this.#groups.of(shape, this.#right.shape);
    const there = new Uint8Array(size);
    for (let i = 0; i < right.length; i++) if (b[i] !== ABSENT) there[right[i] as number] = 1;
    for (let i = 0; i < left.length; i++) {
      values[i] = (there[left[i] as number] === 1) === keep ? (a[i] as number) : ABSENT;
    }
  }
}

interface United extends Groups {
  readonly shape: Shape;
}

/** `or`. */
export class UniteOperation extends VectorOperation {
  readonly cost: number;
  readonly #left: VectorOperation;
  readonly #right: VectorOperation;
  readonly #united: PairDerivation<United>;

  constructor(left: VectorOperation, right: VectorOperation, matching: Matching) {
    super();
    this.#left = left;
    this.#right = right;
    this.#united = new PairDerivation((l, r) => ({ ...groupsOf(l, r, matching), shape: new JoinedShape(l, r) }));
    this.cost = left.cost + right.cost;
  }

  override nameAt(row: number): string | undefined {
    const { count } = this.#left.shape;
    return row < count ? this.#left.nameAt(row) : this.#right.nameAt(row - count);
  }

  protected run(moment: Moment): void {
    this.#left.prepare(moment);
    this.#right.prepare(moment);
    const [a, b] = [this.#left.values, this.#right.values];
    const { size, left, right, shape } = this.#united.of(this.#left.shape, this.#right.shape);
    const values = this.take(shape);
    const there = new Uint8Array(size);
    for (let i = 0; i < left.length; i++) {
      values[i] = a[i] as number;
      if (a[i] !== ABSENT) there[left[i] as number] = 1;
    }
    for (let i = 0; i < right.length; i++) {
      values[left.length + i] = there[right[i] as number] === 1 ? ABSENT : (b[i] as number);
    }
  }
}

function cheaperFirst(left: VectorOperation, right: VectorOperation): readonly [VectorOperation, VectorOperation] {
  return right.cost < left.cost ? [right, left] : [left, right];
}
