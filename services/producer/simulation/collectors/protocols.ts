/** Sockets, connections and what the protocols count. Lost packets are sent again, and time out. */
import type { Collector } from '../../collector.ts';
import { between } from '../random.ts';
import { whole } from '../rounding.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import { flows } from './network.ts';

const NETSTAT_TOPIC = 21;
const SOCKET_TOPIC = 22;
const NEIGHBOUR_TOPIC = 23;
const PAGE_BYTES = 4096;

/** Of the segments that are sent while a path loses some; a second at least, so that it shows on a quiet node, too. */
const RESENT = 0.12;
const RESENT_AT_LEAST = 20;
/** Connections a second that a program is too slow to accept. */
const REFUSED = 24;

export function netstat(node: SimulatedNode): Collector {
  const random = node.random(NETSTAT_TOPIC);
  const opens = between(random, 6, 30);
  return {
    name: 'netstat',
    collect(_host, emit) {
      const { received, sent, lossy, distant } = flows(node);
      const { totals } = node.now;
      const [inside, outside] = [0.96 * received.packets, 0.97 * sent.packets];
      const lossSeconds = node.spent('packet-loss');
      const resent = RESENT * distant + RESENT_AT_LEAST * node.spent('tcp-retransmits');
      const again = 2e-5 * outside + 0.07 * lossy + 25 * lossSeconds + resent;
      const refused = REFUSED * node.spent('listen-overflow');
      const connections = opens * totals.traffic;
      const counts: readonly (readonly [string, number])[] = [
        ['Icmp_InErrors', 0],
        ['Icmp_InMsgs', 0.02 * totals.up],
        ['Icmp_OutMsgs', 0.02 * totals.up],
        ['Icmp6_InErrors', 0],
        ['Icmp6_InMsgs', 0.006 * totals.up],
        ['Icmp6_OutMsgs', 0.007 * totals.up],
        ['IpExt_InOctets', received.bytes],
        ['IpExt_OutOctets', sent.bytes],
        ['Ip_Forwarding', 1],
        ['Ip6_InOctets', 0.002 * received.bytes],
        ['Ip6_OutOctets', 0.002 * sent.bytes],
        ['TcpExt_ListenDrops', refused],
        ['TcpExt_ListenOverflows', refused],
        ['TcpExt_SyncookiesFailed', 0],
        ['TcpExt_SyncookiesRecv', 0],
        ['TcpExt_SyncookiesSent', 0],
        ['TcpExt_TCPOFOQueue', 1e-4 * inside + 0.03 * lossy],
        ['TcpExt_TCPRcvQDrop', 0],
        ['TcpExt_TCPSynRetrans', 0.001 * connections + 2 * lossSeconds],
        ['TcpExt_TCPTimeouts', 0.002 * connections + 8 * lossSeconds + 0.1 * resent],
        ['Tcp_ActiveOpens', 0.6 * connections],
        ['Tcp_CurrEstab', established(node)],
        ['Tcp_InErrs', 0.002 * lossy],
        ['Tcp_InSegs', inside],
        ['Tcp_OutRsts', 0.04 * connections],
        ['Tcp_OutSegs', outside],
        ['Tcp_PassiveOpens', connections],
        ['Tcp_RetransSegs', again],
        ['Udp_InDatagrams', 0.03 * received.packets],
        ['Udp_InErrors', 0],
        ['Udp_NoPorts', 0.0005 * totals.up],
        ['Udp_OutDatagrams', 0.03 * sent.packets],
        ['Udp_RcvbufErrors', 0],
        ['Udp_SndbufErrors', 0],
        ['Udp6_InDatagrams', 0.001 * received.packets],
        ['Udp6_InErrors', 0],
        ['Udp6_NoPorts', 0],
        ['Udp6_OutDatagrams', 0.001 * sent.packets],
        ['Udp6_RcvbufErrors', 0],
        ['Udp6_SndbufErrors', 0],
        ['UdpLite_InErrors', 0],
        ['UdpLite6_InErrors', 0],
      ];
      for (const [field, count] of counts) emit(`node_netstat_${field}`, whole(count));
    },
  };
}

export function established(node: SimulatedNode): number {
  return 12 + whole(60 * Math.sqrt(node.shape.cpus) * node.now.traffic);
}

export function sockstat(node: SimulatedNode): Collector {
  const random = node.random(SOCKET_TOPIC);
  const listening = 8 + whole(between(random, 0, 14));
  return {
    name: 'sockstat',
    collect(_host, emit) {
      const { traffic } = node.now;
      const open = established(node);
      const pages = whole(0.4 * open * traffic) + 3;
      emit('node_sockstat_sockets_used', 180 + listening + open);
      emit('node_sockstat_TCP_inuse', listening + open);
      emit('node_sockstat_TCP_orphan', whole(0.01 * open));
      emit('node_sockstat_TCP_tw', whole(90 * traffic));
      emit('node_sockstat_TCP_alloc', listening + whole(1.1 * open));
      emit('node_sockstat_TCP_mem', pages);
      emit('node_sockstat_TCP_mem_bytes', pages * PAGE_BYTES);
      emit('node_sockstat_UDP_inuse', 5);
      emit('node_sockstat_UDP_mem', 2);
      emit('node_sockstat_UDP_mem_bytes', 2 * PAGE_BYTES);
      emit('node_sockstat_UDPLITE_inuse', 0);
      emit('node_sockstat_RAW_inuse', 1);
      emit('node_sockstat_FRAG_inuse', 0);
      emit('node_sockstat_FRAG_memory', 0);
      emit('node_sockstat_TCP6_inuse', 6);
      emit('node_sockstat_UDP6_inuse', 3);
      emit('node_sockstat_UDPLITE6_inuse', 0);
      emit('node_sockstat_RAW6_inuse', 1);
      emit('node_sockstat_FRAG6_inuse', 0);
      emit('node_sockstat_FRAG6_memory', 0);
    },
  };
}

export function udpQueues(): Collector {
  return {
    name: 'udp_queues',
    collect(_host, emit) {
      for (const ip of ['v4', 'v6']) {
        emit('node_udp_queues', 0, { queue: 'tx', ip });
        emit('node_udp_queues', 0, { queue: 'rx', ip });
      }
    },
  };
}

export function arp(node: SimulatedNode): Collector {
  const random = node.random(NEIGHBOUR_TOPIC);
  const links = node.shape.links
    .filter(({ kind, speed }) => kind === 'bridge' || speed !== undefined)
    .map(({ device }) => ({ device, neighbours: between(random, 4, 40) }));
  return {
    name: 'arp',
    collect(_host, emit) {
      const { traffic } = node.now;
      for (const { device, neighbours } of links) {
        emit('node_arp_entries', whole(neighbours * (0.8 + 0.4 * traffic)), { device });
      }
    },
  };
}

/** The part of its time in which the table of connections fills, how full it gets, and what is then refused a second. */
const TABLE_FILLS = 0.3;
const TABLE_FULL = 0.995;
const UNTRACKED = 60;

export function conntrack(node: SimulatedNode): Collector {
  return {
    name: 'conntrack',
    collect(_host, emit) {
      const { cpus } = node.shape;
      const usual = 3.2 * established(node) + 40 * cpus * node.now.traffic;
      const most = Math.min(cpus, 32) * 32_768;
      const dropped = whole(UNTRACKED * node.spent('conntrack-full', TABLE_FILLS));
      const filled = node.grown('conntrack-full', TABLE_FILLS);
      emit('node_nf_conntrack_entries', whole(usual + filled * (TABLE_FULL * most - usual)));
      emit('node_nf_conntrack_entries_limit', most);
      emit('node_nf_conntrack_stat_found', 0);
      emit('node_nf_conntrack_stat_invalid', whole(0.003 * node.now.totals.up));
      emit('node_nf_conntrack_stat_ignore', 0);
      emit('node_nf_conntrack_stat_insert', 0);
      emit('node_nf_conntrack_stat_insert_failed', dropped);
      emit('node_nf_conntrack_stat_drop', dropped);
      emit('node_nf_conntrack_stat_early_drop', dropped);
      emit('node_nf_conntrack_stat_search_restart', 0);
    },
  };
}
