/**
 * What waits to be published: in memory, oldest first, bounded by bytes. Events are kept as they will travel, which is a
 * fraction of what they take as objects. When it is full the oldest go, because the newest say how the node is now.
 *
 * Entries have positions, as records of a log do: what was read can be acknowledged although older entries went meanwhile.
 */
import { encodeEvent } from '#contract/codec.ts';
import type { Envelope, NodeEvent } from '#contract/event.ts';

export interface Entry {
  /** Grows with every entry. */
  readonly position: number;
  readonly envelope: Envelope;
  readonly value: Uint8Array;
}

export interface Outbox {
  readonly events: number;
  readonly bytes: number;
  readonly maxBytes: number;
  append(event: NodeEvent): void;
  /** The oldest entries, which stay: at most so many, and of so many bytes if they are more than one. */
  peek(maxEvents: number, maxBytes: number): readonly Entry[];
  /** Lets go of every entry up to a position. */
  acknowledge(position: number): void;
}

export interface OutboxOptions {
  readonly maxBytes: number;
  /** Told the entry that went because there was no more room. */
  readonly dropped: (entry: Entry) => void;
}

export function createOutbox({ maxBytes, dropped }: OutboxOptions): Outbox {
  const entries: Entry[] = [];
  let bytes = 0;
  let next = 0;

  function removeFirst(): Entry | undefined {
    const entry = entries.shift();
    bytes -= entry?.value.length ?? 0;
    return entry;
  }

  return {
    get events() {
      return entries.length;
    },
    get bytes() {
      return bytes;
    },
    maxBytes,
    append(event) {
      const { metrics: _, ...envelope } = event;
      const value = encodeEvent(event);
      entries.push({ position: next++, envelope, value });
      bytes += value.length;
      while (bytes > maxBytes) {
        const oldest = removeFirst();
        if (oldest === undefined) return;
        dropped(oldest);
      }
    },
    peek(maxEvents, maxBytesOfBatch) {
      let size = 0;
      const end = entries.findIndex((entry, i) => {
        size += entry.value.length;
        return i >= maxEvents || (i > 0 && size > maxBytesOfBatch);
      });
      return end === -1 ? [...entries] : entries.slice(0, end);
    },
    acknowledge(position) {
      while (entries[0] !== undefined && entries[0].position <= position) removeFirst();
    },
  };
}
