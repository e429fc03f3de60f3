/** A cluster for tests: two nodes that answer as they are told, and a group of which somebody else is the leader. */
import { AssignerProtocol } from 'kafkajs';
import errors from 'kafkajs/src/protocol/error.js';
import type { BusRecord } from '../bus.ts';
import type { Cluster, ClusterBroker } from './cluster.ts';
import type { FetchedPartition } from './fetch-response.ts';

interface FakePartition {
  readonly leader: string;
  readonly start: number;
  readonly records: readonly BusRecord[];
  /** The group's position, if it has one. */
  readonly committed: number;
}

interface FetchRequest {
  readonly topics: readonly { readonly partitions: readonly { partition: number; fetchOffset: string }[] }[];
}

const OFFSET_OUT_OF_RANGE = 1;
const REBALANCE_IN_PROGRESS = 27;
/** As long as a fetch waits for records. */
const FETCH_MS = 10;
const nothing = async () => undefined;

export class FakeCluster implements Cluster {
  readonly #partitions = new Map<number, FakePartition>();
  /** Nodes that answer nothing. */
  readonly frozen = new Set<string>();
  /** The partitions of each fetch, in order, by node. */
  readonly fetches: { node: string; partitions: readonly number[] }[] = [];
  /** So many of the newest records fetches do not know of yet, as it is for a moment after a leader has changed. */
  unseen = 0;
  readonly brokerPool = { findConnectedBroker: async () => this.#broker('a') };
  readonly connect = nothing;
  readonly disconnect = nothing;
  readonly addTargetTopic = nothing;
  readonly refreshMetadata = nothing;
  readonly refreshMetadataIfNecessary = nothing;
  /** The newest generation in which the member knows what it is given. */
  joined = 0;
  #generation = 0;
  #assigned: readonly number[] = [];

  /** @param options where the first of the values stands, and the group's position. */
  add(partition: number, leader: string, values: readonly string[] = [], { start = 0, committed = -1 } = {}): void {
    const records = values.map((value, n) => ({
      ...{ partition, offset: start + n, timestamp: Date.now(), key: null, headers: {} },
      value: Buffer.from(value),
    }));
    this.#partitions.set(partition, { leader, start, records, committed });
  }

  /** The group shares out its partitions anew: these are the member's. */
  assign(partitions: readonly number[]): void {
    this.#assigned = partitions;
    this.#generation += 1;
  }

  findTopicPartitionMetadata(): { partitionId: number }[] {
    return [...this.#partitions.keys()].map((partitionId) => ({ partitionId }));
  }

  findLeaderForPartitions(_topic: string, partitions: readonly number[]): Record<string, number[]> {
    const led = Object.groupBy(partitions, (partition) => this.#of(partition).leader);
    return Object.fromEntries(Object.entries(led).map(([node, several = []]) => [node, several]));
  }

  async findBroker({ nodeId }: { nodeId: string | number }): Promise<ClusterBroker> {
    return this.#broker(String(nodeId));
  }

  async fetchTopicsOffset(
    topics: readonly { partitions: { partition: number }[]; fromBeginning?: boolean; fromTimestamp?: number }[],
  ): Promise<{ partitions: { partition: number; offset: string }[] }[]> {
    return Promise.all(
      topics.map(async ({ partitions, fromBeginning, fromTimestamp }) => ({
        partitions: await Promise.all(
          partitions.map(async ({ partition }) => {
            const { leader, start, records } = this.#of(partition);
            await this.#answering(leader);
            const first = fromTimestamp === undefined ? start : (records[0]?.offset ?? -1);
            return { partition, offset: String(fromBeginning === false ? start + records.length : first) };
          }),
        ),
      })),
    );
  }

  #broker(node: string): ClusterBroker {
    return {
      fetch: async (request) => ({
        clientSideThrottleTime: 0,
        partitions: await this.#fetch(node, request as FetchRequest),
      }),
      findGroupCoordinator: async () => ({ coordinator: { nodeId: 0 } }),
      joinGroup: async () => {
        return { generationId: this.#generation, leaderId: 'other', memberId: 'member', members: [] };
      },
      syncGroup: async ({ generationId }) => {
        this.joined = generationId;
        const assignment = { topic: [...this.#assigned] };
        const given = { version: 0, assignment, userData: Buffer.alloc(0) };
        return { memberAssignment: AssignerProtocol.MemberAssignment.encode(given) };
      },
      heartbeat: async () => {
        if (this.joined !== this.#generation) throw errors.createErrorFromCode(REBALANCE_IN_PROGRESS);
      },
      leaveGroup: nothing,
      offsetCommit: nothing,
      offsetFetch: async ({ topics }) => ({
        responses: topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition }) => {
            return { partition, offset: String(this.#of(partition).committed) };
          }),
        })),
      }),
    };
  }

  async #fetch(node: string, { topics }: FetchRequest): Promise<FetchedPartition[]> {
    const wanted = topics.flatMap(({ partitions }) => partitions);
    this.fetches.push({ node, partitions: wanted.map(({ partition }) => partition) });
    await this.#answering(node);
    await new Promise((resolve) => setTimeout(resolve, FETCH_MS));
    return wanted.map(({ partition, fetchOffset }) => {
      const { start, records } = this.#of(partition);
      const [from, end] = [Number(fetchOffset), start + records.length];
      const highWatermark = end - this.unseen;
      const outside = from < start || from > end;
      const found = outside ? [] : records.filter(({ offset }) => offset >= from && offset < highWatermark);
      const error = outside ? errors.createErrorFromCode(OFFSET_OUT_OF_RANGE) : undefined;
      return { partition, error, highWatermark, records: found, nextOffset: found.at(-1) && highWatermark };
    });
  }

  #answering(node: string): Promise<unknown> {
    return this.frozen.has(node) ? new Promise(() => undefined) : Promise.resolve();
  }

  #of(partition: number): FakePartition {
    const found = this.#partitions.get(partition);
    if (found === undefined) throw new Error(`no partition ${partition}`);
    return found;
  }
}
