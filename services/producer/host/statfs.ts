/** What statfs(2) says of a file system, in bytes and inodes. https://man7.org/linux/man-pages/man2/statfs.2.html */
import type { StatsFs } from 'node:fs';

export interface FileSystemSize {
  readonly size: number;
  readonly free: number;
  readonly available: number;
  readonly files: number;
  readonly filesFree: number;
}

/** The size, or the code of the error. */
export type StatfsAnswer = FileSystemSize | { readonly error: string };

/** The error of a file system that does not answer: no code of the kernel's. */
export const TIMEOUT = 'ETIMEOUT';

export function sizeOf({ bsize, blocks, bfree, bavail, files, ffree }: StatsFs): FileSystemSize {
  return { size: blocks * bsize, free: bfree * bsize, available: bavail * bsize, files, filesFree: ffree };
}
