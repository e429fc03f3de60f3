/** What a node says about itself: its kernel, its distribution, its make, its clock. */
import type { Collector } from '../../collector.ts';
import { hexOf } from '../random.ts';
import type { SimulatedNode } from '../simulated-node.ts';

const KERNEL_TOPIC = 6;
const SERIAL_TOPIC = 14;
/** What a fleet runs while it is being brought up to date. */
const KERNELS = [
  { release: '6.12.48+deb13-amd64', version: '#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1 (2025-09-20)' },
  { release: '6.12.43+deb13-amd64', version: '#1 SMP PREEMPT_DYNAMIC Debian 6.12.43-1 (2025-08-27)' },
] as const;
const UPDATED = 0.8;

export function uname(node: SimulatedNode): Collector {
  const { release, version } = node.random(KERNEL_TOPIC)() < UPDATED ? KERNELS[0] : KERNELS[1];
  const labels = { sysname: 'Linux', release, version, machine: 'x86_64', nodename: node.name, domainname: '(none)' };
  return {
    name: 'uname',
    collect(_host, emit) {
      emit('node_uname_info', 1, labels);
    },
  };
}

const DEBIAN = { id: 'debian', id_like: '', name: 'Debian GNU/Linux' } as const;

export function os(): Collector {
  const labels = {
    ...DEBIAN,
    build_id: '',
    image_id: '',
    image_version: '',
    pretty_name: 'Debian GNU/Linux 13 (trixie)',
    variant: '',
    variant_id: '',
    version: '13 (trixie)',
    version_codename: 'trixie',
    version_id: '13',
  };
  return {
    name: 'os',
    collect(_host, emit) {
      emit('node_os_info', 1, labels);
      emit('node_os_version', 13, DEBIAN);
    },
  };
}

export function dmi(node: SimulatedNode): Collector {
  const { product, metal } = node.shape;
  const serial = metal ? hexOf(node.random(SERIAL_TOPIC), 7).toUpperCase() : '';
  const labels = {
    bios_date: metal ? '05/14/2025' : '04/01/2014',
    bios_release: metal ? '2.3' : '0.0',
    bios_vendor: metal ? product.vendor : 'SeaBIOS',
    bios_version: metal ? '2.3.5' : '1.16.3-debian-1.16.3-2',
    board_asset_tag: '',
    board_name: '',
    board_serial: '',
    board_vendor: '',
    board_version: '',
    chassis_asset_tag: metal ? `RACK-${serial}` : '',
    chassis_serial: '',
    chassis_vendor: product.vendor,
    chassis_version: '',
    product_family: '',
    product_name: product.name,
    product_serial: '',
    product_sku: '',
    product_uuid: '',
    product_version: '',
    system_vendor: product.vendor,
  };
  return {
    name: 'dmi',
    collect(_host, emit) {
      emit('node_dmi_info', 1, labels);
    },
  };
}

export function time(node: SimulatedNode): Collector {
  const clocks = node.shape.metal ? ['tsc', 'hpet', 'acpi_pm'] : ['kvm-clock', 'tsc', 'acpi_pm'];
  const [device, current = ''] = ['0', clocks[0]];
  return {
    name: 'time',
    collect(_host, emit) {
      emit('node_time_seconds', node.now.seconds + node.now.skew);
      for (const clocksource of clocks) emit('node_time_clocksource_available_info', 1, { device, clocksource });
      emit('node_time_clocksource_current_info', 1, { device, clocksource: current });
    },
  };
}

export function timezone(): Collector {
  return {
    name: 'timezone',
    collect(_host, emit) {
      emit('node_time_zone_offset_seconds', 0, { time_zone: 'UTC' });
    },
  };
}

export function selinux(): Collector {
  return {
    name: 'selinux',
    collect(_host, emit) {
      emit('node_selinux_enabled', 0);
    },
  };
}
