/**
 * Events that the bus refuses, raw, one file each, for a person to look at: `TIME-EPOCH-SEQ.json`. Bounded: the oldest go. A
 * disk that does not take one is told and no reason to stop; the event is counted as lost either way.
 */
import type { Envelope } from '#contract/event.ts';
import type { Files } from './files.ts';

export interface QuarantineOptions {
  readonly files: Files;
  readonly maxBytes: number;
  readonly now: () => number;
  readonly failed: (error: unknown) => void;
}

/** @returns what keeps an event and says under which name, unless that is not possible. */
export function createQuarantine({ files, maxBytes, now, failed }: QuarantineOptions) {
  return ({ epoch, seq }: Envelope, value: Uint8Array): string | undefined => {
    if (value.length > maxBytes) return undefined;
    const name = `${String(now()).padStart(13, '0')}-${encodeURIComponent(epoch)}-${seq}.json`;
    try {
      files.prepare();
      makeRoom(files, maxBytes - value.length);
      const file = files.open(name, 'replace');
      try {
        file.write(value, 0);
      } finally {
        file.close();
      }
      return name;
    } catch (error) {
      failed(error);
      return undefined;
    }
  };
}

function makeRoom(files: Files, bytes: number): void {
  const sizes = files
    .list()
    .toSorted()
    .map((name) => ({ name, size: sizeOf(files, name) }));
  let held = sizes.reduce((sum, { size }) => sum + size, 0);
  for (const { name, size } of sizes) {
    if (held <= bytes) return;
    files.remove(name);
    held -= size;
  }
}

function sizeOf(files: Files, name: string): number {
  const file = files.open(name, 'read');
  try {
    return file.size();
  } finally {
    file.close();
  }
}
