/** What goes over a node's network, and what goes wrong there. */
import { timeSeries } from '../grafana/panels.ts';
import { over } from '../grafana/queries.ts';
import { NETWORK_CARDS, NODE } from '../selectors.ts';
import { ofNode, shareOf } from './node-panel.ts';

const device = (name: string): string => `rate(node_network_${name}{${NODE}}[$__rate_interval])`;
const card = (name: string): string => `rate(node_network_${name}{${NETWORK_CARDS},${NODE}}[$__rate_interval])`;
const count = (name: string): string => `rate(node_netstat_${name}{${NODE}}[$__rate_interval])`;

export const networkOverTime = () =>
  ofNode(
    timeSeries({
      title: 'Network in and out',
      description:
        'Bits per second of each network card, sent below the line; without what pods, bridges and bonds make of them.',
      width: 8,
      unit: 'bps',
      queries: [
        over(`8 * ${card('receive_bytes_total')}`, '{{device}} in'),
        over(`-8 * ${card('transmit_bytes_total')}`, '{{device}} out'),
      ],
    }),
  );

export const networkErrors = () =>
  ofNode(
    timeSeries({
      title: 'Network: errors and drops',
      description: 'Packets per second that were broken or thrown away, of each device that had any.',
      width: 12,
      unit: 'pps',
      queries: [
        over(`topk(10, ${device('receive_errs_total')})`, '{{device}} errors in'),
        over(`topk(10, ${device('transmit_errs_total')})`, '{{device}} errors out'),
        over(`topk(10, ${device('receive_drop_total')})`, '{{device}} drops in'),
        over(`topk(10, ${device('transmit_drop_total')})`, '{{device}} drops out'),
      ],
    }).min(0),
  );

export const tcpRetransmits = () =>
  ofNode(
    timeSeries({
      title: 'TCP: segments sent again',
      description: 'Of all segments sent, those that had to be sent again: packets are lost on the way, or come late.',
      width: 8,
      unit: 'percentunit',
      queries: [over(`${count('Tcp_RetransSegs')} / (${count('Tcp_OutSegs')} > 0)`, 'sent again')],
    }).min(0),
  );

export const tcpTrouble = () =>
  ofNode(
    timeSeries({
      title: 'TCP: refused and timed out',
      description:
        'Per second: connections that a program was too slow to take (listen), broken segments, time-outs, connections reset.',
      width: 8,
      unit: 'ops',
      queries: [
        over(count('TcpExt_ListenOverflows'), 'listen queue full'),
        over(count('TcpExt_ListenDrops'), 'listen drops'),
        over(count('Tcp_InErrs'), 'broken segments'),
        over(count('TcpExt_TCPTimeouts'), 'time-outs'),
        over(count('Tcp_OutRsts'), 'resets sent'),
      ],
    }).min(0),
  );

export const sockets = () =>
  ofNode(
    timeSeries({
      title: 'TCP: connections',
      description:
        'Connections that are established, waiting for their last packets (TIME_WAIT), or held by no program.',
      width: 8,
      unit: 'short',
      queries: [
        over(`node_netstat_Tcp_CurrEstab{${NODE}}`, 'established'),
        over(`node_sockstat_TCP_tw{${NODE}}`, 'TIME_WAIT'),
        over(`node_sockstat_TCP_orphan{${NODE}}`, 'orphaned'),
      ],
    }).min(0),
  );

export const conntrack = () =>
  ofNode(
    shareOf({
      title: 'Connections tracked',
      description:
        'How full the table of connections is. When it is full, new connections are dropped. Absent where the kernel tracks none.',
      width: 12,
      queries: [over(`node_nf_conntrack_entries{${NODE}} / node_nf_conntrack_entries_limit{${NODE}}`, 'of the table')],
    }),
  );
