/** Operations that look at labels only: `label_replace`, `label_join`, and `absent` of one node. */
import { labelOf, overrideLabels } from '../labels.ts';
import { type Absent, isNodeLabel, type Relabelling } from '../promql/ast.ts';
import { MatchingError, type Moment, VectorOperation } from './operation.ts';
import { ABSENT, Derivation, ListShape, markOf, Numbering, resolve, type Shape } from './shape.ts';

interface Relabelled {
  readonly shape: Shape;
  /** The labels by number if some come twice: then only one of them may be there. */
  readonly numbers: Int32Array | undefined;
}

export class RelabelOperation extends VectorOperation {
  readonly cost: number;
  readonly #of: VectorOperation;
  readonly #relabelling: Relabelling;
  /** What is made of the labels that all series of a node share is different for each node. */
  readonly #ofNode: boolean;
  readonly #relabelled: Derivation<Relabelled>;

  constructor(relabelling: Relabelling, of: VectorOperation) {
    super();
    this.#of = of;
    this.#relabelling = relabelling;
    this.#ofNode = [relabelling.target, ...relabelling.sources].some(isNodeLabel);
    this.#relabelled = new Derivation((shape) => relabel(shape, relabelling, undefined));
    this.cost = of.cost;
  }

  override nameAt(row: number): string | undefined {
    return this.#of.nameAt(row);
  }

  protected run(moment: Moment): void {
    this.#of.prepare(moment);
    const from = this.#of.shape;
    const { shape, numbers } = this.#ofNode
      ? moment.node.ownOf(this, from, () => relabel(from, this.#relabelling, moment.labels))
      : this.#relabelled.of(from);
    if (numbers !== undefined) this.#refuseDoubles(numbers);
    this.shape = shape;
    this.values = this.#of.values;
  }

  #refuseDoubles(numbers: Int32Array): void {
    const seen = new Set<number>();
    for (let i = 0; i < numbers.length; i++) {
      if (this.#of.values[i] === ABSENT) continue;
      if (seen.has(numbers[i] as number)) throw new MatchingError('several series have the same labels');
      seen.add(numbers[i] as number);
    }
  }
}

function relabel(
  shape: Shape,
  { target, sources, derive }: Relabelling,
  node: Moment['labels'] | undefined,
): Relabelled {
  const numbering = new Numbering();
  const all = Array.from({ length: shape.count }, (_, row) => {
    const labels = shape.labelsAt(row);
    const known = node === undefined ? labels : resolve(labels, node);
    const value = derive(sources.map((source) => labelOf(known, source)));
    if (value === undefined) return labels;
    // Other vectors have the node's own labels as marks.
    const own = node !== undefined && isNodeLabel(target) && value === node[target];
    return overrideLabels(labels, [[target, own ? markOf(target) : value]]);
  });
  const numbers = Int32Array.from(all, (labels) => numbering.of(labels));
  return { shape: new ListShape(all), numbers: numbering.size < all.length ? numbers : undefined };
}

export class AbsentOperation extends VectorOperation {
  readonly cost: number;
  readonly #of: VectorOperation;
  readonly #absent: Absent;
  readonly #shape: Shape;

  constructor(absent: Absent, of: VectorOperation) {
    super();
    this.#of = of;
    this.#absent = absent;
    // It speaks of one node, so what it wants of the node's labels is what they are there.
    const { labels } = absent;
    this.#shape = new ListShape([
      labels.map((text, i) => {
        const name = labels[i - 1] ?? '';
        return i % 2 === 1 && isNodeLabel(name) ? markOf(name) : text;
      }),
    ]);
    this.cost = of.cost;
  }

  protected run(moment: Moment): void {
    this.takeNone();
    if (!moment.node.isSelectedBy(this.#absent.selector)) return;
    this.#of.prepare(moment);
    if (!this.#of.some) this.take(this.#shape)[0] = 1;
  }
}
