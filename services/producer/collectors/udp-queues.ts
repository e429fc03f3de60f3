/**
 * /proc/1/net/udp and udp6: how many bytes wait in the queues of all UDP sockets together, to be sent and to be received.
 *
 *    sl  local_address rem_address   st tx_queue rx_queue …
 *   319: 0100007F:0035 00000000:0000 07 00000000:00000A00 …
 *
 * Queues are hexadecimal. udp6 is absent without IPv6.
 * https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
 */
import type { Collector } from '../collector.ts';
import { readNet, requireNet } from '../host/protocol-files.ts';
import { lines, malformed } from '../kernel/text.ts';
import { each } from './each.ts';

const SOCKET = /^\s*\d+: [\dA-F]+:[\dA-F]{4} [\dA-F]+:[\dA-F]{4} [\dA-F]{2} ([\dA-F]{8,}):([\dA-F]{8,}) /;

export interface Queues {
  readonly tx: number;
  readonly rx: number;
}

export function udpQueues(): Collector {
  return {
    name: 'udp_queues',
    collect(host, emit) {
      const families = [
        ['v4', () => requireNet(host, 'udp')],
        ['v6', () => readNet(host, 'udp6')],
      ] as const;
      each(families, ([ip, read]) => {
        const text = read();
        if (text === undefined) return;
        const { tx, rx } = parseUdp(text);
        emit('node_udp_queues', tx, { queue: 'tx', ip });
        emit('node_udp_queues', rx, { queue: 'rx', ip });
      });
    },
  };
}

/** @throws PipelineError `PARSE` if one socket cannot be read: a sum without it would be wrong. */
export function parseUdp(text: string): Queues {
  const [heading, ...sockets] = lines('/proc/net/udp', text);
  if (heading?.includes('tx_queue') !== true) throw malformed('/proc/net/udp', 'a line of headings', heading);
  let [tx, rx] = [0, 0];
  for (const socket of sockets) {
    const [, sending = '', receiving = ''] = SOCKET.exec(socket) ?? [];
    if (sending === '') throw malformed('/proc/net/udp', 'a socket', socket);
    tx += Number.parseInt(sending, 16);
    rx += Number.parseInt(receiving, 16);
  }
  return { tx, rx };
}
