/**
 * /proc/1/net/dev: what each network interface received and sent. A container's own /proc/net/dev shows the container's
 * interfaces, those of process 1 are the host's.
 *
 *   Inter-|   Receive                            |  Transmit
 *    face |bytes    packets errs … multicast     |bytes    packets errs … compressed
 *     eth0: 1296    6 0 …
 *
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#networking-info-in-proc-net
 */
import type { Collector } from '../collector.ts';
import { decimal, lines, malformed, words } from '../kernel-text.ts';

const COLUMNS = [
  'receive_bytes',
  'receive_packets',
  'receive_errs',
  'receive_drop',
  'receive_fifo',
  'receive_frame',
  'receive_compressed',
  'receive_multicast',
  'transmit_bytes',
  'transmit_packets',
  'transmit_errs',
  'transmit_drop',
  'transmit_fifo',
  'transmit_colls',
  'transmit_carrier',
  'transmit_compressed',
] as const;

export interface Interface {
  readonly device: string;
  /** By column of `COLUMNS`; `undefined` where the kernel has none. */
  readonly counts: readonly (number | undefined)[];
}

export function netdev(): Collector {
  return {
    name: 'netdev',
    collect(host, emit) {
      const text = host.read('proc/1/net/dev') ?? (host.own ? host.read('proc/net/dev') : undefined);
      if (text === undefined) throw malformed('/proc/1/net/dev', 'a file that may be read', undefined);
      for (const { device, counts } of parseNetDev(text)) {
        for (const [i, column] of COLUMNS.entries()) emit(`node_network_${column}_total`, counts[i], { device });
      }
    },
  };
}

/** Columns are found by their headings, so a kernel that adds one does not shift the others. */
export function parseNetDev(text: string): Interface[] {
  const [, headings, ...rows] = lines('/proc/net/dev', text);
  const [, receive, transmit] = headings?.split('|') ?? [];
  if (receive === undefined || transmit === undefined) throw malformed('/proc/net/dev', 'two lines of headings', text);
  const found = [
    ...words(receive).map((heading) => `receive_${heading}`),
    ...words(transmit).map((heading) => `transmit_${heading}`),
  ];
  const places = COLUMNS.map((column) => found.indexOf(column));
  return rows.map((row) => {
    const colon = row.lastIndexOf(':');
    const counts = words(row.slice(colon + 1));
    return {
      device: row.slice(0, Math.max(colon, 0)).trim(),
      counts: places.map((place) => (place === -1 ? undefined : decimal(counts[place]))),
    };
  });
}
