/**
 * /proc/1/net/dev: what each network interface received and sent. A container's own /proc/net/dev shows the container's
 * interfaces, those of process 1 are the host's.
 *
 *   Inter-|   Receive                            |  Transmit
 *    face |bytes    packets errs … multicast     |bytes    packets errs … compressed
 *     eth0: 1296    6 0 …
 *
 * Packets that nobody wanted are only told in /sys/class/net/INTERFACE/statistics/rx_nohandler. Each of them was received
 * before, so that file is read again only where the number of received packets has changed.
 *
 * Where /proc/1 may not be read (/proc mounted hidepid), all of it comes from /sys, which shows the interfaces of whoever
 * mounted it, and costs 24 files for each.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#networking-info-in-proc-net
 * https://www.kernel.org/doc/html/latest/networking/statistics.html
 */
import type { Collector } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { readNet } from '../host/protocol-files.ts';
import { decimal, lines, malformed, words } from '../kernel/text.ts';
import { each } from './each.ts';

/** What a column of /proc/1/net/dev is the sum of, as files of `statistics`. */
const COLUMNS = [
  ['receive_bytes', ['rx_bytes']],
  ['receive_packets', ['rx_packets']],
  ['receive_errs', ['rx_errors']],
  ['receive_drop', ['rx_dropped', 'rx_missed_errors']],
  ['receive_fifo', ['rx_fifo_errors']],
  ['receive_frame', ['rx_length_errors', 'rx_over_errors', 'rx_crc_errors', 'rx_frame_errors']],
  ['receive_compressed', ['rx_compressed']],
  ['receive_multicast', ['multicast']],
  ['transmit_bytes', ['tx_bytes']],
  ['transmit_packets', ['tx_packets']],
  ['transmit_errs', ['tx_errors']],
  ['transmit_drop', ['tx_dropped']],
  ['transmit_fifo', ['tx_fifo_errors']],
  ['transmit_colls', ['collisions']],
  ['transmit_carrier', ['tx_carrier_errors', 'tx_aborted_errors', 'tx_window_errors', 'tx_heartbeat_errors']],
  ['transmit_compressed', ['tx_compressed']],
] as const;
const NAMES = COLUMNS.map(([column]) => `node_network_${column}_total` as const);
const RECEIVED_PACKETS = 1;

export interface Interface {
  readonly device: string;
  /** By column of `COLUMNS`; `undefined` where the kernel has none. */
  readonly counts: readonly (number | undefined)[];
}

interface Unhandled {
  /** How many packets had been received when it was read. */
  readonly received: number | undefined;
  readonly count: number | undefined;
}

export function netdev(): Collector {
  let unhandled = new Map<string, Unhandled>();
  return {
    name: 'netdev',
    collect(host, emit) {
      const before = unhandled;
      unhandled = new Map();
      each(interfacesOf(host), ({ device, counts }) => {
        for (const [i, name] of NAMES.entries()) emit(name, counts[i], { device });
        const received = counts[RECEIVED_PACKETS];
        let now = before.get(device);
        if (now === undefined || now.received !== received) {
          now = { received, count: statistic(host, device, 'rx_nohandler') };
        }
        unhandled.set(device, now);
        emit('node_network_receive_nohandler_total', now.count, { device });
      });
    },
  };
}

function interfacesOf(host: Host): Interface[] {
  const text = readNet(host, 'dev');
  if (text !== undefined) return parseNetDev(text);
  const devices = host.list('sys/class/net');
  if (devices.length === 0) throw malformed('/proc/1/net/dev', 'a file that may be read', undefined);
  return devices.map((device) => ({ device, counts: COLUMNS.map(([, files]) => sumOf(host, device, files)) }));
}

/** Of as many as there are, all or none: bonding_masters stands among the interfaces and is none. */
function sumOf(host: Host, device: string, files: readonly string[]): number | undefined {
  let sum: number | undefined = 0;
  for (const file of files) {
    const count = statistic(host, device, file);
    sum = sum === undefined || count === undefined ? undefined : sum + count;
  }
  return sum;
}

function statistic(host: Host, device: string, file: string): number | undefined {
  const text = host.peek(`sys/class/net/${device}/statistics/${file}`);
  return text === undefined ? undefined : decimal(text);
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
  const places = COLUMNS.map(([column]) => found.indexOf(column));
  return rows.map((row) => {
    const colon = row.lastIndexOf(':');
    const counts = words(row.slice(colon + 1));
    return {
      device: row.slice(0, Math.max(colon, 0)).trim(),
      counts: places.map((place) => (place === -1 ? undefined : decimal(counts[place]))),
    };
  });
}
