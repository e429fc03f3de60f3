/** The records of one partition, oldest first, with Kafka's offsets: they only grow, and what is dropped leaves a gap. */
import type { BusRecord } from '../bus.ts';

export class PartitionLog {
  readonly #maxBytes: number;
  readonly #compacted: boolean;
  #records: BusRecord[] = [];
  #bytes = 0;
  #start = 0;
  #end = 0;

  constructor(maxBytes: number, compacted: boolean) {
    this.#maxBytes = maxBytes;
    this.#compacted = compacted;
  }

  /** All before it has been dropped. What compaction removes is not: a later record says it all. */
  get start(): number {
    return this.#start;
  }

  /** The offset that the next record will get. */
  get end(): number {
    return this.#end;
  }

  append(record: Omit<BusRecord, 'offset'>): void {
    const appended = { ...record, offset: this.#end };
    this.#end += 1;
    this.#records.push(appended);
    this.#bytes += sizeOf(appended);
    if (this.#bytes > this.#maxBytes && this.#compacted) this.#compact();
    while (this.#bytes > this.#maxBytes && this.#records.length > 1) this.#dropOldest();
  }

  /** At most `limit` records from the first that is left at or after the offset. */
  read(offset: number, limit = Number.POSITIVE_INFINITY): BusRecord[] {
    const start = this.#indexOf(offset);
    return this.#records.slice(start, start + limit);
  }

  /** The offset of the first record appended at or after a time, or the end. */
  offsetAt(time: number): number {
    return this.#records.find(({ timestamp }) => timestamp >= time)?.offset ?? this.#end;
  }

  /** Keeps the last record of each key. A tombstone has done its work as soon as what it removes is gone. */
  #compact(): void {
    const last = new Map(this.#records.map((record) => [String(record.key), record.offset]));
    this.#records = this.#records.filter(
      ({ key, value, offset }) => last.get(String(key)) === offset && value !== null,
    );
    this.#bytes = this.#records.reduce((sum, record) => sum + sizeOf(record), 0);
  }

  #dropOldest(): void {
    const oldest = this.#records.shift();
    if (oldest === undefined) return;
    this.#bytes -= sizeOf(oldest);
    this.#start = oldest.offset + 1;
  }

  #indexOf(offset: number): number {
    let [low, high] = [0, this.#records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#records[middle]?.offset ?? offset) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function sizeOf({ key, value }: BusRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}
