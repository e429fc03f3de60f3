/**
 * Helm expressions as opaque tokens: typed like the value that Helm will put there, so that they fit wherever cdk8s wants
 * that value; at run time a string that no code of cdk8s looks into. `template.ts` writes the expression in its place.
 *
 * A token carries its expression with it (base64url between two characters of Unicode's private use area), so there is no
 * registry to keep: tokens may be made anywhere and mean the same everywhere. Text that holds one of the two characters
 * without being a token is refused, so no text can be taken for a token.
 */
import { type Expression, expressionText, operand } from './expression.ts';

/** How an expression is written where its token stands alone. */
export type Form = 'string' | 'number' | 'boolean' | 'json' | 'stringOf' | 'yaml' | 'splice' | 'entries';

export interface ExpressionToken {
  readonly form: Form;
  readonly expression: string;
  /** The condition under which key and value, or the list's item, appear at all. */
  readonly present?: string;
}

/** A value that appears only under a condition: key and value, or the list's item. */
export interface ConditionalToken {
  readonly form: 'when';
  readonly condition: string;
  /** Absent in the first item of a list, where it speaks for the whole list. */
  readonly value?: string | number | boolean;
}

export type Token = ExpressionToken | ConditionalToken;

/** The key under which an object carries the condition of its presence. */
export const CONDITION_KEY = '\uE000when\uE001';
const TOKEN = /\uE000([\w-]+)\uE001/g;

export const helm = {
  /** Alone `{{ … | quote }}`; inside a longer text bare, so see to it that the value fits there. */
  string: (expression: Expression<string>): string => token('string', expression),
  /** An integer: `{{ … | int64 }}`, since Helm's own numbers turn into `1e+06`. */
  number: (expression: Expression<number>): number => token('number', expression),
  boolean: (expression: Expression<boolean>): boolean => token('boolean', expression),
  /** A scalar of any type, as `maxUnavailable: 1` or `"25%"`, and fractions: `{{ … | toJson }}`. */
  json: <T>(expression: Expression<T>): T => token('json', expression),
  /** The text of a number or a truth value, as environment variables want it. */
  stringOf: (expression: Expression<number | boolean>): string => token('stringOf', expression),
  /** A list or a map: `{{- toYaml … | nindent N }}`. What starts with `include` or `tpl` is YAML text already. */
  yaml: <T>(expression: Expression<unknown>): T => token('yaml', expression),
  /** An item of a list that stands for the items of a list value, none included. */
  splice: <T>(expression: Expression<readonly unknown[]>): T => token('splice', expression),
  /** The entries of a map value among an object's own: `{ 'app': 'x', ...helm.entries(values.labels) }`. */
  entries: (expression: Expression<object>): Record<string, string> => ({ [token<string>('entries', expression)]: '' }),

  /** Key and value appear only when there is a value: a text, list or map that is not empty, a number or boolean that is set. */
  optional: {
    string: (expression: Expression<string | undefined>): string => token('string', expression, 'filled'),
    number: (expression: Expression<number | undefined>): number => token('number', expression, 'set'),
    boolean: (expression: Expression<boolean | undefined>): boolean => token('boolean', expression, 'set'),
    json: <T>(expression: Expression<T | undefined>): T => token('json', expression, 'set'),
    yaml: <T>(expression: Expression<unknown>): T => token('yaml', expression, 'filled'),
  },

  /**
   * A list's item, or an entry's value and its key, only under a condition. A list stays whole: spread into another one, its
   * condition would be that one's.
   */
  when: <T>(condition: Expression<unknown>, item: T): T => when(expressionText(condition), item) as T,
};

function token<T>(form: Form, expression: Expression<unknown>, present?: 'filled' | 'set'): T {
  const text = expressionText(expression);
  const condition = present === 'set' ? `not (kindIs "invalid" ${operand(text)})` : text;
  return encode({ form, expression: text, ...(present && { present: condition }) }) as T;
}

function when(condition: string, item: unknown): unknown {
  if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') {
    return encode({ form: 'when', condition, value: item });
  }
  if (Array.isArray(item)) return [encode({ form: 'when', condition }), ...item];
  if (typeof item !== 'object' || item === null) throw new Error(`when ${condition}: expected an item, found ${item}`);
  if (CONDITION_KEY in item) return { ...item, [CONDITION_KEY]: `and (${condition}) (${item[CONDITION_KEY]})` };
  return { [CONDITION_KEY]: condition, ...item };
}

function encode(token: Token): string {
  return `\uE000${Buffer.from(JSON.stringify(token)).toString('base64url')}\uE001`;
}

function decode(payload: string): Token {
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Token;
  } catch (cause) {
    throw new Error(`"${payload}" is no token, and stands between the characters that mark one`, { cause });
  }
}

/** The token that a value is, if it is one and nothing else. */
export function tokenOf(value: unknown): Token | undefined {
  if (typeof value !== 'string') return undefined;
  const match = /^\uE000([\w-]+)\uE001$/.exec(value);
  return match?.[1] === undefined || value === CONDITION_KEY ? undefined : decode(match[1]);
}

/** A text's literal parts and the tokens among them, in order. */
export function partsOf(text: string): (string | Token)[] {
  const parts: (string | Token)[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(text.slice(end, match.index), decode(match[1] ?? ''));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  for (const part of parts) {
    if (typeof part === 'string' && /[\uE000\uE001]/.test(part)) {
      throw new Error(`${JSON.stringify(text)} holds a character that marks tokens (U+E000, U+E001) and no token`);
    }
  }
  return parts;
}
