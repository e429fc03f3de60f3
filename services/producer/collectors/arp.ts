/**
 * /proc/1/net/arp: the neighbours that each interface knows the address of, or has asked for.
 *
 *   IP address       HW type     Flags       HW address            Mask     Device
 *   192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0
 *
 * https://man7.org/linux/man-pages/man5/proc_pid_net.5.html
 */
import type { Collector } from '../collector.ts';
import { requireNet } from '../host/protocol-files.ts';
import { lines, malformed, words } from '../kernel/text.ts';

const COLUMNS = 6;

export function arp(): Collector {
  return {
    name: 'arp',
    collect(host, emit) {
      for (const [device, entries] of parseArp(requireNet(host, 'arp'))) emit('node_arp_entries', entries, { device });
    },
  };
}

/**
 * How many there are by interface.
 *
 * @throws PipelineError `PARSE` if one line cannot be read: a number without it would be wrong.
 */
export function parseArp(text: string): ReadonlyMap<string, number> {
  const [heading, ...rows] = lines('/proc/net/arp', text);
  if (heading?.startsWith('IP address') !== true) throw malformed('/proc/net/arp', 'a line of headings', heading);
  const found = new Map<string, number>();
  for (const row of rows) {
    const columns = words(row);
    const device = columns[COLUMNS - 1];
    if (device === undefined || columns.length !== COLUMNS) throw malformed('/proc/net/arp', 'six columns', row);
    found.set(device, (found.get(device) ?? 0) + 1);
  }
  return found;
}
