/** A host for tests, made of texts; and what a collector makes of it, as people read metrics. */
import { metricOf } from '#contract/metrics.ts';
import { type Collector, collectAll } from '../collector.ts';
import type { Host } from './proc.ts';

/** @param files by path without the leading slash. They may change between collections. */
export function fakeHost(files: Readonly<Record<string, string>>, links: Readonly<Record<string, string>> = {}): Host {
  return {
    own: false,
    read: (path) => files[path],
    peek: (path) => files[path]?.trim(),
    list(path) {
      const below = Object.keys(files).filter((file) => file.startsWith(`${path}/`));
      return [...new Set(below.map((file) => file.slice(path.length + 1).split('/')[0] ?? ''))].sort();
    },
    link: (path) => links[path],
    device: () => undefined,
    statfs: () => ({ error: 'ENOENT' }),
    statfsRemote: () => new Map(),
    close: () => undefined,
  };
}

/** The series of one collection, and what went wrong in it. */
export function collected(collector: Collector, host: Host): { series: string[]; failure: string | undefined } {
  const { metrics, failures } = collectAll([collector], host, () => 0);
  const series = Object.entries(metrics).flatMap(([name, found]) => {
    if (name.startsWith('node_scrape_collector_')) return [];
    if (typeof found === 'number') return [`${name} ${found}`];
    return found.map((row) => {
      const labels = metricOf(name)?.labels.flatMap((label, i) => (row[i] === '' ? [] : `${label}="${row[i]}"`));
      return `${name}{${labels?.join()}} ${row.at(-1)}`;
    });
  });
  return { series, failure: failures.get(collector.name) };
}
