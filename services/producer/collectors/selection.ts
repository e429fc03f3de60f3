/**
 * Which collectors run: a list of names, where `default` stands for those that node_exporter runs by default and a minus takes
 * one out again: `default,interrupts,-hwmon`.
 */
import type { Collector } from '../collector.ts';
import { inventory, portableCollectors } from '../systeminformation.ts';
import { type CollectorOptions, optionalCollectors, standardCollectors } from './index.ts';

const ANY: CollectorOptions = { nodename: '', machine: '', now: () => 0 };
/** The names of those that run by default, and of those that do not. */
export const STANDARD = [...standardCollectors(ANY), inventory(ANY)].map(({ name }) => name);
export const OPTIONAL = optionalCollectors(ANY).map(({ name }) => name);

/** A kind of setting (runtime/settings.ts): the names of those that run. */
export const collectorNames = {
  expected: `a comma-separated list of default, and of names to add or (with a minus) to take out: ${[...STANDARD, ...OPTIONAL].sort().join(', ')}`,
  parse(text: string): readonly string[] | undefined {
    const names = new Set<string>();
    for (const item of text.split(',').map((item) => item.trim())) {
      const name = item.replace(/^-/, '');
      if (item === 'default') for (const standard of STANDARD) names.add(standard);
      else if (!STANDARD.includes(name) && !OPTIONAL.includes(name)) return undefined;
      else if (item === name) names.add(name);
      else names.delete(name);
    }
    return names.size === 0 ? undefined : [...names];
  },
};

export function selectCollectors(names: readonly string[], options: CollectorOptions): readonly Collector[] {
  const all =
    process.platform === 'linux'
      ? [...standardCollectors(options), ...optionalCollectors(options), inventory(options)]
      : portableCollectors(options);
  return all.filter(({ name }) => names.includes(name));
}
