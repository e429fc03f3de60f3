/**
 * A record of the spool's files, and how records are found among bytes that a disk has damaged.
 *
 *   magic    4 bytes  FF 53 50 31
 *   crc      4        CRC-32 of all that follows
 *   length   4        of the whole record
 *   position 8        grows with each record
 *   meta     4 + n    its length, then JSON: the envelope of an event, or a gap
 *   value             the event as it travels; nothing for a gap
 *
 * Numbers are little-endian. What is stored is UTF-8, where no byte is FF: so the magic is never part of a meta or a
 * value, whatever is measured, and the search for the next record after damage is not led astray.
 */
import { crc32 } from 'node:zlib';

const MAGIC = Buffer.from([0xff, 0x53, 0x50, 0x31]);
const MAGIC_NUMBER = MAGIC.readUInt32BE();
const CRC_AT = 4;
const LENGTH_AT = 8;
const POSITION_AT = 12;
const META_LENGTH_AT = 20;
const META_AT = 24;

export interface StoredRecord {
  readonly position: number;
  readonly meta: unknown;
  readonly value: Buffer;
  /** Where it is among the bytes scanned, and how many it has. */
  readonly offset: number;
  readonly length: number;
}

/** Bytes between records that are none. */
export interface Damage {
  readonly damaged: number;
  /** How many records seem to begin there, at least one. */
  readonly records: number;
}

export function encodeRecord(position: number, meta: unknown, value: Uint8Array): Buffer {
  const json = JSON.stringify(meta);
  const metaLength = Buffer.byteLength(json);
  const record = Buffer.allocUnsafe(META_AT + metaLength + value.length);
  MAGIC.copy(record);
  record.writeUInt32LE(record.length, LENGTH_AT);
  record.writeBigUInt64LE(BigInt(position), POSITION_AT);
  record.writeUInt32LE(metaLength, META_LENGTH_AT);
  record.write(json, META_AT);
  record.set(value, META_AT + metaLength);
  record.writeUInt32LE(crc32(record.subarray(LENGTH_AT)), CRC_AT);
  return record;
}

/** The record that begins at an offset, unless what is there is none. Its value shares the memory of `bytes`. */
export function decodeRecord(bytes: Buffer, offset: number): StoredRecord | undefined {
  if (offset + META_AT > bytes.length || !beginsAt(bytes, offset)) return undefined;
  const length = bytes.readUInt32LE(offset + LENGTH_AT);
  if (length < META_AT || offset + length > bytes.length) return undefined;
  const record = bytes.subarray(offset, offset + length);
  if (crc32(record.subarray(LENGTH_AT)) !== record.readUInt32LE(CRC_AT)) return undefined;
  const position = Number(record.readBigUInt64LE(POSITION_AT));
  const valueAt = META_AT + record.readUInt32LE(META_LENGTH_AT);
  try {
    const meta: unknown = JSON.parse(record.toString('utf8', META_AT, valueAt));
    return { position, meta, value: record.subarray(valueAt), offset, length };
  } catch {
    // One in four thousand million damaged records has a CRC that fits.
    return undefined;
  }
}

/** All records in their order, and the damage where it is among them. */
export function* scan(bytes: Buffer): Generator<StoredRecord | Damage> {
  let offset = 0;
  while (offset < bytes.length) {
    const record = decodeRecord(bytes, offset);
    if (record !== undefined) {
      yield record;
      offset += record.length;
      continue;
    }
    const from = offset;
    let records = beginsAt(bytes, from) ? 0 : 1;
    do {
      if (beginsAt(bytes, offset)) records++;
      offset = next(bytes, offset + 1);
    } while (offset < bytes.length && decodeRecord(bytes, offset) === undefined);
    yield { damaged: offset - from, records };
  }
}

function beginsAt(bytes: Buffer, offset: number): boolean {
  return offset + MAGIC.length <= bytes.length && bytes.readUInt32BE(offset) === MAGIC_NUMBER;
}

/** Where the next record may begin. */
function next(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(MAGIC, from);
  return at === -1 ? bytes.length : at;
}
