/** Network interfaces and protocols. */
import type { MetricTable } from './definition.ts';

const NETWORK = ['device'] as const;

export const NETWORK_METRICS = {
  // netdev: /proc/1/net/dev
  node_network_receive_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes received.', labels: NETWORK },
  node_network_receive_packets_total: { type: 'counter', unit: 'count', help: 'Packets received.', labels: NETWORK },
  node_network_receive_errs_total: { type: 'counter', unit: 'count', help: 'Errors on receiving.', labels: NETWORK },
  node_network_receive_drop_total: {
    type: 'counter',
    unit: 'count',
    help: 'Received packets dropped.',
    labels: NETWORK,
  },
  node_network_receive_fifo_total: {
    type: 'counter',
    unit: 'count',
    help: 'FIFO overruns on receiving.',
    labels: NETWORK,
  },
  node_network_receive_frame_total: { type: 'counter', unit: 'count', help: 'Framing errors.', labels: NETWORK },
  node_network_receive_compressed_total: {
    type: 'counter',
    unit: 'count',
    help: 'Compressed packets received.',
    labels: NETWORK,
  },
  node_network_receive_multicast_total: {
    type: 'counter',
    unit: 'count',
    help: 'Multicast packets received.',
    labels: NETWORK,
  },
  node_network_transmit_bytes_total: { type: 'counter', unit: 'bytes', help: 'Bytes sent.', labels: NETWORK },
  node_network_transmit_packets_total: { type: 'counter', unit: 'count', help: 'Packets sent.', labels: NETWORK },
  node_network_transmit_errs_total: { type: 'counter', unit: 'count', help: 'Errors on sending.', labels: NETWORK },
  node_network_transmit_drop_total: {
    type: 'counter',
    unit: 'count',
    help: 'Packets dropped before sending.',
    labels: NETWORK,
  },
  node_network_transmit_fifo_total: {
    type: 'counter',
    unit: 'count',
    help: 'FIFO overruns on sending.',
    labels: NETWORK,
  },
  node_network_transmit_colls_total: { type: 'counter', unit: 'count', help: 'Collisions detected.', labels: NETWORK },
  node_network_transmit_carrier_total: {
    type: 'counter',
    unit: 'count',
    help: 'Losses of carrier on sending.',
    labels: NETWORK,
  },
  node_network_transmit_compressed_total: {
    type: 'counter',
    unit: 'count',
    help: 'Compressed packets sent.',
    labels: NETWORK,
  },
} as const satisfies MetricTable;
