/** What interfaces are, apart from what passes: up, how fast, how wide. */
import type { Collector } from '../../collector.ts';
import { hexOf } from '../random.ts';
import type { LinkShape } from '../shape.ts';
import type { SimulatedNode } from '../simulated-node.ts';

const TOPIC = 20;
/** As linux/if_arp.h and linux/if.h have them. */
const TYPE = { loopback: 772, other: 1 } as const;
const FLAGS = { loopback: 0x9, port: 0x1003, bond: 0x1403, bridge: 0x1003, veth: 0x1303 } as const;

export function netclass(node: SimulatedNode): Collector {
  const random = node.random(TOPIC);
  const links = node.shape.links.map((link, i) => ({
    ...link,
    index: i + 1,
    address: addressOf(link, hexOf(random, 10)),
  }));
  return {
    name: 'netclass',
    collect(_host, emit) {
      for (const { device, kind, speed, index, address } of links) {
        const labels = { device };
        const loopback = kind === 'loopback';
        const queue = kind === 'port' || loopback ? 1000 : 0;
        emit('node_network_up', loopback ? 0 : 1, labels);
        const [operstate, duplex] = [loopback ? 'unknown' : 'up', speed === undefined ? '' : 'full'];
        const broadcast = loopback ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff';
        emit('node_network_info', 1, { device, address, broadcast, duplex, operstate, adminstate: 'up', ifalias: '' });
        emit('node_network_address_assign_type', kind === 'veth' || kind === 'bridge' ? 3 : 0, labels);
        emit('node_network_carrier', 1, labels);
        emit('node_network_carrier_changes_total', loopback ? 0 : 2, labels);
        emit('node_network_carrier_up_changes_total', loopback ? 0 : 1, labels);
        emit('node_network_carrier_down_changes_total', loopback ? 0 : 1, labels);
        emit('node_network_device_id', 0, labels);
        emit('node_network_dormant', 0, labels);
        emit('node_network_flags', FLAGS[kind], labels);
        emit('node_network_iface_id', index, labels);
        emit('node_network_iface_link', index, labels);
        emit('node_network_iface_link_mode', 0, labels);
        emit('node_network_mtu_bytes', loopback ? 65_536 : 1500, labels);
        emit('node_network_name_assign_type', loopback ? 2 : 4, labels);
        emit('node_network_net_dev_group', 0, labels);
        emit('node_network_transmit_queue_length', queue, labels);
        emit('node_network_protocol_type', loopback ? TYPE.loopback : TYPE.other, labels);
        emit('node_network_speed_bytes', speed, labels);
      }
    },
  };
}

function addressOf({ kind }: LinkShape, digits: string): string {
  return kind === 'loopback' ? '00:00:00:00:00:00' : (`52${digits}`.match(/../g)?.join(':') ?? '');
}

export function bonding(node: SimulatedNode): Collector {
  const masters = node.shape.links.filter(({ kind }) => kind === 'bond');
  const ports = node.shape.links.filter(({ kind }) => kind === 'port').length;
  return {
    name: 'bonding',
    collect(_host, emit) {
      for (const { device: master } of masters) {
        emit('node_bonding_slaves', ports, { master });
        emit('node_bonding_active', ports, { master });
      }
    },
  };
}
