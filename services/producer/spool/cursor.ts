/**
 * How far the spool has come, in a file of its own that is written in place, by turns in one of two slots. A write that tears
 * takes one of them and leaves the other; and since the file has its size from the beginning, a full disk does not come in the
 * way of an update.
 *
 *   slot   crc 4 bytes (CRC-32 of what follows), done 8 bytes, end 8 bytes; at 0 and at 512: sectors of their own
 *
 * All up to `done` is done with. `end` is the last that was written: so what a disk loses without a trace, from the end of a file
 * to whole files, is known to be missing. Without a readable slot, what is in the segments is published again, and what is
 * missing behind the last of them is not known.
 *
 * It is synced only before a file goes that a power cut would not take (segments.ts). What a power cut takes back of it is
 * published twice, and (epoch, seq) removes that.
 *
 * The first version, which is still read, had no `end`.
 */
import { crc32 } from 'node:zlib';
import type { Files, OpenFile } from './files.ts';

const NAME = 'cursor';
const SLOTS = [0, 512] as const;
const SIZE = 1024;
const DONE_AT = 4;
const END_AT = 12;
const SLOT_SIZE = 20;

/** Positions; −1 is before the first. */
export interface Reached {
  readonly done: number;
  /** `undefined` if it is not known. */
  readonly end: number | undefined;
}

export interface Cursor {
  /** `undefined` if nothing is known. */
  readonly reached: Reached | undefined;
  /** Throws if it cannot be written; what was reached before stays readable. */
  move(done: number, end: number): void;
  /** Makes it outlive a power cut that all up to this position is done with, if it is. Throws if that is not possible. */
  sync(done: number): void;
  close(): void;
}

/** @param failed told if there is one that cannot be read, which is as good as none. */
export function openCursor(files: Files, failed: (error: unknown) => void): Cursor {
  const found = readSlots(files, failed);
  let reached = found.reduce<Reached | undefined>((best, slot) => (isFurther(slot, best) ? slot : best), undefined);
  /** The slot that is not needed. */
  let turn = found[0] === reached ? 1 : 0;
  let synced = -1;
  let file: OpenFile | undefined;

  function writable(): OpenFile {
    if (file?.linked() === true) return file;
    file?.close();
    file = undefined;
    const exists = files.list().includes(NAME);
    const opened = files.open(NAME, exists ? 'update' : 'create');
    file = opened;
    if (!exists) opened.write(Buffer.alloc(SIZE), 0);
    return opened;
  }

  return {
    get reached() {
      return reached;
    },
    move(done, end) {
      writable().write(encodeSlot(done, end), SLOTS[turn] ?? 0);
      turn = 1 - turn;
      reached = { done, end };
    },
    sync(done) {
      if (file === undefined || reached === undefined || reached.done < done || synced >= done) return;
      file.sync();
      synced = reached.done;
    },
    close: () => file?.close(),
  };
}

function isFurther(a: Reached | undefined, b: Reached | undefined): boolean {
  if (a === undefined) return false;
  if (b === undefined) return true;
  return a.done > b.done || (a.done === b.done && (a.end ?? -1) > (b.end ?? -1));
}

function readSlots(files: Files, failed: (error: unknown) => void): readonly (Reached | undefined)[] {
  try {
    if (!files.list().includes(NAME)) return [];
    const file = files.open(NAME, 'read');
    try {
      const bytes = file.read(SIZE, 0);
      return SLOTS.map((at) => decodeSlot(bytes.subarray(at, at + SLOT_SIZE)));
    } finally {
      file.close();
    }
  } catch (error) {
    failed(error);
    return [];
  }
}

function encodeSlot(done: number, end: number): Buffer {
  const slot = Buffer.alloc(SLOT_SIZE);
  slot.writeBigInt64LE(BigInt(done), DONE_AT);
  slot.writeBigInt64LE(BigInt(end), END_AT);
  slot.writeUInt32LE(crc32(slot.subarray(DONE_AT)));
  return slot;
}

function decodeSlot(slot: Buffer): Reached | undefined {
  if (slot.length < SLOT_SIZE) return undefined;
  const crc = slot.readUInt32LE();
  const done = Number(slot.readBigInt64LE(DONE_AT));
  if (crc === crc32(slot.subarray(DONE_AT))) return { done, end: Number(slot.readBigInt64LE(END_AT)) };
  return crc === crc32(slot.subarray(DONE_AT, END_AT)) ? { done, end: undefined } : undefined;
}
