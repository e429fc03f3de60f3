/**
 * /proc/1/mountinfo says what is mounted where, statfs(2) how full it is. A container's own list shows the container's
 * mounts, that of process 1 the host's.
 *
 *   36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *   id parent major:minor root mountpoint options [optional…] - type source super-options
 *
 * Network and FUSE file systems are not asked, nor is what is mounted below one: a server that does not answer would hold the
 * agent for ever.
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#proc-pid-mountinfo-information-about-mounts
 */
import type { Collector } from '../collector.ts';
import { lines, malformed } from '../kernel-text.ts';

const FILE = '/proc/1/mountinfo';

/** node_exporter's defaults. */
const EXCLUDED_MOUNTPOINTS =
  /^\/(dev|proc|run\/credentials\/.+|sys|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)($|\/)/;
const EXCLUDED_TYPES =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$/;

/** Those that another machine or program answers for. */
const REMOTE_TYPES =
  /^(9p|afs|beegfs.*|ceph|cifs|coda|davfs|fuse|fuse\..+|fuseblk|gfs2|glusterfs|gpfs|lustre|ncpfs|nfs4?|ocfs2|orangefs|smb3|smbfs|virtiofs)$/;

export interface Mount {
  readonly major: string;
  readonly minor: string;
  readonly mountpoint: string;
  readonly readonly: boolean;
  readonly fstype: string;
  readonly device: string;
}

export function filesystem(): Collector {
  return {
    name: 'filesystem',
    collect(host, emit) {
      const text = host.read('proc/1/mountinfo') ?? (host.own ? host.read('proc/self/mountinfo') : undefined);
      if (text === undefined) throw malformed(FILE, 'a file that may be read', undefined);
      const { mounts, unreadable } = parseMountinfo(text);
      for (const { major, minor, mountpoint, readonly, fstype, device } of toAsk(mounts)) {
        const figures = host.statfs(mountpoint);
        const failed = 'error' in figures;
        const labels = { device, mountpoint, fstype, device_error: failed ? figures.error : '' };
        emit('node_filesystem_device_error', failed ? 1 : 0, labels);
        emit('node_filesystem_readonly', readonly ? 1 : 0, labels);
        if (failed) continue;
        emit('node_filesystem_size_bytes', figures.size, labels);
        emit('node_filesystem_free_bytes', figures.free, labels);
        emit('node_filesystem_avail_bytes', figures.available, labels);
        emit('node_filesystem_files', figures.files, labels);
        emit('node_filesystem_files_free', figures.filesFree, labels);
        emit('node_filesystem_mount_info', 1, { device, major, minor, mountpoint });
      }
      if (unreadable.length > 0) throw malformed(FILE, 'the line of a mount', unreadable[0]);
    },
  };
}

/** The mounts, and the lines that are none. */
export function parseMountinfo(text: string): { mounts: Mount[]; unreadable: string[] } {
  const mounts: Mount[] = [];
  const unreadable: string[] = [];
  for (const line of lines(FILE, text)) {
    const [before = '', after = ''] = line.split(' - ', 2);
    const [, , numbers = '', , mountpoint, options] = before.split(' ');
    const [fstype, device, superOptions] = after.split(' ');
    const [, major, minor] = /^(\d+):(\d+)$/.exec(numbers) ?? [];
    if (major && minor && mountpoint && options && fstype && device !== undefined && superOptions) {
      const readonly = isReadonly(options) || isReadonly(superOptions);
      mounts.push({ major, minor, mountpoint: decoded(mountpoint), readonly, fstype, device: decoded(device) });
    } else {
      unreadable.push(line);
    }
  }
  return { mounts, unreadable };
}

/** The mounts to ask, once each: what is mounted over the same place by the same name is one series. */
function toAsk(mounts: readonly Mount[]): Mount[] {
  const remote = mounts.filter(({ fstype, mountpoint }) => mountpoint !== '/' && REMOTE_TYPES.test(fstype));
  const local = mounts.filter(
    ({ fstype, mountpoint }) =>
      !EXCLUDED_TYPES.test(fstype) &&
      !EXCLUDED_MOUNTPOINTS.test(mountpoint) &&
      !REMOTE_TYPES.test(fstype) &&
      !remote.some((above) => mountpoint.startsWith(`${above.mountpoint}/`)),
  );
  const distinct = new Map(
    local.map((mount) => [JSON.stringify([mount.device, mount.mountpoint, mount.fstype]), mount] as const),
  );
  return [...distinct.values()];
}

/** Besides the two places for `ro`, ext4 notes here that it stopped writing after an error. */
function isReadonly(options: string): boolean {
  return options.split(',').some((option) => option === 'ro' || option === 'emergency_ro');
}

/** The kernel writes blanks and backslashes in names as octal numbers: `\040`. */
function decoded(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
