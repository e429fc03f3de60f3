/**
 * /proc/1/net/sockstat and sockstat6, absent without IPv6: how many sockets there are. `mem` is in pages, `memory` in bytes.
 *
 *   sockets: used 412
 *   TCP: inuse 31 orphan 1 tw 6 alloc 40 mem 3
 *
 * https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
 */
import type { Collector } from '../collector.ts';
import { pageSize } from '../host/page-size.ts';
import { readNet, requireNet } from '../host/protocol-files.ts';
import { decimal, lines, malformed, words } from '../kernel/text.ts';
import { each } from './each.ts';

const SERIES = [
  ['sockets_used', 'node_sockstat_sockets_used'],
  ['TCP_inuse', 'node_sockstat_TCP_inuse'],
  ['TCP_orphan', 'node_sockstat_TCP_orphan'],
  ['TCP_tw', 'node_sockstat_TCP_tw'],
  ['TCP_alloc', 'node_sockstat_TCP_alloc'],
  ['TCP_mem', 'node_sockstat_TCP_mem'],
  ['UDP_inuse', 'node_sockstat_UDP_inuse'],
  ['UDP_mem', 'node_sockstat_UDP_mem'],
  ['UDPLITE_inuse', 'node_sockstat_UDPLITE_inuse'],
  ['RAW_inuse', 'node_sockstat_RAW_inuse'],
  ['FRAG_inuse', 'node_sockstat_FRAG_inuse'],
  ['FRAG_memory', 'node_sockstat_FRAG_memory'],
  ['TCP6_inuse', 'node_sockstat_TCP6_inuse'],
  ['UDP6_inuse', 'node_sockstat_UDP6_inuse'],
  ['UDPLITE6_inuse', 'node_sockstat_UDPLITE6_inuse'],
  ['RAW6_inuse', 'node_sockstat_RAW6_inuse'],
  ['FRAG6_inuse', 'node_sockstat_FRAG6_inuse'],
  ['FRAG6_memory', 'node_sockstat_FRAG6_memory'],
] as const;

export function sockstat(): Collector {
  let bytesPerPage: number | undefined;
  return {
    name: 'sockstat',
    collect(host, emit) {
      bytesPerPage ??= pageSize(host);
      const bytes = (pages: number | undefined) =>
        pages === undefined || bytesPerPage === undefined ? undefined : pages * bytesPerPage;
      const files = [() => requireNet(host, 'sockstat'), () => readNet(host, 'sockstat6') ?? ''];
      each(files, (read) => {
        each(lines('/proc/net/sockstat', read()), (line) => {
          const found = parseSockstat(line);
          for (const [key, name] of SERIES) emit(name, found.get(key));
          emit('node_sockstat_TCP_mem_bytes', bytes(found.get('TCP_mem')));
          emit('node_sockstat_UDP_mem_bytes', bytes(found.get('UDP_mem')));
        });
      });
    },
  };
}

/** The values of a line by protocol and name, `TCP_inuse`. */
export function parseSockstat(line: string): ReadonlyMap<string, number> {
  const [protocol = '', ...pairs] = words(line);
  if (!protocol.endsWith(':') || pairs.length === 0) {
    throw malformed('/proc/net/sockstat', 'a protocol with names and values', line);
  }
  const found = new Map<string, number>();
  for (let i = 0; i < pairs.length; i += 2) found.set(`${protocol.slice(0, -1)}_${pairs[i]}`, decimal(pairs[i + 1]));
  return found;
}
