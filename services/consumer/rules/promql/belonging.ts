/**
 * Whose series an expression gives. Each node is judged by itself, so every series has to belong to one node by its
 * labels, and what it was made from, too: an expression that would mix nodes in a Prometheus that sees all of them has no
 * answer here.
 */
import {
  type Aggregation,
  type Binary,
  type Expr,
  IDENTIFYING_LABELS,
  isScalar,
  type Matching,
  type SetOperation,
} from './ast.ts';

/** The labels by which each series says whose it is, or `everywhere`: made of no series, and the same for every node. */
export type Belonging = readonly string[] | 'everywhere';

export const OF_ITS_NODE: Belonging = IDENTIFYING_LABELS;

export function belongingOf(expr: Expr): Belonging {
  switch (expr.kind) {
    case 'number':
    case 'time':
    case 'scalar':
    case 'scalar binary':
    case 'vector':
      return 'everywhere';
    case 'selector':
      return OF_ITS_NODE;
    case 'over time':
      return expr.over.kind === 'range' ? OF_ITS_NODE : belongingOf(expr.over.of);
    case 'absent':
      return IDENTIFYING_LABELS.filter((label) => expr.labels.includes(label));
    case 'relabelling':
      return without(belongingOf(expr.of), (label) => label === expr.target);
    case 'aggregation':
      return ofAggregation(expr);
    case 'set':
      return ofSet(expr);
    case 'binary':
      return ofBinary(expr);
    default:
      return belongingOf(expr.of);
  }
}

function ofAggregation({ of, grouping, labels }: Aggregation): Belonging {
  return without(belongingOf(of), (label) => labels.has(label) !== (grouping === 'by'));
}

function ofSet({ operator, left, right }: SetOperation): Belonging {
  const [l, r] = [belongingOf(left), belongingOf(right)];
  if (operator !== 'or' || l === 'everywhere' || r === 'everywhere') return l;
  return l.filter((label) => r.includes(label));
}

function ofBinary({ left, right, matching }: Binary): Belonging {
  if (isScalar(left)) return belongingOf(right);
  if (isScalar(right)) return belongingOf(left);
  const [l, r] = [belongingOf(left), belongingOf(right)];
  if (l === 'everywhere' && r === 'everywhere') return 'everywhere';
  const [many, one] = matching.many === 'right' ? [r, l] : [l, r];
  const { include } = matching;
  const kept = many === 'everywhere' ? [] : many;
  if (matching.many === undefined) return kept.filter((label) => isMatched(label, matching));
  const taken = one === 'everywhere' ? [] : one.filter((label) => include.includes(label));
  return [...kept.filter((label) => !include.includes(label)), ...taken];
}

/** Why the two sides would meet across nodes; `undefined` if they do not. */
export function mixesNodes(expr: Binary | SetOperation): string | undefined {
  if (isScalar(expr.left) || isScalar(expr.right)) return undefined;
  const [left, right] = [belongingOf(expr.left), belongingOf(expr.right)];
  const { operator, matching } = expr;
  if (left === 'everywhere' && right === 'everywhere') return undefined;
  if (left === 'everywhere' || right === 'everywhere') {
    if (expr.kind === 'set') {
      if (operator === 'or')
        return 'one side of this "or" belongs to no node, so it would stand for all of them: leave it out';
      if (left === 'everywhere')
        return `the left side of this "${operator}" belongs to no node: write the series of the nodes on the left`;
      return undefined;
    }
    const [kept, group] =
      left === 'everywhere' ? (['right', 'group_right'] as const) : (['left', 'group_left'] as const);
    if (matching.many === kept || belongingOf(expr).length > 0) return undefined;
    return `the result would belong to no node: write "${operator} on () ${group} (…)"`;
  }
  if (!left.some((label) => right.includes(label) && isMatched(label, matching))) {
    return `the two sides would meet across nodes, and each node is judged by itself: ${remedyOf(left, right, matching)}`;
  }
  return belongingOf(expr).length > 0 ? undefined : 'the result would belong to no node: keep the label "instance"';
}

function remedyOf(left: readonly string[], right: readonly string[], { on, labels }: Matching): string {
  const [both = 'instance'] = left.filter((label) => right.includes(label));
  if (on) return `write "on (${[both, ...labels].join(', ')})"`;
  if (labels.includes(both)) return `take ${both} out of ignoring (…)`;
  return 'keep the label "instance" on both sides';
}

function isMatched(label: string, { on, labels }: Matching): boolean {
  return labels.includes(label) === on;
}

function without(belonging: Belonging, drops: (label: string) => boolean): Belonging {
  return belonging === 'everywhere' ? belonging : belonging.filter((label) => !drops(label));
}
