/**
 * /proc/1/net/tcp and tcp6: in which states the TCP connections are, and how many bytes wait in their queues.
 *
 *    sl  local_address rem_address   st tx_queue rx_queue …
 *     0: 0100007F:4AE9 00000000:0000 0A 00000000:00000000 …
 *
 * All hexadecimal. In a listening socket `rx_queue` is the number of connections to be accepted. The kernel walks its whole
 * table to write these files, so with a hundred thousand connections they cost; hence only where it is asked for.
 * https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
 */
import type { Collector } from '../collector.ts';
import { readNet, requireNet } from '../host/protocol-files.ts';
import { lines, malformed } from '../kernel/text.ts';

/** By number (include/net/tcp_states.h). */
const STATES = [
  undefined,
  'established',
  'syn_sent',
  'syn_recv',
  'fin_wait1',
  'fin_wait2',
  'time_wait',
  'close',
  'close_wait',
  'last_ack',
  'listen',
  'closing',
] as const;

const SOCKET = /^\s*\d+: [\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4} ([\dA-F]{2}) ([\dA-F]{8,}):([\dA-F]{8,}) /;

export function tcpstat(): Collector {
  return {
    name: 'tcpstat',
    collect(host, emit) {
      const found = parseTcp(requireNet(host, 'tcp'), readNet(host, 'tcp6'));
      for (const [state, count] of found) emit('node_tcp_connection_states', count, { state });
    },
  };
}

/**
 * How many there are in each state that at least one is in, over all files, and the bytes in the queues.
 *
 * @throws PipelineError `PARSE` if one socket cannot be read: a number without it would be wrong.
 */
export function parseTcp(...texts: readonly (string | undefined)[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const add = (state: string, count: number) => found.set(state, (found.get(state) ?? 0) + count);
  for (const text of texts) {
    if (text === undefined) continue;
    const [heading, ...sockets] = lines('/proc/net/tcp', text);
    if (heading?.includes('tx_queue') !== true) throw malformed('/proc/net/tcp', 'a line of headings', heading);
    for (const socket of sockets) {
      const [, number = '', sending = '', receiving = ''] = SOCKET.exec(socket) ?? [];
      if (number === '') throw malformed('/proc/net/tcp', 'a socket', socket);
      add(STATES[Number.parseInt(number, 16)] ?? 'unknown', 1);
      add('tx_queued_bytes', Number.parseInt(sending, 16));
      add('rx_queued_bytes', Number.parseInt(receiving, 16));
    }
  }
  return found;
}
