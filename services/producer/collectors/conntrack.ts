/**
 * /proc/1/net/stat/nf_conntrack: the connections that the host's network namespace tracks, and what each CPU counted about it,
 * in hexadecimal; `entries` is the same in each line. Absent where the kernel tracks none.
 *
 *   entries  clashres found new invalid ignore … search_restart
 *   00000021  00000000 00000001 00000000 00000003 00000a10 …
 *
 * The table's size is only in /proc/sys/net/netfilter, and that is the reader's: from a container, the container's. Up to Linux
 * 6.18 (as read and tried there) one limit holds for all network namespaces, and all but the first may only read it, so the
 * container's is the host's. Later kernels may give each its own, so there it is published only where the root is our own.
 * https://www.kernel.org/doc/html/latest/networking/nf_conntrack-sysctl.html
 */
import type { Collector } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { readNet } from '../host/protocol-files.ts';
import { decimal, hexadecimal, lines, malformed, words } from '../kernel/text.ts';

const SYSCTL = 'proc/sys/net/netfilter';
const LAST_WITH_ONE_LIMIT = [6, 18] as const;

const STATS = [
  ['node_nf_conntrack_stat_found', 'found'],
  ['node_nf_conntrack_stat_invalid', 'invalid'],
  ['node_nf_conntrack_stat_ignore', 'ignore'],
  ['node_nf_conntrack_stat_insert', 'insert'],
  ['node_nf_conntrack_stat_insert_failed', 'insert_failed'],
  ['node_nf_conntrack_stat_drop', 'drop'],
  ['node_nf_conntrack_stat_early_drop', 'early_drop'],
  ['node_nf_conntrack_stat_search_restart', 'search_restart'],
] as const;

export interface ConntrackStat {
  readonly entries: number;
  /** The sums over all CPUs, by heading. */
  readonly sums: ReadonlyMap<string, number>;
}

export function conntrack(): Collector {
  let oneLimit: boolean | undefined;
  return {
    name: 'conntrack',
    collect(host, emit) {
      oneLimit ??= host.own || hasOneLimit(host.peek('proc/sys/kernel/osrelease'));
      if (oneLimit) emit('node_nf_conntrack_entries_limit', sysctl(host, 'nf_conntrack_max'));
      const text = readNet(host, 'stat/nf_conntrack');
      if (text === undefined) {
        if (host.own) emit('node_nf_conntrack_entries', sysctl(host, 'nf_conntrack_count'));
        return;
      }
      const { entries, sums } = parseConntrackStat(text);
      emit('node_nf_conntrack_entries', entries);
      for (const [name, heading] of STATS) emit(name, sums.get(heading));
    },
  };
}

/** Of a release of the kernel, `6.12.48+deb13-amd64`. */
export function hasOneLimit(release: string | undefined): boolean {
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)/.exec(release ?? '') ?? [];
  if (major === '') return false;
  const [lastMajor, lastMinor] = LAST_WITH_ONE_LIMIT;
  return Number(major) < lastMajor || (Number(major) === lastMajor && Number(minor) <= lastMinor);
}

/** Columns are found by their headings, which changed over time. */
export function parseConntrackStat(text: string): ConntrackStat {
  const [headings = [], ...rows] = lines('/proc/net/stat/nf_conntrack', text).map(words);
  const place = headings.indexOf('entries');
  if (place === -1 || rows.length === 0) {
    throw malformed('/proc/net/stat/nf_conntrack', 'headings and a line for each CPU', text);
  }
  const sums = new Map<string, number>();
  for (const [i, heading] of headings.entries()) {
    sums.set(
      heading,
      rows.reduce((sum, row) => sum + hexadecimal(row[i]), 0),
    );
  }
  return { entries: hexadecimal(rows[0]?.[place]), sums };
}

function sysctl(host: Host, name: string): number | undefined {
  const text = host.peek(`${SYSCTL}/${name}`);
  return text === undefined ? undefined : decimal(text);
}
