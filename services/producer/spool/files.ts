/**
 * What the spool asks of a file system, and the real one. A port, so that tests can have a disk that is full, tears what
 * is written to it, or forgets what was not synced. Synchronous: a call is as cheap as a copy to the page cache, keeps its
 * place among the others, and does not wait for threads that a hung mount may hold.
 */
import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC } = constants;

/** `create` fails if there is such a file, `read` and `update` if there is none; `replace` begins with an empty one. */
export type Mode = 'create' | 'replace' | 'read' | 'update';

const FLAGS: Readonly<Record<Mode, number>> = {
  create: O_RDWR | O_CREAT | O_EXCL,
  replace: O_RDWR | O_CREAT | O_TRUNC,
  read: O_RDONLY,
  update: O_RDWR,
};
/** What nodes measure is for nobody else on the node to read. */
const OWN = 0o600;

/** One directory. Whatever fails throws, with an errno name as `code`. */
export interface Files {
  /** Makes the directory if it is not there. */
  prepare(): void;
  /** Names of files. */
  list(): readonly string[];
  open(name: string, mode: Mode): OpenFile;
  rename(from: string, to: string): void;
  remove(name: string): void;
  /** Makes the names last: which files there are outlives a power cut. */
  sync(): void;
}

export interface OpenFile {
  size(): number;
  /** Whether it still has a name. What is written to a file without one is gone when the process ends. */
  linked(): boolean;
  /** So many bytes, or as many as there are. */
  read(length: number, at: number): Buffer;
  /** All of it, or it throws and any part of it may have been written. */
  write(bytes: Uint8Array, at: number): void;
  truncate(size: number): void;
  /** Makes what was written last: it outlives a power cut. */
  sync(): void;
  close(): void;
}

/** @param directory made, with those above it, when it is needed. */
export function openFiles(directory: string): Files {
  return {
    prepare: () => makeDirectory(directory),
    list: () =>
      readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name),
    open: (name, mode) => openFile(openSync(join(directory, name), FLAGS[mode], OWN)),
    rename: (from, to) => renameSync(join(directory, from), join(directory, to)),
    remove: (name) => unlinkSync(join(directory, name)),
    sync() {
      const descriptor = openSync(directory, O_RDONLY);
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

/** With those above it. Node's own way never ends where a directory takes no others and says that it is not there. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error;
    makeDirectory(dirname(path));
    mkdirSync(path);
  }
}

function openFile(descriptor: number): OpenFile {
  return {
    size: () => fstatSync(descriptor).size,
    linked: () => fstatSync(descriptor).nlink > 0,
    read(length, at) {
      const bytes = Buffer.allocUnsafe(length);
      let read = 0;
      while (read < length) {
        const count = readSync(descriptor, bytes, read, length - read, at + read);
        if (count === 0) break;
        read += count;
      }
      return bytes.subarray(0, read);
    },
    write(bytes, at) {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(descriptor, bytes, written, bytes.length - written, at + written);
      }
    },
    truncate: (size) => ftruncateSync(descriptor, size),
    sync: () => fdatasyncSync(descriptor),
    close: () => closeSync(descriptor),
  };
}
