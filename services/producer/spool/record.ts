/**
 * A record of the spool's files, and how records are found among bytes that a disk has damaged.
 *
 *   magic    4 bytes  FF 53 50 32
 *   crc      4        CRC-32 of all that follows
 *   length   4        of the whole record
 *   position 8        grows from record to record
 *   size     4        of the value as it travels
 *   form     1        how the value is stored: packing.ts
 *   meta     4 + n    its length, then JSON: the envelope of an event, a gap, or a run
 *   value             of an event
 *
 * Numbers are little-endian. What is stored as it travels is UTF-8, where no byte is FF: so the magic is never part of a meta
 * or of such a value, whatever is measured. In a packed value it stands once in four thousand million bytes; the CRC then tells
 * that no record begins there, as it tells of everything else.
 *
 * The first version, which is still read, had the magic FF 53 50 31, neither size nor form, and values as they travel.
 */
import { crc32 } from 'node:zlib';
import type { Form } from './packing.ts';

/** What both versions begin with; the version follows, as a digit. */
const MAGIC = Buffer.from([0xff, 0x53, 0x50]);
const VERSION_AT = 3;
const CRC_AT = 4;
const LENGTH_AT = 8;
const POSITION_AT = 12;
const SIZE_AT = 20;
const FORM_AT = 24;
/** Where a version has the length of the meta, which the meta follows. */
const META_LENGTH_AT = { 1: 20, 2: 25 } as const;
const LENGTH_SIZE = 4;
const META_AT = META_LENGTH_AT[2] + LENGTH_SIZE;
/** The shortest record there can be. */
const SHORTEST = META_LENGTH_AT[1] + LENGTH_SIZE;
const NOTHING = new Uint8Array();

export interface Stored {
  readonly form: Form;
  readonly bytes: Uint8Array;
  /** Of the value as it travels. */
  readonly size: number;
}

export interface StoredRecord extends Stored {
  readonly version: 1 | 2;
  readonly position: number;
  readonly meta: unknown;
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

export function encodeRecord(
  position: number,
  meta: unknown,
  value: Stored = { form: 0, bytes: NOTHING, size: 0 },
): Buffer {
  const json = JSON.stringify(meta);
  const metaLength = Buffer.byteLength(json);
  const record = Buffer.allocUnsafe(META_AT + metaLength + value.bytes.length);
  MAGIC.copy(record);
  record.write('2', VERSION_AT);
  record.writeUInt32LE(record.length, LENGTH_AT);
  record.writeBigUInt64LE(BigInt(position), POSITION_AT);
  record.writeUInt32LE(value.size, SIZE_AT);
  record.writeUInt8(value.form, FORM_AT);
  record.writeUInt32LE(metaLength, META_LENGTH_AT[2]);
  record.write(json, META_AT);
  record.set(value.bytes, META_AT + metaLength);
  record.writeUInt32LE(crc32(record.subarray(LENGTH_AT)), CRC_AT);
  return record;
}

/** The record that begins at an offset, unless what is there is none. Its value shares the memory of `bytes`. */
export function decodeRecord(bytes: Buffer, offset: number): StoredRecord | undefined {
  const version = versionAt(bytes, offset);
  if (version === undefined || offset + SHORTEST > bytes.length) return undefined;
  const length = bytes.readUInt32LE(offset + LENGTH_AT);
  const metaLengthAt = META_LENGTH_AT[version];
  if (length < metaLengthAt + LENGTH_SIZE || offset + length > bytes.length) return undefined;
  const record = bytes.subarray(offset, offset + length);
  if (crc32(record.subarray(LENGTH_AT)) !== record.readUInt32LE(CRC_AT)) return undefined;
  const position = Number(record.readBigUInt64LE(POSITION_AT));
  const metaAt = metaLengthAt + LENGTH_SIZE;
  const valueAt = metaAt + record.readUInt32LE(metaLengthAt);
  const value = record.subarray(valueAt);
  const stored: Stored =
    version === 1
      ? { form: 0, bytes: value, size: value.length }
      : { form: record.readUInt8(FORM_AT) as Form, bytes: value, size: record.readUInt32LE(SIZE_AT) };
  try {
    const meta: unknown = JSON.parse(record.toString('utf8', metaAt, valueAt));
    return { version, position, meta, ...stored, offset, length };
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
    let records = versionAt(bytes, from) === undefined ? 1 : 0;
    do {
      if (versionAt(bytes, offset) !== undefined) records++;
      offset = next(bytes, offset + 1);
    } while (offset < bytes.length && decodeRecord(bytes, offset) === undefined);
    yield { damaged: offset - from, records };
  }
}

/** The version of the record that seems to begin there. */
function versionAt(bytes: Buffer, offset: number): 1 | 2 | undefined {
  if (
    offset + VERSION_AT >= bytes.length ||
    bytes.compare(MAGIC, 0, MAGIC.length, offset, offset + MAGIC.length) !== 0
  ) {
    return undefined;
  }
  const digit = bytes[offset + VERSION_AT];
  return digit === 0x31 ? 1 : digit === 0x32 ? 2 : undefined;
}

/** Where the next record may begin. */
function next(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(MAGIC, from);
  return at === -1 ? bytes.length : at;
}
