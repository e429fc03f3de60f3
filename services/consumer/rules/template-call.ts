/**
 * What a template's functions do, and which values they take. Types are known when the template is read, so a text where
 * a number is wanted is a mistake that is told then, and not printed into an alert.
 */
import { formatFixed, formatShortest } from './go-format.ts';
import { HUMANIZERS } from './humanize.ts';
import { didYouMean } from './nearest.ts';

export interface Scope {
  readonly value: number;
  /** Empty for a label that is not there, as in Prometheus. */
  label(name: string): string;
}

/** A value that is known to be a number or a text before it is known. */
export type Expression =
  | { readonly type: 'number'; readonly evaluate: (scope: Scope) => number }
  | { readonly type: 'text'; readonly evaluate: (scope: Scope) => string; readonly literal?: string };

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

export const KNOWN = `$value, $labels.NAME, ${Object.keys(HUMANIZERS).join(', ')} and printf`;

export function constant(literal: string): Expression {
  return { type: 'text', evaluate: () => literal, literal };
}

export function print(expression: Expression, scope: Scope): string {
  return expression.type === 'text' ? expression.evaluate(scope) : formatShortest(expression.evaluate(scope));
}

export function call(name: string, offset: number, args: readonly Expression[]): Expression {
  if (name === 'printf') return printf(offset, args);
  const humanize = Object.hasOwn(HUMANIZERS, name) ? HUMANIZERS[name] : undefined;
  if (humanize === undefined) {
    const meant = didYouMean(name, [...Object.keys(HUMANIZERS), 'printf']);
    throw new Refusal(offset, `${name} is not supported in a template: known are ${KNOWN}${meant}`);
  }
  const [arg] = args;
  if (args.length !== 1 || arg?.type !== 'number') {
    throw new Refusal(offset, `${name} takes one number: write {{ $value | ${name} }}`);
  }
  return { type: 'text', evaluate: (scope) => humanize(arg.evaluate(scope)) };
}

/** More digits than a double has would say nothing. */
const MAX_DECIMALS = 20;

function printf(offset: number, [format, ...args]: readonly Expression[]): Expression {
  if (format?.type !== 'text' || format.literal === undefined) {
    throw new Refusal(offset, 'printf takes a format in quotes first: write printf "%.1f" $value');
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
  return { type: 'text', evaluate: (scope) => pieces.map((piece) => print(piece, scope)).join('') };
}

function verb(offset: number, written: string, arg: Expression | undefined): Expression {
  const [, decimals, letter] = /^%(?:\.(\d+))?([fvs])$/.exec(written) ?? [];
  const count = Number(decimals ?? 6);
  if (letter === undefined || (letter !== 'f' && decimals !== undefined) || count > MAX_DECIMALS) {
    throw new Refusal(
      offset,
      `printf "${written}" is not supported: known are %.1f (0 to ${MAX_DECIMALS}), %v, %s and %%`,
    );
  }
  if (arg === undefined) throw new Refusal(offset, `printf "${written}" has no value to print`);
  if (letter === 'v') return arg;
  if (letter === 's') {
    if (arg.type === 'text') return arg;
    throw new Refusal(offset, 'printf "%s" prints a text, and this is a number: use %v or %.1f');
  }
  if (arg.type === 'text') throw new Refusal(offset, `printf "${written}" prints a number, and this is a text: use %s`);
  return { type: 'text', evaluate: (scope) => formatFixed(arg.evaluate(scope), count) };
}
