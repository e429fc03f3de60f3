/**
 * /proc/1/mountinfo: what is mounted where. A process in a container sees the container's mounts under its own number, those
 * of process 1 are the host's.
 *
 *   36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *   id parent major:minor root mountpoint options [optional…] - type source super-options
 *
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#proc-pid-mountinfo-information-about-mounts
 */
import { lines } from './text.ts';

export const MOUNTINFO = '/proc/1/mountinfo';

export interface Mount {
  readonly major: string;
  readonly minor: string;
  readonly mountpoint: string;
  readonly readonly: boolean;
  readonly fstype: string;
  readonly device: string;
}

/** The mounts, and the lines that are none. */
export function parseMountinfo(text: string): { mounts: Mount[]; unreadable: string[] } {
  const mounts: Mount[] = [];
  const unreadable: string[] = [];
  for (const line of lines(MOUNTINFO, text)) {
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

/** Besides the two places for `ro`, ext4 notes here that it stopped writing after an error. */
function isReadonly(options: string): boolean {
  return options.split(',').some((option) => option === 'ro' || option === 'emergency_ro');
}

/** The kernel writes blanks and backslashes in names as octal numbers: `\040`. */
function decoded(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
