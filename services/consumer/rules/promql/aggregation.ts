/** Reads an aggregation: `sum by (instance) (…)`, `topk without (device) (3, …)`. */
import type { SyntaxNode } from '@lezer/common';
import {
  AGGREGATIONS,
  type Aggregation,
  type AggregationOperator,
  type Expr,
  isScalar,
  partsOf,
  type VectorExpr,
} from './ast.ts';
import { belongingOf } from './belonging.ts';
import { BY_THIS_ENGINE, read, readLabels, readVector } from './parse.ts';
import { childrenOf, type Reading } from './reading.ts';

const WITH_PARAMETER: readonly string[] = ['quantile', 'topk', 'bottomk'] satisfies readonly AggregationOperator[];

export function readAggregation(node: SyntaxNode, reading: Reading, depth: number): Aggregation | undefined {
  const operator = reading.textOf(node.getChild('AggregateOp') ?? node).toLowerCase();
  if (!isAggregation(operator)) {
    return reading.unsupported(
      node,
      `${operator}() ${BY_THIS_ENGINE}: of the aggregations it knows ${AGGREGATIONS.join(', ')}`,
    );
  }
  const args = childrenOf(node.getChild('FunctionCallBody'));
  const parameterNode = WITH_PARAMETER.includes(operator) ? args.shift() : undefined;
  if (args.length !== 1 || (WITH_PARAMETER.includes(operator) && parameterNode === undefined)) {
    const expected = WITH_PARAMETER.includes(operator) ? 'a number and one expression' : 'one expression';
    return reading.refuse(node, `${operator}() takes ${expected}`);
  }
  const parameter = parameterNode && read(parameterNode, reading, depth + 1);
  const of = readVector(args[0], `${operator}()`, node, reading, depth);
  const modifier = node.getChild('AggregateModifier');
  const labels = readLabels(modifier?.getChild('GroupingLabels'), reading);
  if (of === undefined || labels === undefined || (parameterNode !== undefined && parameter === undefined))
    return undefined;
  if (parameter !== undefined && !isScalar(parameter)) {
    return reading.refuse(parameterNode ?? node, `${operator}() takes a number first, and these are series`);
  }
  const grouping = modifier?.getChild('Without') ? 'without' : 'by';
  const aggregation: Aggregation = { kind: 'aggregation', operator, grouping, labels: new Set(labels), of, parameter };
  return belongingOf(aggregation).length > 0 ? aggregation : reading.unsupported(node, spansNodes(operator, of));
}

function isAggregation(text: string): text is AggregationOperator {
  return (AGGREGATIONS as readonly string[]).includes(text);
}

function spansNodes(operator: string, of: VectorExpr): string {
  const own = labelsOf(of);
  const without = own.length === 0 ? '' : `, or "${operator} without (${own.join(', ')}) (…)"`;
  return `this ${operator} would mix nodes, and each node is judged by itself: write "${operator} by (instance) (…)"${without}`;
}

/** Of the first metric that the expression reads. */
function labelsOf(expr: Expr): readonly string[] {
  if (expr.kind === 'selector') return expr.metric.labels;
  for (const part of partsOf(expr)) {
    const labels = labelsOf(part);
    if (labels.length > 0) return labels;
  }
  return [];
}
