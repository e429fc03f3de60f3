/**
 * What a disk is: /sys/block/DISK/queue/rotational, and what udev has found out, in /run/udev/data/b<major>:<minor>:
 *
 *   E:ID_MODEL=TOSHIBA_KSDB4U86
 *   E:ID_FS_TYPE=ext4
 *
 * Where /run of the host cannot be read, its labels are empty.
 * https://www.freedesktop.org/software/systemd/man/latest/udevadm.html#udevadm%20info%20options
 */

import type { Emit } from '../collector.ts';
import { textIn } from '../host/attributes.ts';
import type { Host } from '../host/proc.ts';
import { decimal } from '../kernel/text.ts';

export interface Disk {
  readonly major: string;
  readonly minor: string;
  readonly device: string;
}

const ATA = [
  ['ID_ATA_WRITE_CACHE', 'node_disk_ata_write_cache'],
  ['ID_ATA_WRITE_CACHE_ENABLED', 'node_disk_ata_write_cache_enabled'],
  ['ID_ATA_ROTATION_RATE_RPM', 'node_disk_ata_rotation_rate_rpm'],
] as const;

/** What `emitDiskInfo` says of a disk. It seldom changes. */
export interface DiskInfo {
  readonly rotational: boolean;
  readonly properties: ReadonlyMap<string, string>;
}

export function lookAtDisk(host: Host, { major, minor, device }: Disk): DiskInfo {
  return {
    // A partition has no queue of its own, and node_exporter says 0 then. A slash in a name is an exclamation mark there.
    rotational: textIn(host, `sys/block/${device.replaceAll('/', '!')}/queue/rotational`) === '1',
    properties: parseUdevData(textIn(host, `run/udev/data/b${major}:${minor}`) ?? ''),
  };
}

export function emitDiskInfo(emit: Emit, { major, minor, device }: Disk, { rotational, properties }: DiskInfo): void {
  const property = (name: string) => properties.get(name) ?? '';
  emit('node_disk_info', 1, {
    device,
    major,
    minor,
    path: property('ID_PATH'),
    wwn: property('ID_WWN'),
    model: property('ID_MODEL'),
    // On the disk itself stands the first of these; a virtual one has only the last.
    serial: property('SCSI_IDENT_SERIAL') || property('ID_SERIAL_SHORT') || property('ID_SERIAL'),
    revision: property('ID_REVISION'),
    rotational: rotational ? '1' : '0',
  });
  if (property('ID_FS_TYPE') !== '') {
    emit('node_disk_filesystem_info', 1, {
      device,
      type: property('ID_FS_TYPE'),
      usage: property('ID_FS_USAGE'),
      uuid: property('ID_FS_UUID'),
      version: property('ID_FS_VERSION'),
    });
  }
  if (property('DM_NAME') !== '') {
    emit('node_disk_device_mapper_info', 1, {
      device,
      name: property('DM_NAME'),
      uuid: property('DM_UUID'),
      vg_name: property('DM_VG_NAME'),
      lv_name: property('DM_LV_NAME'),
      lv_layer: property('DM_LV_LAYER'),
    });
  }
  if (property('ID_ATA') === '') return;
  for (const [name, metric] of ATA) if (properties.has(name)) emit(metric, decimal(property(name)), { device });
}

export function parseUdevData(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^E:([^=]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) properties.set(name, value);
  }
  return properties;
}
