/** Record batches byte by byte, and sent as they are: for tests of what no client of ours would write. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import crc32c from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js';

export interface RawBatch {
  readonly baseOffset?: number;
  /** Compression in the lowest three bits, the kind of timestamp, whether in a transaction, whether a marker. */
  readonly attributes?: number;
  /** How many records it says it has. */
  readonly count: number;
  /** By default as many as the count allows. */
  readonly lastOffsetDelta?: number;
  readonly timestamps?: readonly [base: number, max: number];
  readonly producerId?: number;
  /** Records, compressed if the attributes say so. */
  readonly content: Buffer;
}

export const GZIP = 1;

export function encodeBatch(batch: RawBatch): Buffer {
  const { baseOffset = 0, attributes = 0, count, lastOffsetDelta = count - 1, timestamps = [0, 0] } = batch;
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(BigInt(baseOffset), 0);
  header.writeInt32BE(header.length - 12 + batch.content.length, 8);
  header.writeInt8(2, 16);
  header.writeInt16BE(attributes, 21);
  header.writeInt32BE(lastOffsetDelta, 23);
  header.writeBigInt64BE(BigInt(timestamps[0]), 27);
  header.writeBigInt64BE(BigInt(timestamps[1]), 35);
  header.writeBigInt64BE(BigInt(batch.producerId ?? -1), 43);
  header.writeInt16BE(-1, 51);
  header.writeInt32BE(-1, 53);
  header.writeInt32BE(count, 57);
  return sealed(Buffer.concat([header, batch.content]));
}

/** With the right checksum, for a batch that was changed. */
export function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

export interface RawRecord {
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly key?: Buffer | null;
  readonly value?: Buffer | null;
  readonly headers?: readonly (readonly [name: string, value: Buffer | null])[];
}

export function encodeRecord(record: RawRecord): Buffer {
  const { offsetDelta = 0, timestampDelta = 0, key = null, value = null, headers = [] } = record;
  const body = Buffer.concat([
    Buffer.alloc(1),
    varint(timestampDelta),
    varint(offsetDelta),
    bytes(key),
    bytes(value),
    varint(headers.length),
    ...headers.flatMap(([name, content]) => [bytes(Buffer.from(name)), bytes(content)]),
  ]);
  return Buffer.concat([varint(body.length), body]);
}

/** Zigzag. */
export function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 128);
  return Buffer.from([...out, rest]);
}

function bytes(content: Buffer | null): Buffer {
  return content === null ? varint(-1) : Buffer.concat([varint(content.length), content]);
}

/** One record whose value is that many zeros, as gzip of a thousandth of it. */
export function bomb(zeros: number): Buffer {
  const piece = 10_000_000;
  const before = Buffer.concat([Buffer.alloc(1), varint(0), varint(0), varint(-1), varint(zeros)]);
  const head = gzipSync(Buffer.concat([varint(before.length + zeros + 1), before]));
  const whole = Array<Buffer>(Math.floor(zeros / piece)).fill(gzipSync(Buffer.alloc(piece), { level: 9 }));
  const tail = gzipSync(Buffer.concat([Buffer.alloc(zeros % piece), varint(0)]));
  return encodeBatch({ attributes: GZIP, count: 1, content: Buffer.concat([head, ...whole, tail]) });
}

/** That many records without key, value and header. */
export function crowd(count: number): Buffer {
  const records = Array.from({ length: count }, (_, offsetDelta) => encodeRecord({ offsetDelta }));
  return encodeBatch({ attributes: GZIP, count, content: gzipSync(Buffer.concat(records)) });
}

/** Sends a batch to a broker (`host:port`) and gives the offset that it got. */
export async function produceBatch(broker: string, topic: string, partition: number, batch: Buffer): Promise<number> {
  const string = (text: string) => Buffer.concat([int16(text.length), Buffer.from(text)]);
  const header = [int16(0), int16(3), int32(1), string('raw')]; // Produce, version 3
  const body = [int16(-1), int16(-1), int32(10_000), int32(1), string(topic), int32(1), int32(partition)];
  const request = Buffer.concat([...header, ...body, int32(batch.length), batch]);
  const [host, port] = broker.split(':');
  const socket = connect(Number(port), host);
  socket.write(Buffer.concat([int32(request.length), request]));
  let answer = Buffer.alloc(0);
  // size, correlation, [topic, [partition, error, offset, time]], throttling
  const length = 4 + 4 + 4 + 2 + topic.length + 4 + 4 + 2 + 8 + 8 + 4;
  while (answer.length < length) answer = Buffer.concat([answer, (await once(socket, 'data'))[0]]);
  socket.destroy();
  const error = answer.readInt16BE(length - 22);
  if (error !== 0) throw new Error(`the broker refuses the batch with code ${error}`);
  return Number(answer.readBigInt64BE(length - 20));
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}
