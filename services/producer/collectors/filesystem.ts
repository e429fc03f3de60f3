/**
 * /proc/1/mountinfo says what is mounted where, statfs(2) how full it is.
 *
 * A server or a program that does not answer would hold the agent for ever. So only kinds of file systems that are known to
 * answer from memory are asked here; all others, and what is mounted below them, by `Host.statfsRemote`, which never waits.
 * https://man7.org/linux/man-pages/man2/statfs.2.html
 */
import type { Collector } from '../collector.ts';
import { TIMEOUT } from '../host/statfs.ts';
import { MOUNTINFO, type Mount, parseMountinfo } from '../kernel/mountinfo.ts';
import { malformed } from '../kernel/text.ts';

/** node_exporter's defaults. */
const EXCLUDED_MOUNTPOINTS =
  /^\/(dev|proc|run\/credentials\/.+|sys|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)($|\/)/;
const EXCLUDED_TYPES =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|erofs|sysfs|tracefs)$/;

/** Those whose figures the kernel has in memory. */
const LOCAL_TYPES =
  /^(adfs|affs|bcachefs|befs|bfs|btrfs|cgroup|cpuset|cramfs|efivarfs|efs|exfat|ext[234]|f2fs|hfs|hfsplus|hpfs|jffs2|jfs|minix|msdos|nilfs2|ntfs3?|omfs|qnx[46]|ramfs|reiserfs|romfs|rootfs|sysv|tmpfs|ubifs|udf|ufs|vfat|xfs|zfs|zonefs)$/;

/** What node_exporter shows as `device_error`: Go's words for the errors that statfs(2) is known to give. */
const ERROR_TEXTS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  ECONNABORTED: 'software caused connection abort',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTDOWN: 'host is down',
  EHOSTUNREACH: 'no route to host',
  EINTR: 'interrupted system call',
  EIO: 'input/output error',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  ENETUNREACH: 'network is unreachable',
  ENODEV: 'no such device',
  ENOENT: 'no such file or directory',
  ENOSYS: 'function not implemented',
  ENOTCONN: 'transport endpoint is not connected',
  ENOTDIR: 'not a directory',
  EPERM: 'operation not permitted',
  ESHUTDOWN: 'cannot send after transport endpoint shutdown',
  ESTALE: 'stale NFS file handle',
  ETIMEDOUT: 'connection timed out',
  [TIMEOUT]: 'mountpoint timeout',
};

export function filesystem(): Collector {
  let text: string | undefined;
  let plan: Plan = { chosen: [], remote: new Set(), unreadable: [] };
  return {
    name: 'filesystem',
    collect(host, emit) {
      const now = host.read('proc/1/mountinfo') ?? (host.own ? host.read('proc/self/mountinfo') : undefined);
      if (now === undefined) throw malformed(MOUNTINFO, 'a file that may be read', undefined);
      if (now !== text) plan = planOf(now);
      text = now;
      const { chosen, remote, unreadable } = plan;
      const answers = host.statfsRemote([...remote].map(({ mountpoint }) => mountpoint));
      for (const mount of chosen) {
        const { major, minor, mountpoint, readonly, fstype, device } = mount;
        const figures = remote.has(mount) ? answers.get(mountpoint) : host.statfs(mountpoint);
        if (figures === undefined) continue;
        const failed = 'error' in figures;
        const device_error = failed ? (ERROR_TEXTS[figures.error] ?? figures.error) : '';
        const labels = { device, mountpoint, fstype, device_error };
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
      if (unreadable.length > 0) throw malformed(MOUNTINFO, 'the line of a mount', unreadable[0]);
    },
  };
}

interface Plan {
  /** The mounts to ask, once each: what is mounted over the same place by the same name is one series. */
  readonly chosen: readonly Mount[];
  /** Those of them that may not answer. */
  readonly remote: ReadonlySet<Mount>;
  readonly unreadable: readonly string[];
}

/** Mounts seldom change, and there may be hundreds. */
function planOf(text: string): Plan {
  const { mounts, unreadable } = parseMountinfo(text);
  const distinct = new Map(
    mounts
      .filter(({ fstype, mountpoint }) => !EXCLUDED_TYPES.test(fstype) && !EXCLUDED_MOUNTPOINTS.test(mountpoint))
      .map((mount) => [JSON.stringify([mount.device, mount.mountpoint, mount.fstype]), mount] as const),
  );
  const chosen = [...distinct.values()];
  const isRemote = ({ fstype }: Mount) => !EXCLUDED_TYPES.test(fstype) && !LOCAL_TYPES.test(fstype);
  // The way to what is mounted below leads through it. Not so for the root, without which nothing runs.
  const directories = mounts
    .filter((mount) => isRemote(mount) && mount.mountpoint !== '/')
    .map(({ mountpoint }) => `${mountpoint}/`);
  const remote = chosen.filter(
    (mount) => isRemote(mount) || directories.some((directory) => mount.mountpoint.startsWith(directory)),
  );
  return { chosen, remote: new Set(remote), unreadable };
}
