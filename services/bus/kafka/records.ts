/** Records between the port's form and kafkajs'. */
import type { KafkaMessage, Message } from 'kafkajs';
import type { BusRecord, NewRecord } from '../bus.ts';

export function toMessage({ key, value, headers, partition }: NewRecord): Message {
  const entries = Object.entries(headers).map(([name, content]) => [name, toBuffer(content)] as const);
  const message: Message = {
    key: key === null ? null : toBuffer(key),
    value: value === null ? null : toBuffer(value),
    headers: Object.fromEntries(entries),
  };
  if (partition !== undefined) message.partition = partition;
  return message;
}

function toBuffer(content: string | Uint8Array): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}

export function toRecord(partition: number, message: KafkaMessage): BusRecord {
  return {
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    value: message.value,
    headers: toHeaders(message.headers ?? {}),
  };
}

/**
 * Kafka allows a header more than once and without a value. The last one counts, and none is no header. (kafkajs mixes
 * what JavaScript objects inherit into the list of a header named like it, `constructor` for one: the last is still right.)
 */
function toHeaders(headers: NonNullable<KafkaMessage['headers']>): Record<string, Buffer> {
  const entries: [string, Buffer][] = [];
  for (const [name, values] of Object.entries(headers)) {
    const value = Array.isArray(values) ? values.at(-1) : values;
    if (Buffer.isBuffer(value)) entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}
