/**
 * Operations on two vectors: which series of one belong to which of the other is worked out once for each pair of shapes.
 * Where two series of a side would be the partner of one, or a result would come twice, the rule has no answer, as in
 * Prometheus; but only what is there counts, so that is looked at each time, for the shapes where it can happen.
 */
import { type Labels, labelOf, onlyLabels, overrideLabels, withoutLabels } from '../labels.ts';
import { ALL_LABELS, type Matching, type Operator, type SetOperator } from '../promql/ast.ts';
import { MatchingError, VectorOperation } from './operation.ts';
import { ABSENT, JoinedShape, ListShape, Numbering, PairDerivation, type Shape } from './shape.ts';
import { combinationOf, combineRows, isFilter } from './step.ts';

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
  /** What meets, and the number of the result's labels: where several have the same, only one may be there. */
  readonly pairs: readonly (readonly [left: number, right: number, result: number])[];
}

/** More pairs than that are no join that anybody means. */
const MAX_PAIRS = 100_000;

export function match(
  operator: Operator,
  bool: boolean,
  left: VectorOperation,
  right: VectorOperation,
  matching: Matching,
): VectorOperation {
  const { many, on } = matching;
  const pairs = new PairDerivation((l, r) => pair(l, r, matching));
  const combination = combinationOf(operator, bool);
  const [first, second] = cheaperFirst(left, right);
  const nameless = !isFilter(combination) || (on && many === undefined);
  return new VectorOperation({
    cost: left.cost + right.cost,
    nameAt(row) {
      if (nameless) return undefined;
      const { left: leftRows, right: rightRows } = pairs.of(left.shape, right.shape);
      return many === 'right' ? right.nameAt(rightRows?.[row] ?? row) : left.nameAt(leftRows?.[row] ?? row);
    },
    run(into, moment) {
      into.takeNone();
      first.prepare(moment);
      if (!first.some) return;
      second.prepare(moment);
      if (!second.some) return;
      const { shape, left: leftRows, right: rightRows, doubts } = pairs.of(left.shape, right.shape);
      const a = left.values;
      const b = right.values;
      if (doubts !== undefined) refuseDoubles(doubts, matching, a, b);
      combineRows(combination, a, leftRows, b, rightRows, into.take(shape), shape.count);
    },
  });
}

function refuseDoubles(
  { size, left, right, pairs }: Doubts,
  { many }: Matching,
  a: Float64Array,
  b: Float64Array,
): void {
  const [one, groups] = many === 'right' ? [a, left] : [b, right];
  const seen = marksFor(size);
  for (let row = 0; row < groups.length; row++) {
    if (one[row] === ABSENT) continue;
    const group = groups[row] as number;
    if (seen[group] === 1) throw new MatchingError('several series of one side match');
    seen[group] = 1;
  }
  const results = new Set<number>();
  for (const [l, r, result] of pairs) {
    if (a[l] === ABSENT || b[r] === ABSENT) continue;
    if (results.has(result)) throw new MatchingError('several series of the result have the same labels');
    results.add(result);
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
  const doubt = (row: number, other: number, result: number) =>
    many === 'right' ? ([other, row, result] as const) : ([row, other, result] as const);
  const doubted = !oneIsUnique || new Set(numbers).size < numbers.length;
  return {
    shape: new ListShape(results),
    ...sides(
      Int32Array.from(rows, ([row]) => row),
      Int32Array.from(rows, ([, row]) => row),
    ),
    doubts: doubted
      ? { ...groups, pairs: rows.map(([row, other], i) => doubt(row, other, numbers[i] as number)) }
      : undefined,
  };
}

/** `and` and `unless`. */
export function intersect(
  operator: Exclude<SetOperator, 'or'>,
  left: VectorOperation,
  right: VectorOperation,
  matching: Matching,
): VectorOperation {
  const keep = operator === 'and';
  const groups = new PairDerivation((l, r) => groupsOf(l, r, matching));
  const [first, second] = keep ? cheaperFirst(left, right) : [left, right];
  return new VectorOperation({
    cost: left.cost + right.cost,
    nameAt: left.nameAt,
    run(into, moment) {
      into.takeNone();
      first.prepare(moment);
      if (!first.some) return;
      second.prepare(moment);
      if (keep && !second.some) return;
      const { shape, values: a } = left;
      const b = right.values;
      const values = into.take(shape);
      if (shape === right.shape && matching === ALL_LABELS) {
        for (let i = 0; i < shape.count; i++) values[i] = (b[i] !== ABSENT) === keep ? (a[i] as number) : ABSENT;
        return;
      }
      const { size, left: leftGroups, right: rightGroups } = groups.of(shape, right.shape);
      const there = marksFor(size);
      for (let i = 0; i < rightGroups.length; i++) if (b[i] !== ABSENT) there[rightGroups[i] as number] = 1;
      for (let i = 0; i < leftGroups.length; i++) {
        values[i] = (there[leftGroups[i] as number] === 1) === keep ? (a[i] as number) : ABSENT;
      }
    },
  });
}

/** `or`. */
export function unite(left: VectorOperation, right: VectorOperation, matching: Matching): VectorOperation {
  const united = new PairDerivation((l, r) => ({ ...groupsOf(l, r, matching), shape: new JoinedShape(l, r) }));
  return new VectorOperation({
    cost: left.cost + right.cost,
    nameAt: (row) => (row < left.shape.count ? left.nameAt(row) : right.nameAt(row - left.shape.count)),
    run(into, moment) {
      left.prepare(moment);
      right.prepare(moment);
      into.takeNone();
      if (!left.some && !right.some) return;
      const a = left.values;
      const b = right.values;
      const { size, left: leftGroups, right: rightGroups, shape } = united.of(left.shape, right.shape);
      const values = into.take(shape);
      const there = marksFor(size);
      for (let i = 0; i < leftGroups.length; i++) {
        values[i] = a[i] as number;
        if (a[i] !== ABSENT) there[leftGroups[i] as number] = 1;
      }
      for (let i = 0; i < rightGroups.length; i++) {
        values[leftGroups.length + i] = there[rightGroups[i] as number] === 1 ? ABSENT : (b[i] as number);
      }
    },
  });
}

let marks = new Uint8Array(64);

/** So many marks, none set. Nobody keeps them beyond one operation. */
function marksFor(count: number): Uint8Array {
  if (marks.length < count) marks = new Uint8Array(2 * count);
  for (let i = 0; i < count; i++) marks[i] = 0;
  return marks;
}

function cheaperFirst(left: VectorOperation, right: VectorOperation): readonly [VectorOperation, VectorOperation] {
  return right.cost < left.cost ? [right, left] : [left, right];
}
