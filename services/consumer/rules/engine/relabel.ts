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

export function relabelled(relabelling: Relabelling, of: VectorOperation): VectorOperation {
  // What is made of the labels that all series of a node share is different for each node.
  const ofNode = [relabelling.target, ...relabelling.sources].some(isNodeLabel);
  const shared = new Derivation((shape) => relabel(shape, relabelling, undefined));
  return new VectorOperation({
    cost: of.cost,
    nameAt: of.nameAt,
    run(into, moment) {
      of.prepare(moment);
      const { node, labels } = moment;
      const from = of.shape;
      const { shape, numbers } = ofNode
        ? node.ownOf(shared, from, () => relabel(from, relabelling, labels))
        : shared.of(from);
      if (numbers !== undefined) refuseDoubles(numbers, of.values);
      into.share(shape, of.values);
    },
  });
}

function refuseDoubles(numbers: Int32Array, values: Float64Array): void {
  const seen = new Set<number>();
  for (let i = 0; i < numbers.length; i++) {
    if (values[i] === ABSENT) continue;
    if (seen.has(numbers[i] as number)) throw new MatchingError('several series have the same labels');
    seen.add(numbers[i] as number);
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

export function absentOf({ labels, selector }: Absent, of: VectorOperation): VectorOperation {
  // It speaks of one node, so what it wants of the node's labels is what they are there.
  const marked = labels.map((text, i) => {
    const name = labels[i - 1] ?? '';
    return i % 2 === 1 && isNodeLabel(name) ? markOf(name) : text;
  });
  const shape = new ListShape([marked]);
  return new VectorOperation({
    cost: of.cost,
    run(into, moment) {
      into.takeNone();
      if (!moment.node.isSelectedBy(selector)) return;
      of.prepare(moment);
      if (!of.some) into.take(shape)[0] = 1;
    },
  });
}
