/**
 * What a template's functions do, and which values they take. Types are known when the template is read, so a text where
 * a number is wanted is a mistake that is told then, and not printed into an alert.
 * https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
 */
import { formatExponent, formatFixed, formatShortest, formatSignificant } from './go-format.ts';
import { HUMANIZERS } from './humanize.ts';
import { didYouMean } from './nearest.ts';
import { readNumber } from './promql/literals.ts';
import { expandMatch, translateRegexp } from './promql/regexp.ts';

export interface Scope {
  readonly value: number;
  /** Empty for a label that is not there, as in Prometheus. */
  label(name: string): string;
}

/** A value whose type is known before it is. */
export type Expression =
  | {
      readonly type: 'number';
      readonly evaluate: (scope: Scope) => number;
      /** A number that is written out: Go compares a whole one with nothing but whole ones. */
      readonly literal?: 'whole' | 'decimal';
    }
  | {
      readonly type: 'text';
      readonly evaluate: (scope: Scope) => string;
      readonly literal?: string;
      /** Made by a function: it may well say a number. */
      readonly made?: true;
    }
  | { readonly type: 'truth'; readonly evaluate: (scope: Scope) => boolean };

export class Refusal extends Error {
  readonly offset: number;
  /** Whether Prometheus knows it. */
  readonly unsupported: boolean;
  constructor(offset: number, message: string, unsupported = false) {
    super(message);
    this.offset = offset;
    this.unsupported = unsupported;
  }
}

export function constant(literal: string): Expression {
  return { type: 'text', evaluate: () => literal, literal };
}

export function print(expression: Expression, scope: Scope): string {
  const value = expression.evaluate(scope);
  return typeof value === 'number' ? formatShortest(value) : String(value);
}

/** What Go takes for true: all but zero, nothing and false. */
export function truthOf(expression: Expression, scope: Scope): boolean {
  const value = expression.evaluate(scope);
  return typeof value === 'number' ? value !== 0 : Boolean(value);
}

type Function = (args: readonly Expression[], name: string, offset: number) => Expression;

export const FUNCTIONS: Readonly<Record<string, Function>> = {
  ...Object.fromEntries(
    Object.entries(HUMANIZERS).map(([name, humanize]) => [
      name,
      (args, _name, offset) => {
        const arg = numberOf(args, name, offset);
        return { type: 'text', evaluate: (scope) => humanize(arg(scope)) };
      },
    ]) satisfies [string, Function][],
  ),
  printf: (args, _name, offset) => printf(offset, args),
  title: ofText((text) =>
    text.replaceAll(/(^|[\0-/:-@[-^`{-\x7f]|\s)(\p{L})/gu, (_, before, letter) => before + letter.toUpperCase()),
  ),
  toUpper: ofText((text) => text.toUpperCase()),
  toLower: ofText((text) => text.toLowerCase()),
  stripPort: ofText(stripPort),
  stripDomain: ofText(stripDomain),
  reReplaceAll([pattern, replacement, text, ...others], name, offset) {
    const regexp = patternOf(pattern, name, offset);
    if (replacement?.type !== 'text' || text?.type !== 'text' || others.length > 0) {
      throw new Refusal(offset, `${name} takes a pattern, what replaces it, and a text`);
    }
    return {
      type: 'text',
      made: true,
      evaluate: (scope) => replaceAll(text.evaluate(scope), regexp, replacement.evaluate(scope)),
    };
  },
  match([pattern, text, ...others], name, offset) {
    const regexp = patternOf(pattern, name, offset);
    if (text?.type !== 'text' || others.length > 0) throw new Refusal(offset, `${name} takes a pattern and a text`);
    return { type: 'truth', evaluate: (scope) => text.evaluate(scope).search(regexp) >= 0 };
  },
  eq: (args, name, offset) => comparison(args, name, offset, (a, b) => a === b),
  ne: (args, name, offset) => comparison(args, name, offset, (a, b) => a !== b),
  lt: (args, name, offset) => comparison(args, name, offset, (a, b) => a < b),
  le: (args, name, offset) => comparison(args, name, offset, (a, b) => a <= b),
  gt: (args, name, offset) => comparison(args, name, offset, (a, b) => a > b),
  ge: (args, name, offset) => comparison(args, name, offset, (a, b) => a >= b),
  not([arg, ...others], name, offset) {
    if (arg === undefined || others.length > 0) throw new Refusal(offset, `${name} takes one value`);
    return { type: 'truth', evaluate: (scope) => !truthOf(arg, scope) };
  },
  and: (args, name, offset) => firstThat(args, name, offset, false),
  or: (args, name, offset) => firstThat(args, name, offset, true),
};

export const KNOWN = `$value, $labels.NAME, if, else, end, ${Object.keys(FUNCTIONS).join(', ')}`;

/** Prometheus and Go have these besides. */
const UNSUPPORTED = new Set(
  'query first value label strvalue args sortByLabel tableLink graphLink pathPrefix parseDuration externalURL tmpl safeHtml toTime now toDuration urlQueryEscape js html urlquery len index slice print println call'.split(
    ' ',
  ),
);

export function call(name: string, offset: number, args: readonly Expression[]): Expression {
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known !== undefined) return known(args, name, offset);
  const meant = UNSUPPORTED.has(name) ? '' : didYouMean(name, Object.keys(FUNCTIONS));
  const message = `${name} is not supported in a template: known are ${KNOWN}${meant}`;
  throw new Refusal(offset, message, UNSUPPORTED.has(name));
}

function numberOf([arg, ...others]: readonly Expression[], name: string, offset: number): (scope: Scope) => number {
  if (others.length === 0 && arg?.type === 'number') return arg.evaluate;
  // Prometheus takes any text for the number that it says; what a label says is rarely one.
  if (others.length === 0 && arg?.type === 'text' && arg.made)
    return (scope) => readNumber(arg.evaluate(scope)) ?? Number.NaN;
  throw new Refusal(
    offset,
    `${name} takes one number: write {{ $value | ${name} }}`,
    others.length === 0 && arg?.type === 'text',
  );
}

function replaceAll(text: string, regexp: RegExp, replacement: string): string {
  let [replaced, at] = ['', 0];
  for (const match of text.matchAll(regexp)) {
    replaced += text.slice(at, match.index) + expandMatch(replacement, match);
    at = match.index + match[0].length;
  }
  return replaced + text.slice(at);
}

function ofText(change: (text: string) => string): Function {
  return ([arg, ...others], name, offset) => {
    if (arg?.type !== 'text' || others.length > 0) {
      throw new Refusal(offset, `${name} takes one text: write {{ $labels.instance | ${name} }}`);
    }
    return { type: 'text', evaluate: (scope) => change(arg.evaluate(scope)) };
  };
}

/** `host:port` and `[address]:port` without the port; whatever else is left as it is. */
function stripPort(text: string): string {
  const [, bracketed, host] = /^(?:\[([^\]]*)\]|([^:[\]]*)):[^:[\]]*$/.exec(text) ?? [];
  return bracketed ?? host ?? text;
}

/** `web-1.example.org:9100` → `web-1:9100`; an address is left as it is. */
function stripDomain(text: string): string {
  const host = stripPort(text);
  if (/^(?:\d+\.){3}\d+$/.test(host) || host.includes(':')) return text;
  const port = host === text ? '' : text.slice(text.lastIndexOf(':'));
  return `${host.split('.')[0]}${port}`;
}

function patternOf(arg: Expression | undefined, name: string, offset: number): RegExp {
  if (arg?.type !== 'text' || arg.literal === undefined) {
    throw new Refusal(offset, `${name} takes a pattern in quotes first`, arg?.type === 'text');
  }
  const translated = translateRegexp(arg.literal, 'template');
  if ('regexp' in translated) return translated.regexp;
  const { at, message, unsupported } = translated.problem;
  throw new Refusal(offset, `${name}, character ${at + 1} of the pattern: ${message}`, unsupported);
}

/** `eq` compares the first with each of the others. */
function comparison(
  args: readonly Expression[],
  name: string,
  offset: number,
  holds: (a: string | number | boolean, b: string | number | boolean) => boolean,
): Expression {
  const [first, ...others] = args;
  if (first === undefined || others.length === 0 || (others.length > 1 && name !== 'eq')) {
    throw new Refusal(offset, `${name} takes two values`);
  }
  for (const other of others) {
    if (other.type !== first.type)
      throw new Refusal(offset, `${name} compares values of one kind: two numbers, or two texts`);
    if (isWhole(first) !== isWhole(other)) {
      throw new Refusal(offset, `${name} compares a number with a decimal point: write 90.0 instead of 90`);
    }
  }
  return {
    type: 'truth',
    evaluate: (scope) => others.some((other) => holds(first.evaluate(scope), other.evaluate(scope))),
  };
}

function isWhole(expression: Expression): boolean {
  return expression.type === 'number' && expression.literal === 'whole';
}

/** `and` and `or` give the value that decides. */
function firstThat(args: readonly Expression[], name: string, offset: number, truth: boolean): Expression {
  const [first] = args;
  if (first === undefined) throw new Refusal(offset, `${name} takes values`);
  if (args.some(({ type }) => type !== first.type)) throw new Refusal(offset, `${name} takes values of one kind`, true);
  const evaluate = (scope: Scope) =>
    (args.find((arg) => truthOf(arg, scope) === truth) ?? (args.at(-1) as Expression)).evaluate(scope);
  return { type: first.type, evaluate } as Expression;
}

/** More digits than a double has would say nothing. */
const MAX_DECIMALS = 20;

function printf(offset: number, [format, ...args]: readonly Expression[]): Expression {
  if (format?.type !== 'text' || format.literal === undefined) {
    throw new Refusal(
      offset,
      'printf takes a format in quotes first: write printf "%.1f" $value',
      format?.type === 'text',
    );
  }
  const pieces: Expression[] = [];
  let next = 0;
  for (const [piece] of format.literal.matchAll(/%[^a-zA-Z%]*[a-zA-Z%]?|[^%]+/g)) {
    if (!piece.startsWith('%')) pieces.push(constant(piece));
    else if (piece === '%%') pieces.push(constant('%'));
    else pieces.push(verb(offset, piece, args[next++]));
  }
  if (next !== args.length) {
    throw new Refusal(offset, `printf ${JSON.stringify(format.literal)} wants ${next} values and gets ${args.length}`);
  }
  return { type: 'text', made: true, evaluate: (scope) => pieces.map((piece) => print(piece, scope)).join('') };
}

const NUMBER_VERBS: Readonly<Record<string, (value: number, digits: number | undefined) => string>> = {
  f: (value, digits = 6) => formatFixed(value, digits),
  e: (value, digits = 6) => formatExponent(value, digits),
  g: general,
  v: general,
};

function general(value: number, digits?: number): string {
  return digits === undefined ? formatShortest(value) : formatSignificant(value, Math.max(1, digits));
}

const KNOWN_VERBS = `%f %e %g %v of numbers, %s %q %v of texts, %t %v of truths, and %%; with a width, "-", "+", "0" and up to ${MAX_DECIMALS} digits`;

function verb(offset: number, written: string, arg: Expression | undefined): Expression {
  const [, flags = '', width = '', digits, letter = ''] = /^%([-+0 ]*)(\d*)(?:\.(\d*))?([a-zA-Z])$/.exec(written) ?? [];
  const count = digits === undefined ? undefined : Number(digits);
  const refuse = (message: string, unsupported = false) =>
    new Refusal(offset, `printf "${written}" ${message}`, unsupported);
  if (!'fegvsqt'.includes(letter) || letter === '' || Number(width) > 100 || (count ?? 0) > MAX_DECIMALS) {
    if (arg?.type === 'number' && 'dxXocbU'.includes(letter) && letter !== '') {
      throw refuse('prints a whole number, and this is a number with decimals: use %.0f');
    }
    throw refuse(`is not supported: known are ${KNOWN_VERBS}`, true);
  }
  if (arg === undefined) throw refuse('has no value to print');
  const pad = (text: string, numeric: boolean): string => {
    if (flags.includes('-')) return text.padEnd(Number(width));
    if (!flags.includes('0') || !numeric) return text.padStart(Number(width));
    const [, sign = '', rest = ''] = /^([-+]?)(.*)$/.exec(text) ?? [];
    return /\d/.test(rest) ? sign + rest.padStart(Number(width) - sign.length, '0') : text.padStart(Number(width));
  };
  if (arg.type === 'number') {
    const format = NUMBER_VERBS[letter];
    if (format === undefined) throw refuse('prints a text, and this is a number: use %v or %.1f');
    const signed = (text: string) => {
      const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
      return sign !== '' && /^[\dN]/.test(text) ? sign + text : text;
    };
    return { type: 'text', evaluate: (scope) => pad(signed(format(arg.evaluate(scope), count)), true) };
  }
  if (arg.type === 'truth') {
    if (letter !== 't' && letter !== 'v') throw refuse('is not for true and false: use %t or %v');
    return { type: 'text', evaluate: (scope) => pad(String(arg.evaluate(scope)), false) };
  }
  if (!'svq'.includes(letter)) throw refuse('prints a number, and this is a text: use %s');
  return {
    type: 'text',
    evaluate: (scope) => {
      const text = count === undefined ? arg.evaluate(scope) : [...arg.evaluate(scope)].slice(0, count).join('');
      return pad(letter === 'q' ? JSON.stringify(text) : text, false);
    },
  };
}
