/**
 * Whether anything is left of a value. A map whose entries all depend on conditions would become `key:` without a value
 * when none of them holds, and that is `null`, which the API server refuses where it wants a map. So the key depends on them, too.
 */
import { all, any, isText } from './expression.ts';
import { CONDITION_KEY, type Token, tokenOf } from './tokens.ts';

/** The condition under which there is something; undefined if there always is. */
export function presenceOf(value: unknown): string | undefined {
  const token = tokenOf(value);
  if (token !== undefined) return presenceOfToken(token);
  if (typeof value !== 'object' || value === null) return undefined;
  const [condition, parts] = Array.isArray(value) ? partsOfList(value) : partsOfMap(value as Record<string, unknown>);
  const conditions = [condition, anyOf(parts)].filter((each) => each !== undefined);
  return conditions.length === 0 ? undefined : all(...new Set(conditions));
}

function presenceOfToken(token: Token): string | undefined {
  switch (token.form) {
    case 'when':
      return token.condition;
    case 'splice':
    case 'entries':
      return isText(token.expression) ? undefined : token.expression;
    default:
      return token.present;
  }
}

type Parts = readonly [condition: string | undefined, parts: readonly (string | undefined)[]];

function partsOfList([first, ...rest]: readonly unknown[]): Parts {
  const token = tokenOf(first);
  const whole = token?.form === 'when' && token.value === undefined ? token.condition : undefined;
  return [whole, (whole === undefined ? [first, ...rest] : rest).map(presenceOf)];
}

function partsOfMap({ [CONDITION_KEY]: condition, ...map }: Record<string, unknown>): Parts {
  const parts = Object.entries(map).map(([key, value]) => presenceOf(tokenOf(key) === undefined ? value : key));
  return [condition as string | undefined, parts];
}

function anyOf(parts: readonly (string | undefined)[]): string | undefined {
  const conditions = parts.filter((part) => part !== undefined);
  return conditions.length < parts.length || parts.length === 0 ? undefined : any(...new Set(conditions));
}
