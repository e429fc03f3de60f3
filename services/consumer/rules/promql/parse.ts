/**
 * PromQL text → typed tree, by Prometheus' own lezer grammar (the one of its web page) and a walk over what that finds.
 *
 * The grammar knows all of PromQL; this engine knows most of it. The rest is refused by name and place when a rule is
 * loaded: a rule that is judged differently from what its author meant is the one thing that must not happen.
 * https://prometheus.io/docs/prometheus/latest/querying/basics/
 */
import type { SyntaxNode } from '@lezer/common';
import { parseDuration } from '../duration.ts';
import { readAggregation } from './aggregation.ts';
import {
  ALL_LABELS,
  type Binary,
  type Expr,
  isScalar,
  type Matching,
  type Operator,
  type Range,
  reachOf,
  SET_OPERATORS,
  type SetOperator,
  type Subquery,
  type VectorExpr,
} from './ast.ts';
import { belongingOf, mixesNodes } from './belonging.ts';
import { readCall } from './call.ts';
import { readNumber, unquote } from './literals.ts';
import { isComparison, isOperator, operate } from './operators.ts';
import { parseTightly } from './postfix.ts';
import { childrenOf, type Problem, Reading } from './reading.ts';
import { DEFAULT_JOB, readSelector } from './selector.ts';
import { findSyntaxError } from './syntax-error.ts';

export type Parsed = { readonly expr: Expr } | { readonly problems: readonly [Problem, ...Problem[]] };

/** Nobody nests deeper by hand, and reading and judging recurse. */
const MAX_DEPTH = 100;
/** The topic remembers a day, so after a start nobody could know more. */
const MAX_REACH_MS = 24 * 60 * 60 * 1000;
/** What a subquery without a step has in Prometheus unless it is told otherwise. */
const DEFAULT_STEP_MS = 60_000;
const MAX_STEPS = 2000;

export function parsePromql(text: string, job = DEFAULT_JOB): Parsed {
  const { tree, text: bound, offsetOf } = parseTightly(text);
  const syntaxError = findSyntaxError(tree, bound);
  if (syntaxError !== undefined) return { problems: [{ ...syntaxError, offset: offsetOf(syntaxError.offset) }] };
  const reading = new Reading(bound, job);
  const top = childrenOf(tree.topNode)[0];
  const expr = top === undefined ? undefined : read(top, reading, 0);
  if (expr !== undefined && reachOf(expr) > MAX_REACH_MS) {
    reading.unsupported(
      { from: 0 },
      'this looks back for more than a day, which is all that the topic remembers: shorten it',
    );
  }
  const [first, ...others] = reading.problems.map((problem) => ({ ...problem, offset: offsetOf(problem.offset) }));
  if (first !== undefined) return { problems: [first, ...others] };
  if (expr === undefined) {
    return { problems: [{ offset: 0, message: 'expected an expression', unsupported: false }] };
  }
  return { expr };
}

export function read(node: SyntaxNode, reading: Reading, depth: number): Expr | undefined {
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
    case 'OffsetExpr':
      return readOffset(node, reading, depth);
    case 'FunctionCall':
      return readCall(node, reading, depth);
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
    case 'MatrixSelector':
    case 'SubqueryExpr':
      return reading.refuse(node, 'a range is read by a function: write rate(…[5m]), or max_over_time(…[5m])');
    default:
      return reading.unsupported(placeOfUnsupported(node), UNSUPPORTED[node.name] ?? `${node.name} ${BY_THIS_ENGINE}`);
  }
}

/** An expression that has to be a vector. */
export function readVector(
  node: SyntaxNode | undefined,
  what: string,
  parent: SyntaxNode,
  reading: Reading,
  depth: number,
): VectorExpr | undefined {
  const expr = readChild(node, parent, reading, depth);
  if (expr === undefined || !isScalar(expr)) return expr;
  return reading.refuse(node ?? parent, `${what} is of series, and this is a number`);
}

/** What a function of ranges takes; `undefined` and why not. */
export function readRange(
  node: SyntaxNode,
  name: string,
  reading: Reading,
  depth: number,
  offsetMs = 0,
): Range | Subquery | undefined {
  const [inner, durationNode, stepNode] = childrenOf(node);
  switch (node.name) {
    case 'ParenExpr':
      return inner && readRange(inner, name, reading, depth, offsetMs);
    case 'OffsetExpr': {
      const offset = readOffsetDuration(node, reading);
      return inner === undefined || offset === undefined ? undefined : readRange(inner, name, reading, depth, offset);
    }
    case 'MatrixSelector': {
      if (inner?.name !== 'VectorSelector' || durationNode === undefined) {
        return reading.refuse(node, `a range is of one metric: write ${name}(node_…[5m])`);
      }
      const selector = readSelector(inner, reading, offsetMs);
      const rangeMs = readSpan(durationNode, 'a range', reading);
      return selector === undefined || rangeMs === undefined ? undefined : { kind: 'range', selector, rangeMs };
    }
    case 'SubqueryExpr': {
      const of = readVector(inner, 'a subquery', node, reading, depth);
      const rangeMs = durationNode && readSpan(durationNode, 'a range', reading);
      const stepMs = stepNode === undefined ? DEFAULT_STEP_MS : readSpan(stepNode, 'a step', reading);
      if (of === undefined || rangeMs === undefined || stepMs === undefined) return undefined;
      if (rangeMs / stepMs <= MAX_STEPS) return { kind: 'subquery', of, rangeMs, stepMs, offsetMs };
      return reading.unsupported(
        node,
        `a subquery of more than ${MAX_STEPS} steps ${BY_THIS_ENGINE}: make its step longer`,
      );
    }
    case 'StepInvariantExpr':
    case 'AnchoredExpr':
    case 'SmoothedExpr':
      return reading.unsupported(placeOfUnsupported(node), UNSUPPORTED[node.name] ?? '');
    default:
      return reading.refuse(node, `${name}() takes a range: write ${name}(node_…[5m])`);
  }
}

export const BY_THIS_ENGINE = 'is not supported by this engine';
const UNSUPPORTED: Readonly<Record<string, string>> = {
  StepInvariantExpr: `"@" ${BY_THIS_ENGINE}: rules see the present and what lies before it, use "offset"`,
  AnchoredExpr: `"anchored" ${BY_THIS_ENGINE}: leave it out`,
  SmoothedExpr: `"smoothed" ${BY_THIS_ENGINE}: leave it out`,
};

/** The word that makes an expression what it is, which stands after its first part. */
function placeOfUnsupported(node: SyntaxNode): SyntaxNode {
  return node.getChild('At') ?? node.getChild('Anchored') ?? node.getChild('Smoothed') ?? node;
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
  if (!isScalar(of)) return { kind: 'negation', of };
  return fold('*', false, { kind: 'number', value: -1 }, of, ALL_LABELS);
}

function readOffset(node: SyntaxNode, reading: Reading, depth: number): Expr | undefined {
  const [inner] = childrenOf(node);
  const offsetMs = readOffsetDuration(node, reading);
  if (inner === undefined || offsetMs === undefined) return undefined;
  if (inner.name === 'VectorSelector') return readSelector(inner, reading, offsetMs);
  if (inner.name === 'StepInvariantExpr') return read(inner, reading, depth + 1);
  if (inner.name === 'MatrixSelector' || inner.name === 'SubqueryExpr') return read(inner, reading, depth + 1);
  return reading.refuse(node.getChild('Offset') ?? node, '"offset" follows a selector or a subquery: node_… offset 5m');
}

function readOffsetDuration(node: SyntaxNode, reading: Reading): number | undefined {
  const child = childrenOf(node).at(-1) ?? node;
  const text = reading.textOf(child);
  if (/^\s*-/.test(text)) {
    return reading.unsupported(child, `an offset below 0 ${BY_THIS_ENGINE}: it would look into the future`);
  }
  const ms = readMs(text);
  return ms ?? reading.unsupported(child, `an offset is one duration, such as 90s or 5m: "${text}" ${BY_THIS_ENGINE}`);
}

function readSpan(node: SyntaxNode, what: string, reading: Reading): number | undefined {
  const text = reading.textOf(node);
  const ms = readMs(text);
  if (ms === undefined) {
    return reading.unsupported(node, `${what} is one duration, such as 90s or 5m: "${text}" ${BY_THIS_ENGINE}`);
  }
  return ms > 0 ? ms : reading.refuse(node, `${what} is a duration above 0, such as 90s or 5m`);
}

/** Prometheus 3 takes a number without unit for seconds. */
function readMs(text: string): number | undefined {
  const ms = parseDuration(text) ?? Math.round((readNumber(text) ?? Number.NaN) * 1000);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

function readBinary(node: SyntaxNode, reading: Reading, depth: number): Expr | undefined {
  const children = childrenOf(node);
  const [leftNode, operatorNode] = children;
  const rightNode = children.at(-1);
  if (leftNode === undefined || operatorNode === undefined) return reading.refuse(node, 'expected an operator');
  const operator = reading.textOf(operatorNode).toLowerCase();
  const fill = node.getChild('FillModifier');
  if (fill !== null) reading.unsupported(fill, `"fill" ${BY_THIS_ENGINE}: leave it out`);
  const left = read(leftNode, reading, depth + 1);
  const right = readChild(rightNode, node, reading, depth);
  const matching = readMatching(node.getChild('MatchingModifierClause'), reading);
  const bool = node.getChild('BoolModifier') !== null;
  if (left === undefined || right === undefined || matching === undefined) return undefined;
  if (isSetOperator(operator)) {
    if (isScalar(left) || isScalar(right)) {
      return reading.refuse(operatorNode, `"${operator}" is of series on both sides, and one is a number`);
    }
    if (bool) return reading.refuse(operatorNode, '"bool" belongs to a comparison only');
    if (matching.many !== undefined)
      return reading.refuse(operatorNode, `"${operator}" takes no group_left or group_right`);
    return keptApart({ kind: 'set', operator, left, right, matching }, operatorNode, reading);
  }
  if (!isOperator(operator)) return reading.unsupported(operatorNode, `"${operator}" ${BY_THIS_ENGINE}`);
  if (bool && !isComparison(operator))
    return reading.refuse(node.getChild('BoolModifier') ?? node, '"bool" belongs to a comparison only');
  if (matching !== ALL_LABELS && (isScalar(left) || isScalar(right))) {
    return reading.refuse(operatorNode, 'labels are matched between series, and one side is a number');
  }
  // The grammar takes the sign of a number before "^" for a part of it; in PromQL "^" binds tighter: -1 ^ 2 is -1.
  if (operator === '^' && leftNode.name === 'NumberDurationLiteral' && reading.textOf(leftNode).startsWith('-')) {
    return negate(fold(operator, false, negate(left), right, matching));
  }
  if (isScalar(left) && isScalar(right) && isComparison(operator) && !bool) {
    return reading.refuse(
      operatorNode,
      `two numbers are compared with "${operator} bool", and only a series can raise an alert`,
    );
  }
  const result = fold(operator, bool, left, right, matching);
  return result.kind === 'binary' ? keptApart(result, operatorNode, reading) : result;
}

function keptApart<T extends Parameters<typeof mixesNodes>[0]>(
  expr: T,
  node: SyntaxNode,
  reading: Reading,
): T | undefined {
  const mixed = mixesNodes(expr);
  return mixed === undefined ? expr : reading.unsupported(node, mixed);
}

function fold(operator: Operator, bool: boolean, left: Expr, right: Expr, matching: Matching): Expr {
  if (!isScalar(left) || !isScalar(right))
    return { kind: 'binary', operator, bool, left, right, matching } satisfies Binary;
  if (left.kind !== 'number' || right.kind !== 'number') return { kind: 'scalar binary', operator, left, right };
  return { kind: 'number', value: operate(operator, left.value, right.value) };
}

function readMatching(clause: SyntaxNode | null, reading: Reading): Matching | undefined {
  if (clause === null) return ALL_LABELS;
  const lists = clause.getChildren('GroupingLabels');
  const on = clause.getChild('On') !== null;
  const [left, right] = [clause.getChild('GroupLeft'), clause.getChild('GroupRight')];
  const group = left ?? right;
  // Either list may be left out: what stands before group_left is what is matched, what stands behind it is included.
  const matched = lists.find((list) => group === null || list.from < group.from);
  const included = lists.find((list) => group !== null && list.from > group.from);
  const labels = readLabels(matched, reading);
  const include = readLabels(included, reading);
  if (labels === undefined || include === undefined) return undefined;
  const twice = on ? include.find((label) => labels.includes(label)) : undefined;
  if (twice !== undefined) {
    return reading.refuse(
      included ?? clause,
      `"${twice}" is matched, so both sides have the same: take it out of one list`,
    );
  }
  return { on, labels, include, many: left !== null ? 'left' : right !== null ? 'right' : undefined };
}

export function readLabels(list: SyntaxNode | null | undefined, reading: Reading): string[] | undefined {
  const names = childrenOf(list).map((node) => {
    const string = node.name === 'LabelName' ? { value: reading.textOf(node) } : unquote(reading.textOf(node));
    if ('problem' in string) return reading.refuse(node, string.problem);
    if (string.value !== '__name__') return string.value;
    return reading.unsupported(node, `grouping or matching by __name__ ${BY_THIS_ENGINE}: leave it out`);
  });
  return names.every((name) => name !== undefined) ? names : undefined;
}

function isSetOperator(text: string): text is SetOperator {
  return (SET_OPERATORS as readonly string[]).includes(text);
}

/** Whether an expression as a whole can raise alerts. */
export function problemOfRule(expr: Expr): string | undefined {
  if (isScalar(expr)) return 'this is a number, the same for every node: expected series, such as node_load1 > 4';
  if (belongingOf(expr).length === 0 || belongingOf(expr) === 'everywhere')
    return 'this belongs to no node: expected series of a node, such as node_load1 > 4';
  return undefined;
}
