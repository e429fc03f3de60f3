/** Sensors, power, memory controllers and arrays, on machines of metal: the more a node works, the warmer it gets. */
import type { Collector } from '../../collector.ts';
import { between, hexOf } from '../random.ts';
import { microseconds, whole } from '../rounding.ts';
import type { SimulatedNode } from '../simulated-node.ts';

const SENSOR_TOPIC = 30;
const DRIVE_TOPIC = 31;

/** Whole eighths of a degree, as sensors tell them. */
const eighths = (celsius: number): number => whole(8 * celsius) / 8;

/** The part of its time in which an overheated machine gets as hot as it will, and how much over the critical mark that is. */
const HEATS_UP = 0.25;
const OVER = 1.5;

/** The warmth of the CPUs follows the work of the last minutes, as metal does. */
function warmth(node: SimulatedNode): number {
  const { cpu, load } = node.now;
  return 0.4 * cpu + 0.6 * Math.min(1, load[0] / node.shape.cpus);
}

export function hwmon(node: SimulatedNode): Collector {
  const random = node.random(SENSOR_TOPIC);
  const room = between(random, 27, 34);
  const place = random() * 1e7;
  const chips = [
    { chip: 'pci0000:00_0000:00_18_3', name: 'k10temp', label: 'Tctl', above: 12, heats: 34, max: 95, crit: 100 },
    ...node.shape.disks
      .filter(({ device }) => device.startsWith('nvme'))
      .map(({ device }) => {
        const [, number = '0'] = /^nvme(\d+)/.exec(device) ?? [];
        const chip = `nvme_nvme${number}`;
        return { chip, name: 'nvme', label: 'Composite', above: 6, heats: 14, max: 77, crit: 85 };
      }),
  ];
  const fans = [1, 2, 3, 4].map((number) => ({ sensor: `fan${number}`, base: between(random, 3600, 4400) }));
  return {
    name: 'hwmon',
    collect(_host, emit) {
      if (!node.shape.metal) return;
      const heat = warmth(node);
      const hot = node.grown('overheat', HEATS_UP);
      for (const { chip, name, label, above, heats, max, crit } of chips) {
        const labels = { chip, sensor: 'temp1' };
        const breath = node.noise.quick.at(node.now.seconds / 3 + place);
        emit('node_hwmon_chip_names', 1, { chip, chip_name: name });
        emit('node_hwmon_sensor_label', 1, { ...labels, label });
        const usual = room + above + heats * heat + breath;
        emit('node_hwmon_temp_celsius', eighths(usual + hot * (crit + OVER + breath - usual)), labels);
        emit('node_hwmon_temp_max_celsius', max, labels);
        emit('node_hwmon_temp_crit_celsius', crit, labels);
        emit('node_hwmon_temp_crit_hyst_celsius', crit - 5, labels);
        emit('node_hwmon_temp_crit_alarm_celsius', hot === 1 ? 1 : 0, labels);
      }
      const board = 'platform_ipmi_0';
      emit('node_hwmon_chip_names', 1, { chip: board, chip_name: 'ipmi_fans' });
      for (const { sensor, base } of fans) {
        emit('node_hwmon_fan_rpm', whole((base + 3800 * heat) / 60) * 60, { chip: board, sensor });
        emit('node_hwmon_fan_min_rpm', 600, { chip: board, sensor });
      }
    },
  };
}

/** A CPU that slows itself down does not get hotter. */
const PACKAGE_HOT = 101;

export function thermalZone(node: SimulatedNode): Collector {
  const room = between(node.random(SENSOR_TOPIC), 27, 34);
  return {
    name: 'thermal_zone',
    collect(_host, emit) {
      if (!node.shape.metal) return;
      const usual = room + 10 + 32 * warmth(node);
      const hot = node.grown('overheat', HEATS_UP);
      emit('node_thermal_zone_temp', eighths(usual + hot * (PACKAGE_HOT - usual)), { zone: '0', type: 'x86_pkg_temp' });
      emit('node_cooling_device_cur_state', whole(8 * hot), { name: '0', type: 'Processor' });
      emit('node_cooling_device_max_state', 10, { name: '0', type: 'Processor' });
    },
  };
}

export function powerSupply(node: SimulatedNode): Collector {
  return {
    name: 'powersupplyclass',
    collect(_host, emit) {
      if (node.shape.metal) emit('node_power_supply_online', 1, { power_supply: 'AC' });
    },
  };
}

/** Watts of a package at rest, and what its CPUs add. */
export function rapl(node: SimulatedNode): Collector {
  const { metal, cpus } = node.shape;
  return {
    name: 'rapl',
    collect(_host, emit) {
      if (!metal) return;
      const { totals } = node.now;
      const joules = 55 * totals.up + 4.2 * cpus * (totals.usual + totals.forced);
      const path = '/sys/class/powercap/intel-rapl:0';
      emit('node_rapl_package_joules_total', microseconds(joules), { index: '0', path });
    },
  };
}

export function edac(node: SimulatedNode): Collector {
  return {
    name: 'edac',
    collect(_host, emit) {
      if (!node.shape.metal) return;
      const controller = '0';
      emit('node_edac_correctable_errors_total', 0, { controller });
      emit('node_edac_uncorrectable_errors_total', 0, { controller });
      for (const csrow of ['unknown', '0', '1']) {
        emit('node_edac_csrow_correctable_errors_total', 0, { controller, csrow });
        emit('node_edac_csrow_uncorrectable_errors_total', 0, { controller, csrow });
      }
    },
  };
}

export function mdadm(node: SimulatedNode): Collector {
  const arrays = node.shape.disks.filter(({ device }) => device.startsWith('md'));
  const disks = node.shape.disks.filter(({ kind }) => kind === 'hdd').length;
  const size = node.shape.mounts.find(({ device }) => device === '/dev/md0')?.size ?? 0;
  const blocks = whole(size / 1024);
  return {
    name: 'mdadm',
    collect(_host, emit) {
      const failed = node.isOn('raid-degraded') ? 1 : 0;
      for (const { device } of arrays) {
        emit('node_md_disks_required', disks, { device });
        emit('node_md_disks', disks - failed, { device, state: 'active' });
        emit('node_md_disks', failed, { device, state: 'failed' });
        emit('node_md_disks', 0, { device, state: 'spare' });
        for (const state of ['active', 'inactive', 'recovering', 'resync', 'check']) {
          emit('node_md_state', state === 'active' ? 1 : 0, { device, state });
        }
        emit('node_md_blocks', blocks, { device });
        emit('node_md_blocks_synced', blocks, { device });
        emit('node_md_raid_disks', disks, { device });
        emit('node_md_degraded', failed, { device });
      }
    },
  };
}

export function nvme(node: SimulatedNode): Collector {
  const random = node.random(DRIVE_TOPIC);
  const drives = node.shape.disks
    .filter(({ device }) => device.startsWith('nvme'))
    .map(({ device }) => ({
      device: device.replace(/n\d+$/, ''),
      firmware_revision: 'GDC7502Q',
      model: 'SAMSUNG MZQL23T8HCLS-00A07',
      serial: `S64HNS0${hexOf(random, 7).toUpperCase()}`,
      state: 'live',
      cntlid: '6',
    }));
  const size = 3_840_755_982_336;
  return {
    name: 'nvme',
    collect(_host, emit) {
      for (const drive of drives) {
        const labels = { device: drive.device, nsid: '1' };
        emit('node_nvme_info', 1, drive);
        emit('node_nvme_namespace_info', 1, { ...labels, ana_state: 'unknown' });
        emit('node_nvme_namespace_capacity_bytes', size, labels);
        emit('node_nvme_namespace_size_bytes', size, labels);
        emit('node_nvme_namespace_used_bytes', whole((0.6 * size) / 512) * 512, labels);
        emit('node_nvme_namespace_logical_block_size_bytes', 512, labels);
      }
    },
  };
}
