/**
 * Fetches from the leaders of the wanted partitions: one request at a time to each, the next one when what has come is
 * handled. So there is never more in memory than one answer of each broker, and a slow handler slows the fetching.
 *
 * Whatever goes wrong is tried again for ever, and told in `trouble`; a leader that has moved is found anew.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '#runtime/errors.ts';
import { type Cluster, type Connections, FETCH_BOUNDS, MAX_PARTITION_BYTES } from './cluster.ts';
import { isFatal, isOutOfRange } from './errors.ts';
import type { FetchedPartition } from './fetch-response.ts';

/** How long a fetch waits for records. A partition that becomes wanted meanwhile waits as long. */
const MAX_WAIT_MS = 250;
/** Between attempts, growing. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;
const WHOLE_CLUSTER = 'cluster';

/** What has come of one partition: its records, or that the position is not in it. */
export interface Answer {
  readonly data: FetchedPartition;
  /** The offset that was asked for. */
  readonly from: number;
  /** When it was asked for, milliseconds since the Unix epoch. */
  readonly startedAt: number;
}

export interface FetcherHooks {
  /** The wanted partitions, each with the offset to fetch from. */
  wanted(): ReadonlyMap<number, number>;
  /** Fulfilled when it is handled. */
  fetched(answer: Answer): Promise<void>;
  /** Nothing will be fetched any more. */
  failed(error: unknown): void;
}

export class Fetcher {
  readonly #connections: Pick<Connections, 'current' | 'refresh'>;
  readonly #topic: string;
  readonly #hooks: FetcherHooks;
  /** Nodes that are being asked or given a rest. */
  readonly #busy = new Set<string>();
  /** What went wrong, by node, or with the cluster as a whole; and how long to wait before the next attempt. */
  readonly #troubles = new Map<string, { message: string; wait: number }>();
  readonly #stopping = new AbortController();
  #again = false;
  #fetches = 0;

  constructor(connections: Pick<Connections, 'current' | 'refresh'>, topic: string, hooks: FetcherHooks) {
    this.#connections = connections;
    this.#topic = topic;
    this.#hooks = hooks;
  }

  get trouble(): string | undefined {
    return [...this.#troubles.values()][0]?.message;
  }

  /** To be called whenever more may be wanted than before. */
  wake(): void {
    this.#again = true;
    this.#attempt(WHOLE_CLUSTER, () => this.#start());
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** One attempt at a time for each node; a failed one is followed by a rest. */
  #attempt(node: string, step: () => Promise<void>): void {
    if (this.#busy.has(node) || this.#stopped) return;
    this.#busy.add(node);
    step()
      .then(() => this.#troubles.delete(node))
      .catch((error) => this.#rest(node, error))
      .catch((error) => this.#hooks.failed(error))
      .finally(() => {
        this.#busy.delete(node);
        if (node !== WHOLE_CLUSTER || this.#again) this.wake();
      });
  }

  async #start(): Promise<void> {
    const cluster = await this.#connections.current();
    await cluster.refreshMetadataIfNecessary();
    this.#again = false;
    const wanted = this.#hooks.wanted();
    const leaders = Object.entries(cluster.findLeaderForPartitions(this.#topic, [...wanted.keys()]));
    for (const [node, partitions] of leaders) {
      const positions = new Map(partitions.map((partition) => [partition, wanted.get(partition) ?? 0]));
      this.#attempt(node, () => this.#fetch(cluster, node, positions));
    }
    for (const node of this.#troubles.keys()) {
      if (!this.#busy.has(node)) this.#troubles.delete(node); // it leads nothing any more
    }
  }

  async #fetch(cluster: Cluster, nodeId: string, positions: ReadonlyMap<number, number>): Promise<void> {
    const startedAt = Date.now();
    const partitions = [...positions].map(([partition, position]) => {
      return { partition, fetchOffset: String(position), maxBytes: MAX_PARTITION_BYTES };
    });
    // An answer has room for some: each time for others first, or a busy partition would be the only one that is read.
    partitions.push(...partitions.splice(0, this.#fetches++ % partitions.length));
    const broker = await cluster.findBroker({ nodeId });
    const answer = await broker.fetch({
      ...FETCH_BOUNDS,
      maxWaitTime: MAX_WAIT_MS,
      topics: [{ topic: this.#topic, partitions }],
    });
    const refused = answer.partitions.find(({ error }) => error !== undefined && !isOutOfRange(error));
    await Promise.all(
      answer.partitions
        .filter(({ error }) => error === undefined || isOutOfRange(error))
        .map((data) => this.#hooks.fetched({ data, from: positions.get(data.partition) ?? 0, startedAt })),
    );
    if (refused?.error !== undefined) throw refused.error;
  }

  async #rest(node: string, error: unknown): Promise<void> {
    if (isFatal(error)) throw error;
    const wait = Math.min(2 * (this.#troubles.get(node)?.wait ?? FIRST_WAIT_MS / 2), LONGEST_WAIT_MS);
    this.#troubles.set(node, { message: `fetch from ${this.#topic}: ${messageOf(error)}`, wait });
    const { signal } = this.#stopping;
    await delay(wait, undefined, { signal }).catch((reason) => {
      if (!signal.aborted) throw reason;
    });
    if (!this.#stopped) await this.#connections.refresh();
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }
}
