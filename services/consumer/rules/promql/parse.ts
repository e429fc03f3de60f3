/**
 * PromQL text → typed tree, by Prometheus' own lezer grammar (the one of its web page) and a walk over what that finds.
 *
 * The grammar knows all of PromQL; this engine knows a part of it. The rest is refused by name and place when a rule is
 * loaded: a rule that is judged differently from what its author meant is the one thing that must not happen.
 * https://prometheus.io/docs/prometheus/latest/querying/basics/
 */
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { parseDuration } from '../duration.ts';
import {
  AGGREGATIONS,
  type AggregationOperator,
  type Binary,
  type Expr,
  identifyingLabels,
  ratesOf,
  type VectorExpr,
} from './ast.ts';
import { readNumber, unquote } from './literals.ts';
import { calculate, compare, isComparison, isOperator } from './operators.ts';
import { type Problem, Reading } from './reading.ts';
import { readSelector } from './selector.ts';
import { findSyntaxError } from './syntax-error.ts';

export type Parsed = { readonly expr: Expr } | { readonly problems: readonly [Problem, ...Problem[]] };

/** Nobody nests deeper by hand, and reading and judging recurse. */
const MAX_DEPTH = 100;

export function parsePromql(text: string): Parsed {
  const tree = parser.parse(text);
  const syntaxError = findSyntaxError(tree, text);
  if (syntaxError !== undefined) return { problems: [syntaxError] };
  const reading = new Reading(text);
  const top = childrenOf(tree.topNode)[0];
  const expr = top === undefined ? undefined : read(top, reading, 0);
  const [first, ...others] = reading.problems;
  if (first !== undefined) return { problems: [first, ...others] };
  if (expr === undefined) return { problems: [{ offset: 0, message: 'expected an expression' }] };
  return { expr };
}

function read(node: SyntaxNode, reading: Reading, depth: number): Expr | undefined {
  if (depth > MAX_DEPTH) return reading.refuse(node, `nested more than ${MAX_DEPTH} deep: write it flatter`);
  switch (node.name) {
    case 'NumberDurationLiteral':
      return readLiteral(node, reading);
    case 'ParenExpr':
      return readChild(childrenOf(node)[0], node, reading, depth);
    case 'UnaryExpr':
      return readUnary(node, reading, depth);
    case 'VectorSelector':
      return readSelector(node, reading);
    case 'FunctionCall':
      return readCall(node, reading);
    case 'BinaryExpr':
      return readBinary(node, reading, depth);
    case 'AggregateExpr':
      return readAggregation(node, reading, depth);
    case 'StringLiteral': {
      const string = unquote(reading.textOf(node));
      return reading.refuse(
        node,
        'problem' in string ? string.problem : 'a string is no value to judge: expected a series',
      );
    }
    default:
      return reading.refuse(placeOfUnsupported(node), UNSUPPORTED[node.name] ?? `${node.name} ${BY_THIS_ENGINE}`);
  }
}

const BY_THIS_ENGINE = 'is not supported by this engine';
const UNSUPPORTED: Readonly<Record<string, string>> = {
  MatrixSelector: 'a range is read by rate() only: write rate(…[5m])',
  SubqueryExpr: `a subquery ${BY_THIS_ENGINE}: use a range of the metric itself`,
  OffsetExpr: `"offset" ${BY_THIS_ENGINE}: rules see the present and the ranges that end in it`,
  StepInvariantExpr: `"@" ${BY_THIS_ENGINE}: rules see the present and the ranges that end in it`,
  AnchoredExpr: `"anchored" ${BY_THIS_ENGINE}`,
  SmoothedExpr: `"smoothed" ${BY_THIS_ENGINE}`,
};

/** The word that makes an expression what it is, which stands after its first part. */
function placeOfUnsupported(node: SyntaxNode): SyntaxNode {
  return (
    node.getChild('Offset') ?? node.getChild('At') ?? node.getChild('Anchored') ?? node.getChild('Smoothed') ?? node
  );
}

function readChild(child: SyntaxNode | undefined, parent: SyntaxNode, reading: Reading, depth: number) {
  return child === undefined ? reading.refuse(parent, 'expected an expression') : read(child, reading, depth + 1);
}

function readLiteral(node: SyntaxNode, reading: Reading): Expr | undefined {
  const value = readNumber(reading.textOf(node));
  if (value === undefined) return reading.refuse(node, `"${reading.textOf(node)}" is no number`);
  return { kind: 'number', value };
}

function readUnary(node: SyntaxNode, reading: Reading, depth: number): Expr | undefined {
  const [operator, operand] = childrenOf(node);
  const of = readChild(operand, node, reading, depth);
  if (of === undefined || operator === undefined || reading.textOf(operator) === '+') return of;
  return negate(of);
}

function negate(of: Expr): Expr {
  return of.kind === 'number' ? { kind: 'number', value: -of.value } : { kind: 'negation', of };
}

function readBinary(node: SyntaxNode, reading: Reading, depth: number): Expr | undefined {
  const children = childrenOf(node);
  const [leftNode, operatorNode] = children;
  const rightNode = children.at(-1);
  if (leftNode === undefined || operatorNode === undefined) return reading.refuse(node, 'expected an operator');
  const operator = reading.textOf(operatorNode);
  for (const modifier of ['MatchingModifierClause', 'FillModifier']) {
    const clause = node.getChild(modifier);
    if (clause === null) continue;
    const [word] = /^\w+/.exec(reading.textOf(clause)) ?? [''];
    reading.refuse(clause, `"${word}" ${BY_THIS_ENGINE}: both sides must have the same labels`);
  }
  const left = read(leftNode, reading, depth + 1);
  const right = readChild(rightNode, node, reading, depth);
  if (!isOperator(operator))
    return reading.refuse(operatorNode, `"${operator}" ${BY_THIS_ENGINE}: make it a rule of its own`);
  const bool = node.getChild('BoolModifier');
  if (bool !== null && !isComparison(operator)) return reading.refuse(bool, '"bool" belongs to a comparison only');
  if (left === undefined || right === undefined) return undefined;
  // The grammar takes the sign of a number before "^" for a part of it; in PromQL "^" binds tighter: -1 ^ 2 is -1.
  if (operator === '^' && leftNode.name === 'NumberDurationLiteral' && reading.textOf(leftNode).startsWith('-')) {
    return negate(fold(operator, false, negate(left), right));
  }
  if (left.kind === 'number' && right.kind === 'number' && isComparison(operator) && bool === null) {
    return reading.refuse(
      operatorNode,
      `two numbers are compared with "${operator} bool", and only a series can raise an alert`,
    );
  }
  return fold(operator, bool !== null, left, right);
}

function fold(operator: Binary['operator'], bool: boolean, left: Expr, right: Expr): Expr {
  if (left.kind !== 'number' || right.kind !== 'number') return { kind: 'binary', operator, bool, left, right };
  const [a, b] = [left.value, right.value];
  return {
    kind: 'number',
    value: isComparison(operator) ? Number(compare(operator, a, b)) : calculate(operator, a, b),
  };
}

function readCall(node: SyntaxNode, reading: Reading): Expr | undefined {
  const name = reading.textOf(node.getChild('FunctionIdentifier') ?? node);
  if (name !== 'rate') return reading.refuse(node, `${name}() ${BY_THIS_ENGINE}: of the functions it knows rate()`);
  const args = childrenOf(node.getChild('FunctionCallBody'));
  let arg = args[0];
  while (arg?.name === 'ParenExpr') arg = childrenOf(arg)[0];
  if (args.length !== 1 || arg === undefined) return reading.refuse(node, 'rate() takes one range: write rate(…[5m])');
  if (arg.name !== 'MatrixSelector') {
    const message = UNSUPPORTED[arg.name] ?? 'rate() takes a range of one metric: write rate(node_…[5m])';
    return reading.refuse(placeOfUnsupported(arg), message);
  }
  const [selectorNode, rangeNode] = childrenOf(arg);
  if (selectorNode?.name !== 'VectorSelector' || rangeNode === undefined) {
    return reading.refuse(arg, 'a range is of one metric: write rate(node_…[5m])');
  }
  const selector = readSelector(selectorNode, reading);
  const rangeMs = readRange(reading.textOf(rangeNode));
  if (rangeMs === undefined) return reading.refuse(rangeNode, 'a range is a duration above 0, such as 90s or 5m');
  return selector && { kind: 'rate', selector, rangeMs };
}

/** Prometheus 3 takes a number without unit for seconds. */
function readRange(text: string): number | undefined {
  const ms = parseDuration(text) ?? Math.round((readNumber(text) ?? Number.NaN) * 1000);
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}

function readAggregation(node: SyntaxNode, reading: Reading, depth: number): Expr | undefined {
  const operator = reading.textOf(node.getChild('AggregateOp') ?? node).toLowerCase() as AggregationOperator;
  if (!AGGREGATIONS.includes(operator)) {
    return reading.refuse(
      node,
      `${operator}() ${BY_THIS_ENGINE}: of the aggregations it knows ${AGGREGATIONS.join(', ')}`,
    );
  }
  const args = childrenOf(node.getChild('FunctionCallBody'));
  const modifier = node.getChild('AggregateModifier');
  if (args.length !== 1) return reading.refuse(node, `${operator}() takes one expression`);
  const of = readChild(args[0], node, reading, depth);
  if (of === undefined) return undefined;
  if (of.kind === 'number') return reading.refuse(node, `${operator}() is of series, and this is a number`);
  const names = childrenOf(modifier?.getChild('GroupingLabels')).map((label) => readGroupingLabel(label, reading));
  if (!names.every((name) => name !== undefined)) return undefined;
  const grouping = modifier?.getChild('Without') ? 'without' : 'by';
  const aggregation: Expr = { kind: 'aggregation', operator, grouping, labels: new Set(names), of };
  if (identifyingLabels(aggregation).length === 0) return reading.refuse(node, spansNodes(operator, of));
  return aggregation;
}

function readGroupingLabel(node: SyntaxNode, reading: Reading): string | undefined {
  const string = node.name === 'LabelName' ? { value: reading.textOf(node) } : unquote(reading.textOf(node));
  if ('problem' in string) return reading.refuse(node, string.problem);
  if (string.value === '__name__') return reading.refuse(node, `grouping by __name__ ${BY_THIS_ENGINE}`);
  return string.value;
}

function spansNodes(operator: string, of: VectorExpr): string {
  const own = ratesOf(of)[0]?.selector.metric.labels ?? (of.kind === 'selector' ? of.metric.labels : []);
  const without = own.length === 0 ? '' : `, or "${operator} without (${own.join(', ')}) (…)"`;
  return `this ${operator} would mix nodes, and each node is judged by itself: write "${operator} by (instance) (…)"${without}`;
}

function childrenOf(node: SyntaxNode | null | undefined): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (child.name !== 'LineComment') children.push(child);
  }
  return children;
}
