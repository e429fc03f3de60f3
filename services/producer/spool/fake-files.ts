/** A directory for tests, whose disk can be full, tear what is written, die, forget what was not synced, or go away. */
import type { Files, Mode, OpenFile } from './files.ts';

interface Inode {
  data: Buffer;
  /** What a power cut leaves of it. */
  durable: Buffer;
  links: number;
}

export interface FakeFiles extends Files {
  /** How many bytes the disk takes in all. */
  capacity: number;
  /** How many calls are answered before all fail; one that writes has written half by then. */
  callsLeft: number;
  /** The errno of the calls that fail then. */
  errno: string;
  /** How many calls have been answered. */
  readonly calls: number;
  /** The process is no more, and everything is well with the disk. What was not synced goes with the power. */
  restart(power: boolean): void;
  /** The directory is removed while the process runs. */
  vanish(): void;
  /** What a file holds, to be damaged. */
  content(name: string): Buffer;
  put(name: string, content: Buffer): void;
}

export function createFakeFiles(): FakeFiles {
  let names = new Map<string, Inode>();
  let durableNames = new Map<string, Inode>();
  let there = false;
  let calls = 0;

  const files: FakeFiles = {
    capacity: Number.POSITIVE_INFINITY,
    callsLeft: Number.POSITIVE_INFINITY,
    errno: 'EIO',
    get calls() {
      return calls;
    },
    restart(power) {
      files.capacity = Number.POSITIVE_INFINITY;
      files.callsLeft = Number.POSITIVE_INFINITY;
      if (!power) return;
      names = new Map(durableNames);
      for (const inode of names.values()) Object.assign(inode, { data: inode.durable, links: 1 });
    },
    vanish() {
      for (const inode of names.values()) inode.links = 0;
      names = new Map();
      durableNames = new Map();
      there = false;
    },
    content: (name) => inodeOf(name).data,
    put(name, content) {
      inodeOf(name).data = content;
    },
    prepare() {
      call();
      there = true;
    },
    list() {
      call();
      if (!there) throw errno('ENOENT');
      return [...names.keys()];
    },
    open(name, mode) {
      call();
      if (!there) throw errno('ENOENT');
      return openFile(inodeFor(name, mode), mode);
    },
    rename(from, to) {
      call();
      const inode = inodeOf(from);
      unlink(to);
      names.delete(from);
      names.set(to, inode);
    },
    remove(name) {
      call();
      inodeOf(name);
      unlink(name);
    },
    sync() {
      call();
      durableNames = new Map(names);
    },
  };
  return files;

  function call(): void {
    if (files.callsLeft <= 0) throw errno(files.errno);
    files.callsLeft--;
    calls++;
  }

  function inodeFor(name: string, mode: Mode): Inode {
    const existing = names.get(name);
    if (mode === 'create' && existing !== undefined) throw errno('EEXIST');
    if (mode === 'read' || mode === 'update') return inodeOf(name);
    const inode = existing ?? { data: Buffer.alloc(0), durable: Buffer.alloc(0), links: 1 };
    inode.data = Buffer.alloc(0);
    names.set(name, inode);
    return inode;
  }

  function inodeOf(name: string): Inode {
    const inode = names.get(name);
    if (inode === undefined) throw errno('ENOENT');
    return inode;
  }

  function unlink(name: string): void {
    const inode = names.get(name);
    if (inode !== undefined) inode.links = 0;
    names.delete(name);
  }

  function openFile(inode: Inode, mode: Mode): OpenFile {
    return {
      size: () => inode.data.length,
      linked: () => inode.links > 0,
      read(length, at) {
        call();
        return Buffer.from(inode.data.subarray(at, at + length));
      },
      write(bytes, at) {
        if (mode === 'read') throw errno('EBADF');
        const others = [...names.values()].reduce((sum, { data }) => sum + data.length, 0) - inode.data.length;
        const fits = Math.min(bytes.length, Math.max(inode.data.length, files.capacity - others) - at);
        const written = files.callsLeft <= 0 ? 0 : files.callsLeft === 1 ? bytes.length >> 1 : fits;
        const data = Buffer.alloc(Math.max(inode.data.length, at + written));
        inode.data.copy(data);
        data.set(bytes.subarray(0, written), at);
        inode.data = data;
        call();
        if (files.callsLeft === 0 && written < bytes.length) throw errno(files.errno);
        if (fits < bytes.length) throw errno('ENOSPC');
      },
      truncate(size) {
        call();
        inode.data = Buffer.from(inode.data.subarray(0, size));
      },
      sync() {
        call();
        inode.durable = Buffer.from(inode.data);
      },
      close: () => undefined,
    };
  }
}

function errno(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code });
}
