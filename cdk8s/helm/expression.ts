/**
 * What stands between `{{` and `}}`: free text, or a path into the chart's values that the compiler checks.
 *
 *     const values = valuePaths<z.infer<typeof SCHEMA>>();
 *     values.consumer.replicas        // .Values.consumer.replicas, a Path<number>
 *     values.consumer.replica         // does not compile
 *     `gt (int ${values.consumer.replicas}) 1`
 */

/** The type of the value that a path leads to. Exists for the compiler alone. */
declare const VALUE: unique symbol;
const TEXT = Symbol('text');

export interface Path<T> {
  readonly [VALUE]: T;
  readonly [TEXT]: string;
}

export type Paths<T> = Path<T> &
  (NonNullable<T> extends readonly unknown[] | string | number | boolean
    ? unknown
    : { readonly [Key in keyof NonNullable<T>]-?: Paths<NonNullable<T>[Key]> });

/** Free text is taken as it is: whoever writes it answers for its type. */
export type Expression<T> = Path<T> | string;

export function valuePaths<Values extends object>(): Paths<Values> {
  return path('.Values') as Paths<Values>;
}

export function expressionText(expression: Expression<unknown>): string {
  return typeof expression === 'string' ? expression.trim() : expression[TEXT];
}

/** Helpers and `tpl` give text, everything else a value. */
export function isText(expression: string): boolean {
  return /^(include|tpl)\b/.test(expression);
}

/** The same as an argument of a function. */
export function operand(expression: Expression<unknown>): string {
  const text = expressionText(expression);
  return /^[.$\w]+$/.test(text) || /^\([^()]*\)$/.test(text) ? text : `(${text})`;
}

/** `eq`; the compiler sees to it that the value can be had at all. */
export function equals<T extends string | number | boolean>(expression: Expression<T>, value: NoInfer<T>): string {
  return `eq ${operand(expression)} ${JSON.stringify(value)}`;
}

export function not(condition: Expression<unknown>): string {
  return `not ${operand(condition)}`;
}

export function all(...conditions: Expression<unknown>[]): string {
  return joined('and', conditions);
}

export function any(...conditions: Expression<unknown>[]): string {
  return joined('or', conditions);
}

function joined(operator: string, conditions: readonly Expression<unknown>[]): string {
  const [first, ...others] = conditions;
  if (first === undefined) throw new Error(`${operator}: expected one condition or more`);
  return others.length === 0 ? expressionText(first) : `${operator} ${conditions.map(operand).join(' ')}`;
}

/** A path is extended by each property that is read from it; keys that are no identifiers go through `index`. */
function path(text: string): object {
  return new Proxy(
    {},
    {
      get(_, key) {
        if (key === TEXT) return text;
        if (key === Symbol.toPrimitive) return () => text;
        if (typeof key === 'symbol') return undefined;
        return path(/^\w+$/.test(key) ? `${text}.${key}` : `(index ${text} ${JSON.stringify(key)})`);
      },
    },
  );
}
