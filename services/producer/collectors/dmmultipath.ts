/**
 * /sys/block/dm-N: disks that are reached by several paths. Their UUID begins with `mpath-`; the paths are their slaves, each a
 * disk with a state of its own: `running` for SCSI and `live` for NVMe are well.
 * https://www.kernel.org/doc/html/latest/admin-guide/device-mapper/index.html
 */

import type { Collector } from '../collector.ts';
import { numberIn, textIn } from '../host/attributes.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';

const BLOCK = 'sys/block';
const SECTOR_BYTES = 512;
const WELL: readonly string[] = ['running', 'live'];

export function dmmultipath(now: () => number): Collector {
  const devices = remembered(now, A_MINUTE_MS, findDevices);
  return {
    name: 'dmmultipath',
    collect(host, emit) {
      for (const { device, sysfs_name, uuid } of devices(host)) {
        const path = `${BLOCK}/${sysfs_name}`;
        const labels = { device, sysfs_name };
        const suspended = numberIn(host, `${path}/dm/suspended`);
        emit('node_dmmultipath_device_info', 1, { ...labels, uuid });
        emit('node_dmmultipath_device_active', suspended === undefined ? undefined : 1 - suspended, labels);
        emit('node_dmmultipath_device_size_bytes', numberIn(host, `${path}/size`, SECTOR_BYTES), labels);
        const paths = host.list(`${path}/slaves`);
        const states = paths.map((slave) => textIn(host, `${BLOCK}/${slave}/device/state`) ?? 'unknown');
        const active = states.filter((state) => WELL.includes(state)).length;
        for (const [i, state] of states.entries()) {
          emit('node_dmmultipath_path_state', 1, { device, path: paths[i] ?? '', state });
        }
        emit('node_dmmultipath_device_paths', paths.length, labels);
        emit('node_dmmultipath_device_paths_active', active, labels);
        emit('node_dmmultipath_device_paths_failed', paths.length - active, labels);
      }
    },
  };
}

function findDevices(host: Host): { device: string; sysfs_name: string; uuid: string }[] {
  return host.list(BLOCK).flatMap((sysfs_name) => {
    const path = `${BLOCK}/${sysfs_name}/dm`;
    const uuid = sysfs_name.startsWith('dm-') ? textIn(host, `${path}/uuid`) : undefined;
    const device = uuid?.startsWith('mpath-') ? textIn(host, `${path}/name`) : undefined;
    return uuid === undefined || device === undefined ? [] : [{ device, sysfs_name, uuid }];
  });
}
