/** Records from the port's form to kafkajs'. */
import type { Message } from 'kafkajs';
import type { NewRecord } from '../bus.ts';

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
