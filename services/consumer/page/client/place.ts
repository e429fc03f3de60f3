/** Where the page is, kept in the address, so that it can be linked to, and going back goes back. */

export interface NodeName {
  readonly cluster: string;
  readonly node: string;
}

export interface Place {
  /** `undefined`: all nodes. */
  readonly node: NodeName | undefined;
  readonly rangeMs: number;
}

export const RANGES = [
  { label: '5 min', ms: 5 * 60_000 },
  { label: '15 min', ms: 15 * 60_000 },
  { label: '1 h', ms: 60 * 60_000 },
  { label: '6 h', ms: 6 * 60 * 60_000 },
] as const;
const DEFAULT_RANGE_MS = RANGES[1].ms;

export function keyOf({ cluster, node }: NodeName): string {
  return `${cluster}/${node}`;
}

export function placeOf(hash: string): Place {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const [cluster, node] = [parameters.get('cluster'), parameters.get('node')];
  const range = RANGES.find(({ ms }) => String(ms / 60_000) === parameters.get('minutes'));
  return {
    node: cluster === null || node === null ? undefined : { cluster, node },
    rangeMs: range?.ms ?? DEFAULT_RANGE_MS,
  };
}

export function hashOf({ node, rangeMs }: Place): string {
  const parameters = new URLSearchParams();
  if (node !== undefined) {
    parameters.set('cluster', node.cluster);
    parameters.set('node', node.node);
  }
  if (rangeMs !== DEFAULT_RANGE_MS) parameters.set('minutes', String(rangeMs / 60_000));
  return `#${parameters}`;
}
