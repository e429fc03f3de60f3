/**
 * One member's part in the classic group protocol: join, be given partitions, say that one is alive, join again when the
 * group changes, leave. kafkajs has this inside its consumer, where heartbeats depend on the loop that fetches, a rebalance
 * is noticed a fetch later, what the coordinator refuses is told as something else, and leaving waits for a fetch.
 *
 * Heartbeats here depend on nothing, so a slow handler stays a member. Whatever goes wrong is tried again for ever, and
 * told in `trouble`: a coordinator comes back, an access rule is created later than the process that needs it.
 *
 * https://kafka.apache.org/protocol#protocol_api_keys
 */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '#runtime/errors.ts';
import type { BusLog } from './client.ts';
import type { Cluster, ClusterBroker } from './cluster.ts';
import { isFatal } from './errors.ts';
import { Freshness } from './freshness.ts';
import { assignedTo, assignmentsOf, type Claim, groupProtocols } from './group-protocol.ts';

/** How long a dead member's partitions stay with it. */
const SESSION_TIMEOUT_MS = 10_000;
/** Also how long it takes the others to notice that a member has come or gone. */
const HEARTBEAT_MS = 300;
/** How long a rebalance waits for a member that is handling a batch; then it is no member any more. */
const REBALANCE_TIMEOUT_MS = 30_000;
const FRESHNESS = { session: SESSION_TIMEOUT_MS - 2_000, rebalance: REBALANCE_TIMEOUT_MS - 2_000, joining: 1_000 };
/** Between attempts, growing. */
const RETRY_MS = { first: 100, most: 2_000 };
/** For the coordinator's answer to a member that leaves. */
const LEAVE_MS = 2_000;

export interface MembershipHooks {
  /** Begins nothing more and is fulfilled when nothing is being handled: the member is about to join again. */
  settle(): Promise<unknown>;
  /** These are the member's partitions from now on. */
  joined(partitions: readonly number[]): void;
  /** The coordinator has confirmed the membership. */
  confirmed(): void;
}

/** As whom a batch was begun: a commit in this name is refused when somebody else may own the partition. */
export interface Membership {
  readonly memberId: string;
  readonly generation: number;
}

export class GroupMember {
  readonly #cluster: () => Promise<Cluster>;
  readonly #topic: string;
  readonly #group: string;
  readonly #hooks: MembershipHooks;
  readonly #log: BusLog;
  readonly #freshness = new Freshness(() => performance.now(), FRESHNESS);
  readonly #leaving = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #coordinator: { of: Cluster; broker: ClusterBroker } | undefined;
  #membership: Membership = { memberId: '', generation: -1 };
  #claim: Claim = { claims: [], generation: -1 };
  /** How many partitions were shared out, known to the leader. */
  #sharedOut: number | undefined;
  trouble: string | undefined;

  constructor(cluster: () => Promise<Cluster>, topic: string, group: string, hooks: MembershipHooks, log: BusLog) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#group = group;
    this.#hooks = hooks;
    this.#log = log;
  }

  get fresh(): boolean {
    return this.#freshness.fresh;
  }

  get membership(): Membership {
    return this.#membership;
  }

  /** Fulfilled when the member leaves; rejected when it cannot go on. */
  run(): Promise<void> {
    this.#running = this.#run();
    return this.#running;
  }

  /** Fulfilled when the coordinator has heard of it, which makes it share out the partitions anew, or should have. */
  async leave(): Promise<void> {
    this.#leaving.abort();
    this.#freshness.ended();
    await Promise.race([this.#leave(), delay(LEAVE_MS, undefined, { ref: false })]);
  }

  /** Rejected if the coordinator does not take it, as when the group has gone on without this member. */
  async commit({ memberId, generation }: Membership, partition: number, offset: number): Promise<void> {
    if (this.#left) throw new Error('the member has left the group');
    const topics = [{ topic: this.#topic, partitions: [{ partition, offset: String(offset) }] }];
    const request = { groupId: this.#group, memberId, groupGenerationId: generation, topics };
    await this.#ask((coordinator) => coordinator.offsetCommit(request));
  }

  /** The group's positions, of those partitions that have one. */
  async committed(partitions: readonly number[]): Promise<Map<number, number>> {
    const topics = [{ topic: this.#topic, partitions: partitions.map((partition) => ({ partition })) }];
    const { responses } = await this.#ask((coordinator) => coordinator.offsetFetch({ groupId: this.#group, topics }));
    const found = responses.flatMap((response) => response.partitions);
    const positions = found.map(({ partition, offset }) => [partition, Number(offset)] as const);
    return new Map(positions.filter(([, offset]) => offset >= 0));
  }

  async #run(): Promise<void> {
    for (let wait = RETRY_MS.first; !this.#left; ) {
      try {
        await this.#join();
        wait = RETRY_MS.first;
        await this.#beUntilRebalance();
      } catch (error) {
        if (this.#left) return;
        if (isFatal(error)) throw error;
        if (isRebalance(error)) continue;
        this.#complain(error);
        await this.#pause(wait);
        wait = Math.min(2 * wait, RETRY_MS.most);
      }
    }
  }

  async #join(): Promise<void> {
    const [groupId, topic] = [this.#group, this.#topic];
    const joined = await this.#ask((coordinator) => {
      this.#freshness.joining(performance.now());
      return coordinator.joinGroup({
        groupId,
        memberId: this.#membership.memberId,
        sessionTimeout: SESSION_TIMEOUT_MS,
        rebalanceTimeout: REBALANCE_TIMEOUT_MS,
        groupProtocols: groupProtocols(topic, this.#claim),
      });
    });
    this.#freshness.ended();
    const { memberId, generationId: generation } = joined;
    this.#membership = { memberId, generation };
    if (this.#left) return;
    this.#sharedOut = undefined;
    let groupAssignment: ReturnType<typeof assignmentsOf> = [];
    if (joined.leaderId === memberId) {
      const cluster = await this.#cluster();
      await cluster.refreshMetadata();
      const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
      this.#sharedOut = partitions.length;
      groupAssignment = assignmentsOf(topic, partitions, joined.members);
    }

    let sentAt = 0;
    const { memberAssignment } = await this.#ask((coordinator) => {
      sentAt = performance.now();
      return coordinator.syncGroup({ groupId, memberId, generationId: generation, groupAssignment });
    });
    if (this.#left) return;
    const claims = assignedTo(topic, memberAssignment);
    this.#claim = { claims, generation };
    this.#freshness.confirmed(sentAt);
    this.trouble = undefined;
    this.#hooks.joined(claims);
  }

  /** Fulfilled when it is time to join again, or when leaving. */
  async #beUntilRebalance(): Promise<void> {
    do {
      await this.#pause(HEARTBEAT_MS);
      if (this.#left) return;
    } while (!(await this.#mustJoin()));

    let settled = false;
    const settling = this.#hooks.settle().then(() => {
      settled = true;
    });
    while (!settled && !this.#left) {
      await Promise.race([settling, this.#pause(HEARTBEAT_MS)]);
      if (!settled && this.#membership.memberId !== '') await this.#mustJoin();
    }
  }

  /** Says that the member is alive, and hears whether the group goes on as it is. */
  async #mustJoin(): Promise<boolean> {
    let sentAt = 0;
    try {
      await this.#ask((coordinator) => {
        sentAt = performance.now();
        const { memberId, generation } = this.#membership;
        return coordinator.heartbeat({ groupId: this.#group, memberId, groupGenerationId: generation });
      });
    } catch (error) {
      if (isFatal(error)) throw error;
      if (typeOf(error) === 'REBALANCE_IN_PROGRESS') this.#freshness.awaited(sentAt);
      if (isRebalance(error)) return true;
      this.#complain(error);
      return false;
    }
    this.#freshness.confirmed(sentAt);
    this.trouble = undefined;
    this.#hooks.confirmed();
    return this.#hasGrown();
  }

  /** Whether there are partitions that nobody has been given. */
  async #hasGrown(): Promise<boolean> {
    if (this.#sharedOut === undefined) return false;
    return (await this.#cluster()).findTopicPartitionMetadata(this.#topic).length > this.#sharedOut;
  }

  /** Finds the coordinator, and when it was the wrong one or did not answer, another one next time. */
  async #ask<T>(request: (coordinator: ClusterBroker) => Promise<T>): Promise<T> {
    try {
      const cluster = await this.#cluster();
      if (this.#coordinator?.of !== cluster) this.#coordinator = await this.#find(cluster);
      return await request(this.#coordinator.broker);
    } catch (error) {
      const type = typeOf(error);
      if (type === 'UNKNOWN_MEMBER_ID') this.#membership = { memberId: '', generation: -1 };
      if (type === 'UNKNOWN_MEMBER_ID' || type === 'ILLEGAL_GENERATION') this.#freshness.ended();
      if (!isRebalance(error)) this.#coordinator = undefined;
      throw error;
    }
  }

  /** Asks a broker itself: kafkajs' cluster would keep the answer to itself when it is a refusal. */
  async #find(cluster: Cluster): Promise<{ of: Cluster; broker: ClusterBroker }> {
    const any = await cluster.brokerPool.findConnectedBroker();
    const { coordinator } = await any.findGroupCoordinator({ groupId: this.#group, coordinatorType: 0 });
    return { of: cluster, broker: await cluster.findBroker(coordinator) };
  }

  async #leave(): Promise<void> {
    await Promise.allSettled([this.#running]);
    const { memberId } = this.#membership;
    if (memberId === '') return;
    this.#membership = { memberId: '', generation: -1 };
    try {
      await this.#ask((coordinator) => coordinator.leaveGroup({ groupId: this.#group, memberId }));
    } catch (error) {
      this.#log.debug({ group: this.#group, error: messageOf(error) }, 'The group was not told of the leaving');
    }
  }

  #complain(error: unknown): void {
    const trouble = `group ${this.#group}: ${messageOf(error)}`;
    if (this.trouble !== trouble)
      this.#log.warn({ error: trouble }, 'The group coordinator does not answer as it should');
    this.trouble = trouble;
  }

  get #left(): boolean {
    return this.#leaving.signal.aborted;
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.#leaving;
    await delay(ms, undefined, { signal }).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }
}

/** The group has changed, or has gone on without this member: nothing is wrong, but it has to join again. */
function isRebalance(error: unknown): boolean {
  return ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'].includes(typeOf(error) ?? '');
}

/** What the broker has answered, as the protocol names it. */
function typeOf(error: unknown): string | undefined {
  return error instanceof Error && 'type' in error && typeof error.type === 'string' ? error.type : undefined;
}
