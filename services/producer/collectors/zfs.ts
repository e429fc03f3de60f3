/**
 * /proc/spl/kstat/zfs: counters of ZFS, which names them. Tables of all of it, and a directory for each pool:
 *
 *   13 1 0x01 96 4608 8222…          a header
 *   name                type data
 *   hits                4    8772612   3 is a signed number, 4 an unsigned one; others are no counters
 *
 * https://openzfs.github.io/openzfs-docs/man/master/4/zfs.4.html
 */
import type { Collector } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';
import { decimal, lines, malformed, words } from '../kernel/text.ts';
import { each } from './each.ts';

const ROOT = 'proc/spl/kstat/zfs';

const TABLES = [
  ['abdstats', 'abd'],
  ['arcstats', 'arc'],
  ['dbufstats', 'dbuf'],
  ['dmu_tx', 'dmu_tx'],
  ['dnodestats', 'dnode'],
  ['fm', 'fm'],
  ['vdev_cache_stats', 'vdev_cache'],
  ['vdev_mirror_stats', 'vdev_mirror'],
  ['xuio_stats', 'xuio'],
  ['zfetchstats', 'zfetch'],
  ['zil', 'zil'],
] as const;

const STATES = ['online', 'degraded', 'faulted', 'offline', 'removed', 'unavail', 'suspended'] as const;

interface Pool {
  readonly zpool: string;
  readonly datasets: readonly string[];
}

interface Found {
  readonly tables: readonly (typeof TABLES)[number][];
  readonly pools: readonly Pool[];
}

export function zfs(now: () => number): Collector {
  const found = remembered(now, A_MINUTE_MS, find);
  return {
    name: 'zfs',
    collect(host, emit) {
      const { tables, pools } = found(host);
      each(tables, ([file, group]) => {
        const path = `${ROOT}/${file}`;
        const text = host.read(path);
        if (text === undefined) return;
        for (const [key, value] of parseKstat(path, text).numbers) emit(`node_zfs_${group}_${key}`, value);
      });
      each(pools, ({ zpool, datasets }) => {
        const path = `${ROOT}/${zpool}`;
        const io = host.read(`${path}/io`);
        if (io !== undefined)
          for (const [key, value] of parsePoolIo(io)) emit(`node_zfs_zpool_${key}`, value, { zpool });
        const is = host.read(`${path}/state`)?.trim().toLowerCase();
        if (is !== undefined) {
          for (const state of STATES) emit('node_zfs_zpool_state', is === state ? 1 : 0, { zpool, state });
        }
        each(datasets, (file) => {
          const text = host.read(`${path}/${file}`);
          if (text === undefined) return;
          const { numbers, dataset } = parseKstat(`${path}/${file}`, text);
          if (dataset === undefined) throw malformed(`/${path}/${file}`, 'the name of a dataset', undefined);
          for (const [key, value] of numbers) emit(`node_zfs_zpool_dataset_${key}`, value, { zpool, dataset });
        });
      });
    },
  };
}

export function parseKstat(path: string, text: string): { numbers: [string, number][]; dataset?: string } {
  const all = lines(`/${path}`, text);
  const head = all.findIndex((line) => /^name\s+type\s+data\s*$/.test(line));
  if (head === -1) throw malformed(`/${path}`, 'a line "name type data"', all[0]);
  const numbers: [string, number][] = [];
  let dataset: string | undefined;
  for (const line of all.slice(head + 1)) {
    const [key = '', type, value = ''] = words(line);
    // A name may have blanks, also several in a row.
    if (key === 'dataset_name') dataset = /^\S+\s+\S+\s+(.*)$/.exec(line)?.[1];
    else if (type === '3' || type === '4') numbers.push([key.replaceAll(/[^a-zA-Z0-9_]/g, '_'), decimal(value)]);
  }
  return { numbers, ...(dataset === undefined ? {} : { dataset }) };
}

/** A line of names and one of numbers, after the header. */
export function parsePoolIo(text: string): [string, number][] {
  const [, names = '', numbers = ''] = lines('/proc/spl/kstat/zfs/*/io', text);
  const values = words(numbers);
  return words(names).map((name, i) => [name, decimal(values[i])]);
}

function find(host: Host): Found {
  const inside = host.list(ROOT);
  const pools = inside.flatMap((zpool): Pool[] => {
    const files = host.list(`${ROOT}/${zpool}`);
    if (!files.includes('state') && !files.includes('io')) return [];
    return [{ zpool, datasets: files.filter((file) => file.startsWith('objset-')) }];
  });
  return { tables: TABLES.filter(([file]) => inside.includes(file)), pools };
}
