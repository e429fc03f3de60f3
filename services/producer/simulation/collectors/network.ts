/** Network interfaces, sockets and protocols. A packet that is lost on the way in is missed by those who talk to each other. */
import type { Collector } from '../../collector.ts';
import { between } from '../random.ts';
import { whole } from '../rounding.ts';
import type { Shape } from '../shape.ts';
import type { SimulatedNode } from '../simulated-node.ts';

const TOPIC = 5;

/** Bytes of a packet, on the way in and out. */
const RECEIVED_PACKET = 820;
const SENT_PACKET = 640;
const FULL_PACKET = 1514;
/** What comes in a flood, and what comes and goes in a step, as parts of what the wires can carry; the usual is on top. */
const SATURATED = 0.93;
const SHIFTED = 0.25;

export interface Flow {
  readonly bytes: number;
  readonly packets: number;
}

interface Flows {
  readonly received: Flow;
  readonly sent: Flow;
  /** Packets that came while some were lost. */
  readonly lossy: number;
  /** Packets that were sent while they were lost further on. */
  readonly distant: number;
}

/** What the node as a whole has received and sent since it started. */
export function flows(node: SimulatedNode): Flows {
  const { totals } = node.now;
  const { traffic } = node.shape;
  const business = totals.traffic + 0.3 * totals.forced;
  const shifted = SHIFTED * node.spent('network-shift');
  const wires = wireSpeed(node.shape);
  const [received, sent] = [0.56 * traffic * business, 0.44 * traffic * business];
  return {
    received: flow(received, RECEIVED_PACKET, wires * (shifted + SATURATED * node.spent('link-saturated'))),
    sent: flow(sent, SENT_PACKET, wires * shifted),
    lossy: (0.56 * traffic * totals.lossy) / RECEIVED_PACKET,
    distant: (0.44 * traffic * totals.resent) / SENT_PACKET,
  };
}

function flow(usual: number, packet: number, more: number): Flow {
  return { bytes: usual + more, packets: usual / packet + more / FULL_PACKET };
}

/** Bytes a second that all wires together carry in one direction. */
function wireSpeed({ links }: Shape): number {
  return links.reduce((sum, { kind, speed = 0 }) => (kind === 'port' ? sum + speed : sum), 0);
}

/** Of the packets that come while some are lost. */
const DROPPED = 0.06;
const BROKEN = 0.025;
/** A second at least, so that it shows on a quiet node, too. */
const DROPPED_AT_LEAST = 110;
const BROKEN_AT_LEAST = 6;

export function netdev(node: SimulatedNode): Collector {
  const random = node.random(TOPIC);
  const multicast = between(random, 0.02, 0.4);
  return {
    name: 'netdev',
    collect(_host, emit) {
      const { received, sent, lossy } = flows(node);
      const { up } = node.now.totals;
      const lossSeconds = node.spent('packet-loss');
      for (const { device, kind, share } of node.shape.links) {
        const wire = kind === 'port';
        const label = { device };
        const [into, out] = kind === 'loopback' ? [sent, sent] : [received, sent];
        const dropped = wire ? share * (DROPPED * lossy + DROPPED_AT_LEAST * 2 * lossSeconds) : 0;
        const broken = wire ? share * (BROKEN * lossy + BROKEN_AT_LEAST * 2 * lossSeconds) : 0;
        emit('node_network_receive_bytes_total', whole(share * into.bytes), label);
        emit('node_network_receive_packets_total', whole(share * into.packets), label);
        emit('node_network_receive_errs_total', whole(broken), label);
        emit('node_network_receive_drop_total', whole(dropped + (wire ? 0.002 * up : 0)), label);
        emit('node_network_receive_fifo_total', 0, label);
        emit('node_network_receive_frame_total', whole(broken), label);
        emit('node_network_receive_compressed_total', 0, label);
        emit(
          'node_network_receive_multicast_total',
          wire || kind === 'bond' ? whole(share * multicast * up) : 0,
          label,
        );
        emit('node_network_receive_nohandler_total', 0, label);
        emit('node_network_transmit_bytes_total', whole(share * out.bytes), label);
        emit('node_network_transmit_packets_total', whole(share * out.packets), label);
        emit('node_network_transmit_errs_total', 0, label);
        emit('node_network_transmit_drop_total', 0, label);
        emit('node_network_transmit_fifo_total', 0, label);
        emit('node_network_transmit_colls_total', 0, label);
        emit('node_network_transmit_carrier_total', 0, label);
        emit('node_network_transmit_compressed_total', 0, label);
      }
    },
  };
}
