/**
 * The manifest of a cdk8s object with its tokens in place.
 *
 * The typed objects (`Kube…`) of cdk8s write only what they know: they call `.map` on arrays, copy the keys of their type and give
 * some of them other names (`clusterIp` becomes `clusterIP`). A token in place of a list or an object would break or be
 * dropped there. So the typed code sees an empty list in its place, which passes everywhere, and afterwards the tokens
 * are put back into the result, by walking both together.
 */
import { ApiObject } from 'cdk8s';
import { CONDITION_KEY, type Token, tokenOf } from './tokens.ts';

export type Manifest = Readonly<Record<string, unknown>>;

const SCALARS: readonly Token['form'][] = ['string', 'number', 'boolean', 'json', 'stringOf', 'when'];

/** Keys stay in the order in which they were given; cdk8s would sort them. */
process.env.CDK8S_DISABLE_SORT = 'true';

/** @throws Error where the typed object would drop a property that it does not know. */
export function manifestOf(object: ApiObject): Manifest {
  const given = withWholeMetadata(ApiObject.prototype.toJson.call(object));
  const { manifest } = object.constructor as { manifest?: (props: unknown) => Manifest };
  if (manifest === undefined) return given;
  return restored(given, manifest(hollow(given)), object.node.path) as Manifest;
}

/** cdk8s copies labels and annotations letter by letter where a token stands in place of all of them. */
function withWholeMetadata(given: Manifest): Manifest {
  const metadata = Object.entries(given.metadata as Manifest).map(([key, value]) => {
    if (!isObject(value) || !('0' in value)) return [key, value];
    const token = Object.values(value).join('');
    return [key, tokenOf(token) === undefined ? value : token];
  });
  return { ...given, metadata: Object.fromEntries(metadata) };
}

function hollow(given: unknown): unknown {
  const token = tokenOf(given);
  if (token !== undefined) return SCALARS.includes(token.form) ? given : [];
  if (Array.isArray(given)) return given.map(hollow);
  if (!isObject(given)) return given;
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, hollow(value)]));
}

function restored(given: unknown, typed: unknown, place: string): unknown {
  if (tokenOf(given) !== undefined) return given;
  if (Array.isArray(given) && Array.isArray(typed)) {
    return given.map((item, index) => restored(item, typed[index], `${place}/${index}`));
  }
  if (!isObject(given) || !isObject(typed)) return typed;
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    const name = isMark(key) ? key : (nameIn(typed, key) ?? unknown(place, key));
    result[name] = isMark(key) ? value : restored(value, typed[name], `${place}/${key}`);
  }
  return { ...result, ...without(typed, result) };
}

function without(typed: Manifest, known: Manifest): Manifest {
  return Object.fromEntries(Object.entries(typed).filter(([key]) => !(key in known)));
}

/** The names differ by the case of acronyms and by a `$` alone. */
function nameIn(typed: Manifest, key: string): string | undefined {
  if (key in typed) return key;
  return Object.keys(typed).find((name) => name.replace('$', '').toLowerCase() === key.toLowerCase());
}

function unknown(place: string, key: string): never {
  throw new Error(`${place}: cdk8s' type of this object does not know the property ${key}`);
}

function isMark(key: string): boolean {
  return key === CONDITION_KEY || tokenOf(key) !== undefined;
}

function isObject(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
