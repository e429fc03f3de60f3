/** A member of a group for tests: it keeps what it is told, and one can wait for it to have been told something. */
import type { Batch, Bus, BusRecord, Handlers, Subscription } from './bus.ts';

export class Listener implements Handlers {
  readonly batches: Batch[] = [];
  readonly failures: Error[] = [];
  readonly owned = new Set<number>();
  /** What was told beside batches, in order: `assigned 0,1`, `lost 1`, `skipped 0: 3 to 7`, `failed`. Nothing new is left out. */
  readonly told: string[] = [];
  /** Records in batches that were committed. */
  committed = 0;
  assignedCount = 0;
  subscription: Subscription | undefined;
  onAssigned: (partitions: readonly number[]) => unknown = () => undefined;
  onBatch: (batch: Batch) => unknown = () => undefined;

  readonly #commit: boolean;
  #waiting: (() => void)[] = [];

  constructor({ commit = true } = {}) {
    this.#commit = commit;
  }

  get records(): BusRecord[] {
    return this.batches.flatMap(({ records }) => records);
  }

  /** The values that begin with `prefix`. */
  textsOf(prefix: string): string[] {
    return this.records.map((record) => textOf(record) ?? '').filter((text) => text.startsWith(prefix));
  }

  async join(bus: Bus, topic: string, group: string): Promise<void> {
    // Each topic of the suite is new, so the group's name is too.
    this.subscription = await bus.subscribe(topic, `${group}-${topic}`, this);
  }

  async close(): Promise<void> {
    await this.subscription?.close();
  }

  /** Fulfilled as soon as the condition holds, which is looked at whenever this has been told anything. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async assigned(partitions: readonly number[]): Promise<void> {
    this.assignedCount += 1;
    for (const partition of partitions) this.owned.add(partition);
    if (partitions.length > 0) this.#tell(`assigned ${[...partitions].sort().join()}`);
    await this.onAssigned(partitions);
  }

  lost(partitions: readonly number[]): void {
    for (const partition of partitions) this.owned.delete(partition);
    this.#tell(`lost ${[...partitions].sort().join()}`);
  }

  skipped(partition: number, from: number, to: number): void {
    this.#tell(`skipped ${partition}: ${from} to ${to}`);
  }

  async batch(batch: Batch): Promise<void> {
    this.batches.push(batch);
    await this.onBatch(batch);
    if (this.#commit) {
      await batch.commit();
      this.committed += batch.records.length;
    }
    this.#wake();
  }

  failed(error: Error): void {
    this.failures.push(error);
    this.#tell('failed');
  }

  #tell(what: string): void {
    this.told.push(what);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** The value as text; nothing for a tombstone. */
export function textOf(record: BusRecord | undefined): string | undefined {
  return record?.value?.toString();
}

/** A promise that somebody else fulfils. */
export function deferred(): { promise: Promise<unknown>; resolve: (value: unknown) => void } {
  return Promise.withResolvers<unknown>();
}
