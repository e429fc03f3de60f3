/** The parameters of a request: what is known is read, and anything else is a mistake that is told. */

export class BadQuery extends Error {}

export type Parameters = Readonly<Record<string, readonly string[]>>;

/** @throws BadQuery for a parameter that is not known, or given again where once is enough. */
export function parametersOf(url: string, known: readonly string[], repeatable: readonly string[] = []): Parameters {
  const at = url.indexOf('?');
  const found: Record<string, string[]> = Object.create(null);
  for (const [name, value] of new URLSearchParams(at === -1 ? '' : url.slice(at + 1))) {
    if (!known.includes(name)) {
      throw new BadQuery(`unknown parameter ${JSON.stringify(name)}; expected ${known.join(', ') || 'none'}`);
    }
    if (found[name] !== undefined && !repeatable.includes(name)) throw new BadQuery(`${name}: given more than once`);
    found[name] = [...(found[name] ?? []), value];
  }
  return found;
}

/** @throws BadQuery unless it is a whole number of milliseconds, if it is there. */
export function momentOf(parameters: Parameters, name: string): number | undefined {
  const value = parameters[name]?.[0];
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new BadQuery(`${name}=${JSON.stringify(value)}: expected milliseconds since the Unix epoch`);
}

/** @throws BadQuery for a value that is none of them. */
export function choicesOf<T extends string>(
  parameters: Parameters,
  name: string,
  choices: readonly T[],
): readonly T[] | undefined {
  return parameters[name]?.map((value) => {
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) {
      throw new BadQuery(`${name}=${JSON.stringify(value)}: expected one of ${choices.join(', ')}`);
    }
    return choice;
  });
}
