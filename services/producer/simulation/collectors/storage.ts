/** Disks and file systems. A disk works with the node's business; what is written stays until somebody cleans up. */
import type { Collector } from '../../collector.ts';
import { between, hexOf, type Random } from '../random.ts';
import { blocks, milliseconds, whole } from '../rounding.ts';
import type { ScenarioName } from '../scenario.ts';
import type { DiskShape, MountShape } from '../shape.ts';
import type { SimulatedNode } from '../simulated-node.ts';

const DISK_TOPIC = 3;
const MOUNT_TOPIC = 4;
const DAY = 86_400;

/** What one operation takes, and how much it moves. */
const SPEED = {
  ssd: { readSeconds: 0.0004, writeSeconds: 0.0011, bytes: 22_000 },
  hdd: { readSeconds: 0.0062, writeSeconds: 0.0048, bytes: 96_000 },
} as const;
/** Of the time that a disk works, how much is for reading. */
const READING = 0.35;

export function diskstats(node: SimulatedNode): Collector {
  const random = node.random(DISK_TOPIC);
  const firstDisk = node.shape.disks[0]?.device;
  const infos = node.shape.disks.map((disk, i) => diskInfo(disk, i, random));
  const disks = node.shape.disks.map((disk) => ({
    ...disk,
    ...SPEED[disk.kind],
    busy: disk.busy * between(random, 0.7, 1.3),
  }));
  return {
    name: 'diskstats',
    collect(_host, emit) {
      const { totals, storage } = node.now;
      for (const info of infos) emit('node_disk_info', 1, info);
      for (const disk of disks) {
        const { device, kind, busy, readSeconds, writeSeconds, bytes } = disk;
        const isFirst = device === firstDisk;
        const filling = isFirst ? 0.35 * node.spent('disk-fill', 0, FILL_GROWS) : 0;
        const swapping = isFirst ? 0.2 * totals.tight : 0;
        const usual = busy * (isFirst ? totals.flowing : totals.storage);
        const work = usual + 0.4 * busy * totals.forced + filling + swapping;
        const reading = READING * usual + swapping;
        const writing = work - reading;
        const extra = extraOf(node, kind, isFirst);
        const reads = whole(reading / readSeconds + 0.5 * extra.operations);
        const writes = whole(writing / writeSeconds + 0.5 * extra.operations);
        const readTime = 1.1 * reading + 0.5 * extra.waited;
        const writeTime = 1.4 * writing + 0.5 * extra.waited;
        const label = { device };
        emit('node_disk_reads_completed_total', reads, label);
        emit('node_disk_reads_merged_total', whole(0.06 * reads), label);
        emit('node_disk_read_bytes_total', sectors(reads * bytes), label);
        emit('node_disk_read_time_seconds_total', milliseconds(readTime), label);
        emit('node_disk_writes_completed_total', writes, label);
        emit('node_disk_writes_merged_total', whole(0.5 * writes), label);
        emit('node_disk_written_bytes_total', sectors(writes * bytes), label);
        emit('node_disk_write_time_seconds_total', milliseconds(writeTime), label);
        emit('node_disk_io_now', whole(4 * busy * storage) + extra.now, label);
        emit('node_disk_io_time_seconds_total', milliseconds(work + extra.busy), label);
        emit('node_disk_io_time_weighted_seconds_total', milliseconds(readTime + writeTime), label);
        const discards = disk.kind === 'ssd' ? whole(0.01 * writes) : 0;
        emit('node_disk_discards_completed_total', discards, label);
        emit('node_disk_discards_merged_total', 0, label);
        emit('node_disk_discarded_sectors_total', discards * 2048, label);
        emit('node_disk_discard_time_seconds_total', milliseconds(discards * 0.0002), label);
        emit('node_disk_flush_requests_total', whole(0.04 * writes), label);
        emit('node_disk_flush_requests_time_seconds_total', milliseconds(0.00004 * writes), label);
      }
    },
  };
}

/** What udev would know of a disk. */
function diskInfo({ device, kind }: DiskShape, index: number, random: Random) {
  const [known] = Object.entries(MODELS).find(([prefix]) => device.startsWith(prefix)) ?? [];
  const { major, model } = MODELS[known as keyof typeof MODELS] ?? { major: '0', model: '' };
  return {
    device,
    major,
    minor: String(known === 'nvme' ? index : index * 16),
    path: '',
    wwn: '',
    model,
    serial: model === '' ? '' : hexOf(random, 12).toUpperCase(),
    revision: '',
    rotational: kind === 'hdd' ? '1' : '0',
  };
}

const MODELS = {
  nvme: { major: '259', model: 'SAMSUNG MZQL23T8HCLS-00A07' },
  sd: { major: '8', model: 'ST12000NM002G' },
  md: { major: '9', model: '' },
  vd: { major: '254', model: '' },
} as const;

/** Operations that are not of the usual kind. */
interface Extra {
  readonly operations: number;
  /** Seconds, those of operations at the same time added up. */
  readonly waited: number;
  readonly busy: number;
  /** How many wait at the moment. */
  readonly now: number;
}

/**
 * What an operation takes, how many are under way on average, and the part of the time that there are any: a disk that answers
 * late and is asked for more than it can do; one that answers late; a healthy one with much to do.
 */
const EXTRAS: readonly (readonly [ScenarioName, { readonly ssd: number; readonly hdd: number }, number, number])[] = [
  ['io-stall', { ssd: 0.2, hdd: 0.2 }, 16, 0.995],
  ['disk-slow', { ssd: 0.125, hdd: 0.125 }, 1.75, 0.7],
  ['disk-shift', { ssd: 0.004, hdd: 0.015 }, 3.2, 0.5],
];

/** Stalls and slowness are of the disk below the root file system; a step is of all. */
function extraOf(node: SimulatedNode, kind: DiskShape['kind'], isFirst: boolean): Extra {
  const extra = { operations: 0, waited: 0, busy: 0, now: 0 };
  for (const [name, seconds, underWay, busy] of EXTRAS) {
    if (!isFirst && name !== 'disk-shift') continue;
    const spent = node.spent(name);
    extra.operations += (underWay / seconds[kind]) * spent;
    extra.waited += underWay * spent;
    extra.busy += busy * spent;
    if (node.isOn(name)) extra.now += Math.round(underWay);
  }
  return extra;
}

function sectors(bytes: number): number {
  return Math.floor(bytes / 512) * 512;
}

/** ext4 keeps a twentieth for root; the others keep nothing. */
const RESERVED = { ext4: 0.05, xfs: 0, vfat: 0, tmpfs: 0 } as const;
/** What is left to others than root when a scenario has filled all that it can. */
const LEFT_WHEN_FULL = 0.012;
/** The part of a round that cleaning up takes. */
const CLEANING = 0.02;
/** The part of its time in which a scenario fills, in minutes and in hours. */
export const FILL_GROWS = 0.4;
const SLOW_FILL_GROWS = 0.9;
/** Of the inodes used when none are left to speak of. */
const INODES_MOST = 0.992;

interface Mount extends MountShape {
  readonly period: number;
  readonly place: number;
  readonly files: number;
  readonly filesUsed: number;
}

export function filesystem(node: SimulatedNode): Collector {
  const random = node.random(MOUNT_TOPIC);
  const mounts = node.shape.mounts.map((mount): Mount => {
    return {
      ...mount,
      size: blocks(mount.size),
      period: DAY * between(random, 2.5, 9),
      place: random() * 1e7,
      files: mount.fstype === 'vfat' ? 0 : whole(mount.size / 16_384),
      filesUsed: between(random, 0.02, 0.09),
    };
  });
  return {
    name: 'filesystem',
    collect(_host, emit) {
      const { seconds } = node.now;
      const filled = Math.max(node.grown('disk-fill', FILL_GROWS), node.grown('disk-fill-slow', SLOW_FILL_GROWS));
      const leaked = Math.max(node.grown('inode-leak', FILL_GROWS), node.grown('inode-leak-slow', SLOW_FILL_GROWS));
      for (const mount of mounts) {
        const { device, mountpoint, fstype, size, files } = mount;
        const [major, minor] = mount.numbers;
        const reserved = blocks(RESERVED[fstype] * size);
        const usual = usedAt(mount, seconds);
        const most = 1 - RESERVED[fstype] - LEFT_WHEN_FULL;
        const isRoot = mountpoint === '/';
        const used = isRoot ? usual + filled * (most - usual) : usual;
        const usualFiles = mount.filesUsed * (0.7 + used);
        const usedFiles = isRoot ? usualFiles + leaked * (INODES_MOST - usualFiles) : usualFiles;
        const free = size - blocks(used * size);
        const labels = { device, mountpoint, fstype, device_error: '' };
        emit('node_filesystem_device_error', 0, labels);
        emit('node_filesystem_readonly', isRoot && node.isOn('readonly-remount') ? 1 : 0, labels);
        emit('node_filesystem_size_bytes', size, labels);
        emit('node_filesystem_free_bytes', free, labels);
        emit('node_filesystem_avail_bytes', Math.max(0, free - reserved), labels);
        emit('node_filesystem_files', files, labels);
        emit('node_filesystem_files_free', whole(files * (1 - usedFiles)), labels);
        emit('node_filesystem_mount_info', 1, { device, major, minor, mountpoint });
      }
    },
  };
}

/** Slowly up for days, and down again in an hour or so. */
function usedAt({ used, grows, period, place }: Mount, seconds: number): number {
  const rounds = (seconds + place) / period;
  const part = rounds - Math.floor(rounds);
  const height = part < 1 - CLEANING ? part / (1 - CLEANING) : (1 - part) / CLEANING;
  return used + grows * height;
}
