/**
 * What stands behind a selector (`offset`, `@`, a range) binds tighter than any operator, and the grammar reads it the
 * other way round: `a + b offset 5m` as `(a + b) offset 5m`. Where it does, parentheses are added to the text, and it is
 * read again.
 */
import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { childrenOf } from './reading.ts';

const POSTFIXES = ['OffsetExpr', 'StepInvariantExpr', 'SubqueryExpr', 'MatrixSelector', 'AnchoredExpr', 'SmoothedExpr'];
/** Nobody writes more of them in one expression. */
const MAX_ADDED = 200;

export interface Bound {
  readonly tree: Tree;
  /** The text with parentheses. */
  readonly text: string;
  /** Where a character of it stood before. */
  readonly offsetOf: (offset: number) => number;
}

export function parseTightly(text: string): Bound {
  let [bound, tree] = [text, parser.parse(text)];
  /** Where a parenthesis was added, each by the text as it was then. */
  const added: number[] = [];
  for (let place = findLoose(tree); place !== undefined && added.length < MAX_ADDED; place = findLoose(tree)) {
    const { from, to } = place;
    bound = `${bound.slice(0, from)}(${bound.slice(from, to)})${bound.slice(to)}`;
    added.push(from, to + 1);
    tree = parser.parse(bound);
  }
  const offsetOf = (offset: number) => added.reduceRight((at, place) => (at > place ? at - 1 : at), offset);
  return { tree, text: bound, offsetOf };
}

/** What should be in parentheses: the last operand, and what stands behind it. */
function findLoose(tree: Tree): { readonly from: number; readonly to: number } | undefined {
  let found: { readonly from: number; readonly to: number } | undefined;
  tree.iterate({
    enter(node) {
      if (found !== undefined) return false;
      if (POSTFIXES.includes(node.name)) {
        const operand = operandOf(node.node);
        if (operand !== undefined) found = { from: operand.from, to: node.to };
      }
      return found === undefined;
    },
  });
  return found;
}

function operandOf(postfix: SyntaxNode): SyntaxNode | undefined {
  let inner = childrenOf(postfix)[0];
  while (inner !== undefined && POSTFIXES.includes(inner.name)) inner = childrenOf(inner)[0];
  let last = inner;
  while (last?.name === 'BinaryExpr' || last?.name === 'UnaryExpr') last = childrenOf(last).at(-1);
  return last === inner ? undefined : last;
}
