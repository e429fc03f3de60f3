/**
 * /sys/fs/btrfs/UUID: how a btrfs file system has shared out its devices. Space is allocated in groups for data, metadata and
 * system, each in one or more modes that keep one copy or several.
 *
 *   label  metadata_uuid  commit_stats  devices/sda/size  allocation/global_rsv_size
 *   allocation/data/bytes_reserved  allocation/data/raid1/{total_bytes,used_bytes}
 *
 * Errors of devices need an ioctl on a mount that only root may open, so they are not here.
 * https://btrfs.readthedocs.io/en/latest/ch-sysfs.html
 */

import type { Collector, Emit } from '../collector.ts';
import { numberIn, textIn } from '../host/attributes.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';
import { decimal, lines, words } from '../kernel/text.ts';
import { each } from './each.ts';

const ROOT = 'sys/fs/btrfs';
const GROUPS = ['data', 'metadata', 'system'] as const;
const SECTOR_BYTES = 512;

const COMMITS = [
  ['commits', 'node_btrfs_commits_total', 1],
  ['last_commit_ms', 'node_btrfs_last_commit_seconds', 1e3],
  ['max_commit_ms', 'node_btrfs_max_commit_seconds', 1e3],
  ['total_commit_ms', 'node_btrfs_commit_seconds_total', 1e3],
] as const;

interface FileSystem {
  readonly path: string;
  readonly uuid: string;
  readonly label: string;
  readonly devices: readonly { readonly device: string; readonly size: number | undefined }[];
  readonly modes: readonly { readonly group: string; readonly mode: string; readonly ratio: number }[];
}

export function btrfs(now: () => number): Collector {
  const fileSystems = remembered(now, A_MINUTE_MS, findFileSystems);
  return {
    name: 'btrfs',
    collect(host, emit) {
      each(fileSystems(host), (fileSystem) => emitFileSystem(host, emit, fileSystem));
    },
  };
}

function emitFileSystem(host: Host, emit: Emit, { path, uuid, label, devices, modes }: FileSystem): void {
  emit('node_btrfs_info', 1, { uuid, label });
  emit('node_btrfs_global_rsv_size_bytes', numberIn(host, `${path}/allocation/global_rsv_size`), { uuid });
  for (const { device, size } of devices) emit('node_btrfs_device_size_bytes', size, { uuid, device });
  for (const block_group_type of GROUPS) {
    const reserved = numberIn(host, `${path}/allocation/${block_group_type}/bytes_reserved`);
    emit('node_btrfs_reserved_bytes', reserved, { uuid, block_group_type });
  }
  for (const { group, mode, ratio } of modes) {
    const labels = { uuid, block_group_type: group, mode };
    const directory = `${path}/allocation/${group}/${mode}`;
    emit('node_btrfs_used_bytes', numberIn(host, `${directory}/used_bytes`), labels);
    emit('node_btrfs_size_bytes', numberIn(host, `${directory}/total_bytes`), labels);
    emit('node_btrfs_allocation_ratio', ratio, labels);
  }
  const text = textIn(host, `${path}/commit_stats`);
  if (text === undefined) return;
  const counts = parseCommitStats(text);
  for (const [key, name, units] of COMMITS) emit(name, (counts.get(key) ?? Number.NaN) / units, { uuid });
}

/** Lines of a key and a number. Since Linux 6.0. */
export function parseCommitStats(text: string): ReadonlyMap<string, number> {
  return new Map(
    lines('/sys/fs/btrfs/*/commit_stats', `${text}\n`).map((line) => {
      const [key = '', value] = words(line);
      return [key, decimal(value)];
    }),
  );
}

/** How many bytes of devices a byte takes. */
export function allocationRatio(mode: string, devices: number): number | undefined {
  switch (mode) {
    case 'single':
    case 'raid0':
      return 1;
    case 'dup':
    case 'raid1':
    case 'raid10':
      return 2;
    case 'raid1c3':
      return 3;
    case 'raid1c4':
      return 4;
    case 'raid5':
      return devices / (devices - 1);
    case 'raid6':
      return devices / (devices - 2);
    default:
      return undefined;
  }
}

function findFileSystems(host: Host): FileSystem[] {
  const names = host.list(ROOT).filter((name) => name.includes('-'));
  return names.map((name) => {
    const path = `${ROOT}/${name}`;
    const devices = host.list(`${path}/devices`).map((device) => ({
      device,
      size: numberIn(host, `${path}/devices/${device}/size`, SECTOR_BYTES),
    }));
    const modes = GROUPS.flatMap((group) =>
      host.list(`${path}/allocation/${group}`).flatMap((mode) => {
        const ratio = allocationRatio(mode, devices.length);
        return ratio === undefined ? [] : [{ group, mode, ratio }];
      }),
    );
    const uuid = textIn(host, `${path}/metadata_uuid`) || name;
    return { path, uuid, label: textIn(host, `${path}/label`) ?? '', devices, modes };
  });
}
