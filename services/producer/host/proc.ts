/**
 * The one file that reads the host: files under /proc and /sys, and the size of a file system, below a root that a
 * container mounts the host at (https://www.kernel.org/doc/html/latest/filesystems/proc.html).
 *
 * Synchronous on purpose. The kernel makes these files from memory in microseconds, while the asynchronous calls go through
 * a pool of four threads that as many hung mounts bring to a halt for the whole process. Descriptors stay open, because
 * finding a file costs more than reading it again. Each read starts at 0 and goes on to the end: the kernel gives many of
 * these files a page at a time, however long the buffer.
 */
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import { type RemoteStatfs, startRemoteStatfs } from './remote-statfs.ts';
import { type StatfsAnswer, sizeOf } from './statfs.ts';

export interface Host {
  /** Whether the root is this process's own, where `/proc/self` sees what `/proc/1` sees. */
  readonly own: boolean;
  /**
   * The text of a file, its path without the leading slash. `undefined` if there is no such thing here: no such file, not for
   * this user, or switched off in the kernel.
   *
   * @throws PipelineError `PARSE` if it cannot be read for another reason.
   */
  read(path: string): string | undefined;
  /** The same for one of the many small files below /sys: not kept open, without the white space around it. */
  peek(path: string): string | undefined;
  /** The names in a directory, sorted; none if there is no such directory here. */
  list(path: string): readonly string[];
  /** Where a symbolic link points, as it stands there. */
  link(path: string): string | undefined;
  /** The device that a path is on. */
  device(path: string): { readonly major: number; readonly minor: number } | undefined;
  /** Of the file system at a path, or the code of the error. Only for local ones: a hung server would hang the process. */
  statfs(path: string): StatfsAnswer;
  /**
   * The same of network and FUSE file systems, as they answered since the last call: without waiting, so one that has just been
   * mounted has no answer yet. Forgets all that are not among these.
   */
  statfsRemote(paths: readonly string[]): ReadonlyMap<string, StatfsAnswer>;
  /** Lets go of the descriptors, and of the process that asks remote file systems. */
  close(): void;
}

/** Longer than most files; it grows to the longest and is used for all. */
const FIRST_BUFFER_BYTES = 64 * 1024;

/**
 * In sysfs also what a driver answers that has no value to give: no link, no such device, no data. In procfs: no such process
 * any more.
 */
const NOTHING_THERE = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EINVAL',
  'ENODEV',
  'ENXIO',
  'ENODATA',
  'ESRCH',
]);

export function openHost(root: string, remote: RemoteStatfs = startRemoteStatfs()): Host {
  const descriptors = new Map<string, number>();
  let buffer = Buffer.allocUnsafe(FIRST_BUFFER_BYTES);

  function readToEnd(descriptor: number): string {
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, buffer, length, buffer.length - length, length);
      if (count === 0) return buffer.toString('utf8', 0, length);
      length += count;
      if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    }
  }

  function readAnew(path: string): string {
    const descriptor = openSync(path, 'r');
    descriptors.set(path, descriptor);
    return readToEnd(descriptor);
  }

  function forget(path: string): void {
    const descriptor = descriptors.get(path);
    descriptors.delete(path);
    if (descriptor !== undefined) closeSync(descriptor);
  }

  /** A descriptor goes stale when its device or process goes; a new one under the same path has to be opened. */
  function readAgain(path: string, descriptor: number): string {
    try {
      return readToEnd(descriptor);
    } catch {
      forget(path);
      return readAnew(path);
    }
  }

  function unlessNothing<T>(path: string, look: (full: string) => T): T | undefined {
    const full = join(root, path);
    try {
      return look(full);
    } catch (cause) {
      if (NOTHING_THERE.has(codeOf(cause))) return undefined;
      throw new PipelineError('PARSE', `${full}: ${messageOf(cause)}`, { cause, retryable: true });
    }
  }

  return {
    own: root === '/',
    read: (path) =>
      unlessNothing(path, (full) => {
        const descriptor = descriptors.get(full);
        try {
          return descriptor === undefined ? readAnew(full) : readAgain(full, descriptor);
        } catch (error) {
          forget(full);
          throw error;
        }
      }),
    peek: (path) => unlessNothing(path, (full) => readFileSync(full, 'utf8').trim()),
    list: (path) => unlessNothing(path, (full) => readdirSync(full).sort()) ?? [],
    link: (path) => unlessNothing(path, (full) => readlinkSync(full)),
    device: (path) => unlessNothing(path, (full) => deviceNumbers(statSync(full, { bigint: true }).dev)),
    statfs(path) {
      try {
        return sizeOf(statfsSync(join(root, path)));
      } catch (error) {
        return { error: codeOf(error) };
      }
    },
    statfsRemote(paths) {
      const answers = remote.ask(paths.map((path) => join(root, path)));
      return new Map(
        paths.flatMap((path) => {
          const answer = answers.get(join(root, path));
          return answer === undefined ? [] : [[path, answer] as const];
        }),
      );
    },
    close() {
      remote.close();
      for (const path of [...descriptors.keys()]) forget(path);
    },
  };
}

/** As the C library packs them (sys/sysmacros.h). */
function deviceNumbers(dev: bigint): { major: number; minor: number } {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  return { major: Number(major), minor: Number(minor) };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? messageOf(error);
}
