/** Reads a function call. https://prometheus.io/docs/prometheus/latest/querying/functions/ */
import type { SyntaxNode } from '@lezer/common';
import { type Absent, type Expr, isScalar, type ScalarExpr, type Selector, type VectorExpr } from './ast.ts';
import { belongingOf } from './belonging.ts';
import { DATE_FUNCTIONS, MATH_FUNCTIONS, type MathFunction } from './math.ts';
import { BY_THIS_ENGINE, read, readRange, readVector } from './parse.ts';
import { PARAMETER_FIRST, RANGE_FUNCTIONS, type RangeFunction } from './range-functions.ts';
import { childrenOf, type Reading } from './reading.ts';
import { expandMatch, translateRegexp } from './regexp.ts';
import { readString } from './selector.ts';

interface Call {
  readonly node: SyntaxNode;
  readonly name: string;
  readonly args: readonly SyntaxNode[];
  readonly reading: Reading;
  readonly depth: number;
}

export function readCall(node: SyntaxNode, reading: Reading, depth: number): Expr | undefined {
  const name = reading.textOf(node.getChild('FunctionIdentifier') ?? node);
  const call = { node, name, args: childrenOf(node.getChild('FunctionCallBody')), reading, depth };
  if (isRangeFunction(name)) return readOverTime(call, name);
  if (isMathFunction(name)) return readMapping(call, name);
  const reader = Object.hasOwn(OTHERS, name) ? OTHERS[name] : undefined;
  return reader === undefined ? reading.unsupported(node, `${name}() ${BY_THIS_ENGINE}`) : reader(call);
}

const OTHERS: Readonly<Record<string, (call: Call) => Expr | undefined>> = {
  time: (call) => (takes(call, 0, 'nothing') ? { kind: 'time' } : undefined),
  pi: (call) => (takes(call, 0, 'nothing') ? { kind: 'number', value: Math.PI } : undefined),
  vector(call) {
    const of = takes(call, 1, 'one number') ? readScalar(call, 0) : undefined;
    return of && { kind: 'vector', of };
  },
  scalar(call) {
    const of = takes(call, 1, 'one expression') ? readSeries(call, 0) : undefined;
    if (of === undefined || belongingOf(of) === 'everywhere') return of && { kind: 'scalar', of };
    return call.reading.unsupported(
      call.node,
      'scalar() would look at the series of all nodes: leave it out, and match with "on (instance) group_left"',
    );
  },
  timestamp(call) {
    const of = takes(call, 1, 'one expression') ? readSeries(call, 0) : undefined;
    return of && { kind: 'timestamp', of };
  },
  // Alerts have no order.
  sort: (call) => (takes(call, 1, 'one expression') ? readSeries(call, 0) : undefined),
  sort_desc: (call) => (takes(call, 1, 'one expression') ? readSeries(call, 0) : undefined),
  absent(call) {
    let [arg] = takes(call, 1, 'one expression') ? call.args : [];
    while (arg?.name === 'ParenExpr') arg = childrenOf(arg)[0];
    const of = arg && read(arg, call.reading, call.depth + 1);
    if (of === undefined) return undefined;
    return of.kind === 'selector' ? readAbsent(call, of, of) : speakingOfNone(call);
  },
  absent_over_time(call) {
    const [arg] = takes(call, 1, 'one range') ? call.args : [];
    const over = arg && readRange(arg, call.name, call.reading, call.depth);
    if (over === undefined) return undefined;
    if (over.kind === 'subquery') return speakingOfNone(call);
    return readAbsent(
      call,
      { kind: 'over time', function: 'present_over_time', over, parameter: undefined },
      over.selector,
    );
  },
  label_replace: readLabelReplace,
  label_join: readLabelJoin,
};

function readOverTime(call: Call, name: RangeFunction): Expr | undefined {
  const { node, args, reading, depth } = call;
  const first = PARAMETER_FIRST[name];
  if (first === undefined) {
    const [arg] = takes(call, 1, 'one range') ? args : [];
    const over = arg && readRange(arg, name, reading, depth);
    return over && { kind: 'over time', function: name, over, parameter: undefined };
  }
  if (!takes(call, 2, first ? 'a number and a range' : 'a range and a number')) return undefined;
  const parameter = readScalar(call, first ? 0 : 1);
  const over = readRange(args[first ? 1 : 0] ?? node, name, reading, depth);
  return parameter && over && { kind: 'over time', function: name, over, parameter };
}

const NUMBERS: Readonly<Partial<Record<MathFunction, number>>> = { clamp: 2, clamp_min: 1, clamp_max: 1 };

function readMapping(call: Call, name: MathFunction): Expr | undefined {
  const { args } = call;
  if (args.length === 0 && (DATE_FUNCTIONS as readonly string[]).includes(name)) {
    return { kind: 'mapping', function: name, of: { kind: 'vector', of: { kind: 'time' } }, parameters: [] };
  }
  const numbers = name === 'round' ? args.length - 1 : (NUMBERS[name] ?? 0);
  const expected = `one expression${numbers === 0 ? '' : ` and ${numbers === 1 ? 'a number' : `${numbers} numbers`}`}`;
  if (!takes(call, numbers > 1 && name === 'round' ? 2 : 1 + numbers, expected)) return undefined;
  const of = readSeries(call, 0);
  const parameters = args.slice(1).map((_, i) => readScalar(call, i + 1));
  if (of === undefined || !parameters.every((parameter) => parameter !== undefined)) return undefined;
  if (name === 'round' && parameters.length === 0) parameters.push({ kind: 'number', value: 1 });
  return { kind: 'mapping', function: name, of, parameters };
}

function readAbsent(call: Call, of: Absent['of'], selector: Selector): Expr | undefined {
  const named = selector.nodeMatchers.some(
    ({ label, operator }) => operator === '=' && /^(?:instance|node)$/.test(label),
  );
  if (!named) return lookingAtAll(call);
  const labels = new Map<string, string>();
  const seen = new Set<string>();
  for (const { label, operator, value } of [...selector.matchers, ...selector.nodeMatchers]) {
    if (operator === '=' && !seen.has(label)) labels.set(label, value);
    else labels.delete(label);
    if (operator === '=') seen.add(label);
  }
  const sorted = [...labels].filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : 1));
  const absent: Absent = { kind: 'absent', of, selector, labels: sorted.flat() };
  return belongingOf(absent).length > 0 ? absent : lookingAtAll(call);
}

function lookingAtAll({ node, name, reading }: Call): undefined {
  return reading.unsupported(
    node,
    `${name}() would look at all nodes at once, and each node is judged by itself: name one, ` +
      `as in ${name}(node_…{instance="…"}…), or ask what a node lacks with "unless", as in node_load1 unless on (instance) node_…`,
  );
}

/** As in Prometheus: what a selector wants of labels becomes those of the result, and nothing else does. */
function speakingOfNone({ node, name, reading }: Call): undefined {
  return reading.unsupported(
    node,
    `${name}() of more than a selector has no labels, so it speaks of no node: take ${name}(node_…{instance="…"}…), ` +
      'or ask what a node lacks with "unless", as in node_load1 unless on (instance) (node_… > 1)',
  );
}

const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function readLabelReplace(call: Call): Expr | undefined {
  if (!takes(call, 5, 'an expression and four strings')) return undefined;
  const of = readSeries(call, 0);
  const [target, replacement, source, pattern] = [1, 2, 3, 4].map((i) => readText(call, i));
  if (of === undefined || target === undefined || replacement === undefined) return undefined;
  if (source === undefined || pattern === undefined || !isLabel(call, 1, target)) return undefined;
  if (source === '__name__') return namesAreFixed(call, 3);
  const translated = translateRegexp(pattern);
  if ('problem' in translated) {
    const { at, message, unsupported } = translated.problem;
    const told = `label_replace, character ${at + 1} of the pattern: ${message}`;
    const place = call.args[4] ?? call.node;
    return unsupported ? call.reading.unsupported(place, told) : call.reading.refuse(place, told);
  }
  const { regexp } = translated;
  return {
    kind: 'relabelling',
    id: JSON.stringify(['replace', target, replacement, source, pattern]),
    of,
    target,
    sources: [source],
    derive([value = '']) {
      const match = regexp.exec(value);
      return match === null ? undefined : expandMatch(replacement, match);
    },
  };
}

function readLabelJoin(call: Call): Expr | undefined {
  if (call.args.length < 3)
    return call.reading.refuse(
      call.node,
      'label_join() takes an expression and strings: the label, what stands between, and the labels to join',
    );
  const of = readSeries(call, 0);
  const texts = call.args.slice(1).map((_, i) => readText(call, i + 1));
  const [target, separator, ...sources] = texts;
  if (of === undefined || target === undefined || separator === undefined) return undefined;
  if (!sources.every((source) => source !== undefined) || !isLabel(call, 1, target)) return undefined;
  if (sources.includes('__name__')) return namesAreFixed(call, 3 + sources.indexOf('__name__'));
  const id = JSON.stringify(['join', target, separator, ...sources]);
  return { kind: 'relabelling', id, of, target, sources, derive: (values) => values.join(separator) };
}

function isLabel({ args, node, name, reading }: Call, place: number, label: string): boolean {
  const where = args[place] ?? node;
  if (label === '__name__') reading.unsupported(where, `${name}() of __name__ ${BY_THIS_ENGINE}: take another label`);
  else if (!LABEL_NAME.test(label)) reading.refuse(where, `"${label}" is no name for a label`);
  else return true;
  return false;
}

function namesAreFixed({ args, node, name, reading }: Call, place: number): undefined {
  return reading.unsupported(
    args[place] ?? node,
    `${name}() from __name__ ${BY_THIS_ENGINE}: write what it would give`,
  );
}

function takes({ node, name, args, reading }: Call, count: number, what: string): boolean {
  if (args.length !== count) reading.refuse(node, `${name}() takes ${what}`);
  return args.length === count;
}

function readSeries({ node, name, args, reading, depth }: Call, place: number): VectorExpr | undefined {
  return readVector(args[place], `${name}()`, node, reading, depth);
}

function readScalar({ node, name, args, reading, depth }: Call, place: number): ScalarExpr | undefined {
  const arg = args[place] ?? node;
  const expr = read(arg, reading, depth + 1);
  if (expr === undefined || isScalar(expr)) return expr;
  return reading.refuse(arg, `${name}() takes a number here, and these are series`);
}

function readText({ node, name, args, reading }: Call, place: number): string | undefined {
  const arg = args[place] ?? node;
  if (arg.name !== 'StringLiteral') return reading.refuse(arg, `${name}() takes a string here: write it in quotes`);
  return readString(arg, reading);
}

function isRangeFunction(name: string): name is RangeFunction {
  return Object.hasOwn(RANGE_FUNCTIONS, name);
}

function isMathFunction(name: string): name is MathFunction {
  return Object.hasOwn(MATH_FUNCTIONS, name);
}
