/**
 * The catalogue: every metric that a node's event may carry, by area in `metrics/`. It is on the run-time path of both
 * sides: a collector can only emit what stands here, a decoder skips what does not, `/metrics`, docs, rules and dashboards
 * are checked against it.
 *
 * Names, types and labels are node_exporter's (1.12), so dashboards and rules that people own work unchanged. In `/metrics`
 * each series also carries `cluster` and `node`. Where the kernel makes the names a row is a pattern: `*` stands for one
 * or more of `[a-zA-Z0-9_]`, in the help text too.
 *
 * A name's labels and their order are wire format (see event.ts): they never change within event version 1, which
 * `testdata/labels-v1.json` holds.
 */

import type { MetricDef } from './metrics/definition.ts';
import { HARDWARE_METRICS } from './metrics/hardware.ts';
import { IDENTITY_METRICS } from './metrics/identity.ts';
import { INVENTORY_METRICS } from './metrics/inventory.ts';
import { KERNEL_METRICS } from './metrics/kernel.ts';
import { NETWORK_METRICS } from './metrics/network.ts';
import { STORAGE_METRICS } from './metrics/storage.ts';

export type { MetricDef };

export const METRICS = {
  ...KERNEL_METRICS,
  ...STORAGE_METRICS,
  ...NETWORK_METRICS,
  ...HARDWARE_METRICS,
  ...IDENTITY_METRICS,
  ...INVENTORY_METRICS,
} as const satisfies Readonly<Record<string, MetricDef>>;

type Table = typeof METRICS;

/** Every name that may be emitted, patterns expanded to template types. */
export type MetricName = { [K in keyof Table]: Named<K> }[keyof Table];
type Named<K> = K extends `${infer Before}*${infer After}` ? `${Before}${string}${After}` : K;

/** The arguments that name a series of `N` after its value: none, or one object with exactly its labels. */
export type LabelArgs<N extends MetricName> = {
  [K in keyof Table]: N extends Named<K> ? Args<Table[K]['labels'][number]> : never;
}[keyof Table];
type Args<L extends string> = [L] extends [never] ? [] : [labels: Readonly<Record<L, string>>];

/** A row of the catalogue as it applies to one name: a pattern's `*` filled in. */
export interface Metric extends MetricDef {
  readonly name: string;
}

const PATTERNS = Object.entries<MetricDef>(METRICS)
  .filter(([key]) => key.includes('*'))
  .map(([key, definition]) => {
    const [before = '', after = ''] = key.split('*');
    return { before, after, definition };
  });
const LITERALS = new Map<string, Metric>(
  Object.entries<MetricDef>(METRICS)
    .filter(([key]) => !key.includes('*'))
    .map(([name, definition]) => [name, { ...definition, name }]),
);
const NAME = /^[a-zA-Z0-9_]+$/;

/** The row of a name, or `undefined` if the catalogue has none. */
export function metricOf(name: string): Metric | undefined {
  const literal = LITERALS.get(name);
  if (literal !== undefined) return literal;
  for (const { before, after, definition } of PATTERNS) {
    if (!name.startsWith(before) || !name.endsWith(after)) continue;
    const middle = name.slice(before.length, name.length - after.length);
    if (NAME.test(middle)) return { ...definition, name, help: definition.help.replace('*', middle) };
  }
  return undefined;
}
