/**
 * The position up to which everything is done with, in a file of its own that is written in place, by turns in one of two
 * slots. A write that tears takes one of them and leaves the other; and since the file has its size from the beginning, a full
 * disk does not come in the way of an update. Without a readable slot what is in the segments is published again.
 *
 *   slot   crc 4 bytes (CRC-32 of the position), position 8 bytes, at 0 and at 512: sectors of their own
 *
 * It is never synced: what a power cut takes back is published twice, and (epoch, seq) removes it.
 */
import { crc32 } from 'node:zlib';
import type { Files, OpenFile } from './files.ts';

const NAME = 'cursor';
const SLOTS = [0, 512] as const;
const SIZE = 1024;
const POSITION_AT = 4;
const SLOT_SIZE = 12;

export interface Cursor {
  /** −1 if nothing is known to be done with. */
  readonly position: number;
  /** Throws if it cannot be written; the last position stays readable. */
  move(position: number): void;
  close(): void;
}

/** @param failed told if there is one that cannot be read, which is as good as none. */
export function openCursor(files: Files, failed: (error: unknown) => void): Cursor {
  const found = readSlots(files, failed);
  let position = Math.max(...found);
  /** The slot that is not needed. */
  let turn = found[0] === position ? 1 : 0;
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
    get position() {
      return position;
    },
    move(to) {
      writable().write(encodeSlot(to), SLOTS[turn] ?? 0);
      turn = 1 - turn;
      position = to;
    },
    close: () => file?.close(),
  };
}

function readSlots(files: Files, failed: (error: unknown) => void): readonly number[] {
  try {
    if (!files.list().includes(NAME)) return [-1, -1];
    const file = files.open(NAME, 'read');
    try {
      const bytes = file.read(SIZE, 0);
      return SLOTS.map((at) => decodeSlot(bytes, at));
    } finally {
      file.close();
    }
  } catch (error) {
    failed(error);
    return [-1, -1];
  }
}

function encodeSlot(position: number): Buffer {
  const slot = Buffer.alloc(SLOT_SIZE);
  slot.writeBigUInt64LE(BigInt(position), POSITION_AT);
  slot.writeUInt32LE(crc32(slot.subarray(POSITION_AT)));
  return slot;
}

function decodeSlot(bytes: Buffer, at: number): number {
  const slot = bytes.subarray(at, at + SLOT_SIZE);
  if (slot.length < SLOT_SIZE || crc32(slot.subarray(POSITION_AT)) !== slot.readUInt32LE()) return -1;
  return Number(slot.readBigUInt64LE(POSITION_AT));
}
