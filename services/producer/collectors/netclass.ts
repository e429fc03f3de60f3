/**
 * /sys/class/net/INTERFACE: what each network interface is, and whether it is up. One value to a file; numbers are decimal,
 * or hexadecimal after `0x`; a file that has nothing to say (the speed of a loopback) refuses to be read.
 *
 * A machine with hundreds of pods has hundreds of interfaces with twenty such files each, and they hardly ever change. So
 * only the two that tell of a change are read at each tick: `operstate`, which also goes down when the interface is taken
 * down, and `carrier_changes`, which counts what came and went between two ticks. The others are read again after one of
 * these has changed, and once a minute.
 * https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-class-net
 */
import type { Collector } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS } from '../host/remembered.ts';
import { decimal, hexadecimal, malformed } from '../kernel/text.ts';
import { each } from './each.ts';

const NUMBERS = [
  ['node_network_address_assign_type', 'addr_assign_type'],
  ['node_network_carrier', 'carrier'],
  ['node_network_carrier_changes_total', 'carrier_changes'],
  ['node_network_carrier_up_changes_total', 'carrier_up_count'],
  ['node_network_carrier_down_changes_total', 'carrier_down_count'],
  ['node_network_device_id', 'dev_id'],
  ['node_network_dormant', 'dormant'],
  ['node_network_flags', 'flags'],
  ['node_network_iface_id', 'ifindex'],
  ['node_network_iface_link', 'iflink'],
  ['node_network_iface_link_mode', 'link_mode'],
  ['node_network_mtu_bytes', 'mtu'],
  ['node_network_name_assign_type', 'name_assign_type'],
  ['node_network_net_dev_group', 'netdev_group'],
  ['node_network_transmit_queue_length', 'tx_queue_len'],
  ['node_network_protocol_type', 'type'],
] as const;

const BYTES_PER_MEGABIT = 1e6 / 8;
/** Of `flags`: the interface was taken up. */
const IFF_UP = 1;
/** The one entry of /sys/class/net that is a file and no interface. */
const NO_INTERFACE = 'bonding_masters';
/** Interfaces that were found at once are read again in so many groups, one after the other. */
const GROUPS = 12;

interface Device {
  readonly operstate: string | undefined;
  readonly changes: string | undefined;
  readonly info: Readonly<Record<'address' | 'broadcast' | 'duplex' | 'operstate' | 'adminstate' | 'ifalias', string>>;
  /** By place in `NUMBERS`. */
  readonly numbers: readonly (number | undefined)[];
  readonly speed: number | undefined;
  readonly readAt: number;
  readonly keepFor: number;
}

export function netclass(now: () => number): Collector {
  let known = new Map<string, Device>();
  return {
    name: 'netclass',
    collect(host, emit) {
      const names = host.list('sys/class/net');
      if (names.length === 0) throw malformed('/sys/class/net', 'a directory with interfaces', undefined);
      const before = known;
      known = new Map();
      const time = now();
      each(names, (device) => {
        if (device === NO_INTERFACE) return;
        const operstate = host.peek(`sys/class/net/${device}/operstate`);
        const changes = host.peek(`sys/class/net/${device}/carrier_changes`);
        const last = before.get(device);
        const found =
          last?.operstate === operstate && last?.changes === changes && isFresh(last, time)
            ? last
            : {
                ...look(host, device, operstate),
                operstate,
                changes,
                readAt: time,
                keepFor: keepFor(last, known.size),
              };
        known.set(device, found);
        if (operstate !== undefined) emit('node_network_up', operstate === 'up' ? 1 : 0, { device });
        emit('node_network_info', 1, { device, ...found.info });
        for (const [i, [name]] of NUMBERS.entries()) emit(name, found.numbers[i], { device });
        emit('node_network_speed_bytes', found.speed, { device });
      });
    },
  };
}

function isFresh(last: Device | undefined, time: number): last is Device {
  return last !== undefined && time >= last.readAt && time - last.readAt < last.keepFor;
}

/** Those of the first tick would otherwise all be read again in one tick, and so for ever. */
function keepFor(last: Device | undefined, place: number): number {
  return last === undefined ? (A_MINUTE_MS * ((place % GROUPS) + 1)) / GROUPS : A_MINUTE_MS;
}

function look(host: Host, device: string, operstate: string | undefined) {
  const text = (file: string) => host.peek(`sys/class/net/${device}/${file}`);
  const numbers = NUMBERS.map(([, file]) => numberOf(text(file)));
  const flags = numbers[NUMBERS.findIndex(([, file]) => file === 'flags')];
  const megabits = numberOf(text('speed'));
  return {
    info: {
      address: text('address') ?? '',
      broadcast: text('broadcast') ?? '',
      duplex: text('duplex') ?? '',
      operstate: operstate ?? '',
      adminstate: adminState(flags),
      ifalias: text('ifalias') ?? '',
    },
    numbers,
    // The kernel says -1 where the driver does not know.
    speed: megabits === undefined || megabits < 0 ? undefined : megabits * BYTES_PER_MEGABIT,
  };
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return text.startsWith('0x') ? hexadecimal(text) : decimal(text);
}

function adminState(flags: number | undefined): string {
  if (flags === undefined || Number.isNaN(flags)) return 'unknown';
  return (flags & IFF_UP) === 0 ? 'down' : 'up';
}
