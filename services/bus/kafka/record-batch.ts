/**
 * Record batches as they come from a broker, read within bounds. kafkajs' own reader trusts them: a megabyte may
 * decompress to a gigabyte, a count of records becomes the arguments of one call, a compression it does not know and a
 * damaged length end the consumer, and the checksum is not looked at. Anybody who may write to the topic can write such a
 * batch, and it would stop every reader for as long as it is kept.
 *
 * So a batch that cannot be read becomes one record that says why and stands for all offsets of the batch; reading goes on
 * behind it. Everything is synchronous: decompressing in the thread pool costs more than decompressing (a hop per batch).
 *
 *   batch  => baseOffset int64, length int32, leaderEpoch int32, magic int8, crc uint32, attributes int16,
 *             lastOffsetDelta int32, baseTimestamp int64, maxTimestamp int64, producerId int64, producerEpoch int16,
 *             baseSequence int32, count int32, records (compressed as one, if at all)
 *   record => length, attributes int8, timestampDelta, offsetDelta, key, value, headers   (lengths and deltas: varints)
 *
 * https://kafka.apache.org/documentation/#messageformat
 */
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import crc32c from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js';
import { messageOf } from '#runtime/errors.ts';
import type { BusRecord } from '../bus.ts';

/**
 * What the records of one batch may have, decompressed. A broker takes batches of 1 MB, compressed, unless told otherwise;
 * the largest that the services write are 500 events, 7.5 MB of text for a node of ordinary size.
 */
const MAX_BATCH_BYTES = 32 * 1024 * 1024;
/** How many records and headers a batch may have together: they are what costs memory in a batch of tiny records. */
const MAX_BATCH_PARTS = 50_000;

/** What may still be read of one answer; a batch is begun while some is left. Counts down. */
export interface Budget {
  bytes: number;
  parts: number;
}

/** Few bytes, since the answers of several brokers wait at the same time, each with at most this and one batch more. */
export function newBudget(): Budget {
  return { bytes: 8 * 1024 * 1024, parts: MAX_BATCH_PARTS };
}

/** A transaction that was aborted: from this offset on the producer's transactional batches count for nothing. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

export interface Decoded {
  /** Without markers of transactions and what was aborted. */
  readonly records: BusRecord[];
  /** The offset behind the last batch that was read; undefined if there was none. */
  readonly nextOffset: number | undefined;
}

/** What is wrong with a batch. */
class Unreadable extends Error {}

const HEADER_BYTES = 61;
const MAGIC_AT = 16;
const GZIP = 1;
const ZSTD = 4;
const CODEC_NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
/** The key of a marker: version and type, two bytes each; the type 0 aborts. */
const ABORT = Buffer.from([0, 0, 0, 0]);

/** @param bytes batches, of which the last may be cut off: a fetch returns what fits. */
export function decodeBatches(
  partition: number,
  bytes: Buffer,
  aborted: readonly AbortedTransaction[],
  budget: Budget,
): Decoded {
  const records: BusRecord[] = [];
  const transactions = new Transactions(aborted);
  let nextOffset: number | undefined;
  for (let start = 0; start + MAGIC_AT < bytes.length && budget.bytes > 0 && budget.parts > 0; ) {
    const end = start + 12 + Math.max(bytes.readInt32BE(start + 8), MAGIC_AT - 12);
    if (end > bytes.length) break;
    const batch = bytes.subarray(start, end);
    const { first, last } = span(batch);
    try {
      const content = decodeBatch(partition, batch, budget);
      if (!transactions.hide(batch, last, content)) records.push(...content);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      records.push(refusal(partition, first, last, error.message));
      budget.bytes = 0; // what it has cost to find out should be given back before the next one is tried
    }
    nextOffset = Number(last) + 1;
    start = end;
  }
  return { records, nextOffset };
}

/** The offsets that a batch stands for; compaction may have removed records at either end. */
function span(batch: Buffer): { first: bigint; last: bigint } {
  const first = batch.readBigInt64BE(0);
  const isBatch = batch.length >= HEADER_BYTES && batch.readInt8(MAGIC_AT) === 2;
  const delta = isBatch ? batch.readInt32BE(23) : 0;
  return { first, last: first + BigInt(Math.max(delta, 0)) };
}

function refusal(partition: number, first: bigint, last: bigint, reason: string): BusRecord {
  const [offset, lastOffset] = [Number(first), Number(last)];
  return { partition, offset, lastOffset, refused: reason, timestamp: 0, key: null, value: null, headers: {} };
}

function decodeBatch(partition: number, batch: Buffer, budget: Budget): BusRecord[] {
  const magic = batch.readInt8(MAGIC_AT);
  if (magic !== 2) throw new Unreadable(`message format ${magic}, only 2 can be read`);
  if (batch.length < HEADER_BYTES) throw new Unreadable(`a batch of ${batch.length} bytes, shorter than its header`);
  if (crc32c(batch.subarray(21)) !== batch.readUInt32BE(17)) throw new Unreadable('the checksum is wrong');
  const count = batch.readInt32BE(57);
  if (count < 0 || count > MAX_BATCH_PARTS) {
    throw new Unreadable(`a batch of ${count} records, at most ${MAX_BATCH_PARTS} are read`);
  }
  const attributes = batch.readInt16BE(21);
  const content = decompress(attributes & 0x07, batch.subarray(HEADER_BYTES));
  budget.bytes -= content.length;

  const baseOffset = Number(batch.readBigInt64BE(0));
  const lastOffsetDelta = batch.readInt32BE(23);
  const appendTime = (attributes & LOG_APPEND_TIME) === 0 ? undefined : Number(batch.readBigInt64BE(35));
  const baseTimestamp = Number(batch.readBigInt64BE(27));
  const reader = new Reader(content, MAX_BATCH_PARTS);
  const records: BusRecord[] = [];
  for (let n = 0; n < count; n++) {
    const end = reader.enter();
    reader.skip(1); // attributes, of which there are none
    const timestamp = baseTimestamp + reader.varint();
    const offsetDelta = reader.varint();
    if (offsetDelta < 0 || offsetDelta > lastOffsetDelta) throw new Unreadable('an offset outside of its batch');
    const record = {
      partition,
      offset: baseOffset + offsetDelta,
      timestamp: appendTime ?? timestamp,
      key: reader.bytes(),
      value: reader.bytes(),
      headers: reader.headers(),
    };
    if (reader.at !== end) throw new Unreadable('a record that is not as long as it says');
    records.push(record);
  }
  budget.parts -= reader.parts;
  return records;
}

function decompress(codec: number, bytes: Buffer): Buffer {
  if (codec === 0) return bytes;
  const name = CODEC_NAMES[codec] ?? `codec ${codec}`;
  // Sized so that an ordinary batch needs one or two pieces, and an event of its own not a megabyte.
  const options = { maxOutputLength: MAX_BATCH_BYTES, chunkSize: Math.max(16 * 1024, bytes.length * 8) };
  try {
    if (codec === GZIP) return gunzipSync(bytes, options);
    if (codec === ZSTD) return zstdDecompressSync(bytes, options);
  } catch (error) {
    const tooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw new Unreadable(
      tooLarge
        ? `a batch that decompresses (${name}) to more than ${MAX_BATCH_BYTES} bytes`
        : `what is not ${name}: ${messageOf(error)}`,
    );
  }
  throw new Unreadable(`compressed with ${name}, of which only gzip and zstd can be read`);
}

/** Reads the records of one batch from the front, believing no length. */
class Reader {
  readonly #bytes: Buffer;
  readonly #maxParts: number;
  at = 0;
  /** Records and headers so far. */
  parts = 0;

  constructor(bytes: Buffer, maxParts: number) {
    this.#bytes = bytes;
    this.#maxParts = maxParts;
  }

  /** The length of a record, and with it its end. */
  enter(): number {
    this.#count();
    const length = this.varint();
    if (length < 0 || this.at + length > this.#bytes.length)
      throw new Unreadable('a record that ends behind its batch');
    return this.at + length;
  }

  skip(count: number): void {
    this.at += count;
  }

  /** Zigzag; beyond 2^53, which only a timestamp can be, not exact. */
  varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 63; factor *= 128) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw new Unreadable('a number that ends behind its batch');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new Unreadable('a number of more than ten bytes');
  }

  bytes(): Buffer | null {
    const length = this.varint();
    if (length === -1) return null;
    const end = this.at + length;
    if (length < 0 || end > this.#bytes.length) throw new Unreadable('a field that ends behind its batch');
    const bytes = this.#bytes.subarray(this.at, end);
    this.at = end;
    return bytes;
  }

  /** Kafka allows a header more than once and without a value. The last one counts, and none is no header. */
  headers(): Record<string, Buffer> {
    const entries: [string, Buffer][] = [];
    for (let left = this.varint(); left > 0; left--) {
      this.#count();
      const name = this.bytes();
      const value = this.bytes();
      if (name === null) throw new Unreadable('a header without a name');
      if (value !== null) entries.push([name.toString(), value]);
    }
    return Object.fromEntries(entries);
  }

  #count(): void {
    this.parts += 1;
    if (this.parts > this.#maxParts) throw new Unreadable(`a batch of more than ${this.#maxParts} records and headers`);
  }
}

/** What a reader may see of transactions: not the markers of their ends, nor what was aborted. */
class Transactions {
  readonly #aborted: AbortedTransaction[];
  readonly #aborting = new Set<bigint>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#aborted = aborted.toSorted((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  }

  hide(batch: Buffer, last: bigint, records: readonly BusRecord[]): boolean {
    const attributes = batch.readInt16BE(21);
    const producer = batch.readBigInt64BE(43);
    for (let next = this.#aborted[0]; next !== undefined && next.firstOffset <= last; next = this.#aborted[0]) {
      this.#aborting.add(next.producerId);
      this.#aborted.shift();
    }
    if ((attributes & CONTROL) !== 0) {
      if (records[0]?.key?.equals(ABORT)) this.#aborting.delete(producer);
      return true;
    }
    return (attributes & TRANSACTIONAL) !== 0 && this.#aborting.has(producer);
  }
}
