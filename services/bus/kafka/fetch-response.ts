/**
 * Replaces how kafkajs reads the answer to a fetch, by `record-batch.ts`. Also, an error of one partition is part of the
 * answer here, and does not throw away what came of the others.
 *
 * By importing the inner module rather than by patching a file, so that it holds in a bundle, too. It is the newest form of
 * the answer that kafkajs knows (version 11, brokers since 2.3), which it uses with every broker that has it.
 */
import errors from 'kafkajs/src/protocol/error.js';
import response from 'kafkajs/src/protocol/requests/fetch/v11/response.js';
import type { BusRecord } from '../bus.ts';
import { type AbortedTransaction, decodeBatches, newBudget } from './record-batch.ts';

export interface FetchedPartition {
  readonly partition: number;
  /** Why the broker has not read the partition. */
  readonly error: Error | undefined;
  /** The offset that the next record of the partition will get. */
  readonly highWatermark: number;
  readonly records: readonly BusRecord[];
  /** Where to go on; undefined if nothing was there. */
  readonly nextOffset: number | undefined;
}

export interface FetchResponse {
  /** How long the broker asks to be left alone, ms. */
  readonly clientSideThrottleTime: number;
  readonly partitions: readonly FetchedPartition[];
}

/** A batch is sent as a whole, so it may begin before the offset that was asked for. */
export function recordsFrom(offset: number, { records }: FetchedPartition): BusRecord[] {
  return records.filter((record) => (record.lastOffset ?? record.offset) >= offset);
}

/**
 * Answer => throttleTime int32, error int16, session int32, [topic string, [partition]]
 * partition => partition int32, error int16, highWatermark int64, lastStableOffset int64, logStartOffset int64,
 *              [producerId int64, firstOffset int64], preferredReadReplica int32, batches bytes
 */
export function decodeFetchResponse(payload: Buffer): FetchResponse {
  const clientSideThrottleTime = payload.readInt32BE(0);
  const code = payload.readInt16BE(4);
  if (code !== 0) throw errors.createErrorFromCode(code);
  let at = 10;
  const int32 = () => {
    at += 4;
    return payload.readInt32BE(at - 4);
  };
  const int64 = () => {
    at += 8;
    return payload.readBigInt64BE(at - 8);
  };
  const budget = newBudget();

  function decodePartition(): FetchedPartition {
    const partition = int32();
    const errorCode = payload.readInt16BE(at);
    at += 2;
    const highWatermark = Number(int64());
    at += 16;
    const aborted: AbortedTransaction[] = [];
    for (let left = int32(); left > 0; left--) aborted.push({ producerId: int64(), firstOffset: int64() });
    at += 4;
    const length = Math.max(int32(), 0);
    const batches = payload.subarray(at, at + length);
    at += length;
    const error = errorCode === 0 ? undefined : errors.createErrorFromCode(errorCode);
    return { partition, error, highWatermark, ...decodeBatches(partition, batches, aborted, budget) };
  }

  const partitions: FetchedPartition[] = [];
  for (let topics = int32(); topics > 0; topics--) {
    at += 2 + payload.readInt16BE(at);
    for (let left = int32(); left > 0; left--) partitions.push(decodePartition());
  }
  return { clientSideThrottleTime, partitions };
}

response.decode = async (payload) => decodeFetchResponse(payload);
response.parse = async (decoded) => decoded;
