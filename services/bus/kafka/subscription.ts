/**
 * A member of a consumer group.
 *
 * kafkajs rebalances eagerly: at every change of the group it forgets all partitions and is given some again. What the
 * handlers see is the difference: partitions that stay are neither lost nor assigned, and continue behind the last record
 * handled, committed or not. So what was built from a partition's records always matches the position in it, even if
 * another member owned it for a moment in between.
 *
 * New partitions are paused until `assigned` is fulfilled; kafkajs heartbeats meanwhile, and the others go on.
 */
import type {
  ConsumerCrashEvent,
  ConsumerGroupJoinEvent,
  EachBatchPayload,
  Kafka,
  Consumer as KafkaConsumer,
} from 'kafkajs';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import type { Batch, Handlers, Subscription } from '../bus.ts';
import type { ClusterAdmin } from './admin.ts';
import { type BusLog, RETRY } from './client.ts';
import { busError } from './errors.ts';
import { toRecord } from './records.ts';

/** How long a dead member's partitions stay with it. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 1_000;
/** How long a rebalance waits for a member that is handling a batch; then it is no member any more. */
const REBALANCE_TIMEOUT_MS = 30_000;
/** How long a fetch waits for records; also the longest that leaving an idle topic takes. */
const MAX_WAIT_MS = 500;

export interface SubscriptionContext {
  readonly kafka: Kafka;
  readonly admin: ClusterAdmin;
  readonly log: BusLog;
}

export async function subscribe(
  { kafka, admin, log }: SubscriptionContext,
  topic: string,
  group: string,
  handlers: Handlers,
): Promise<Subscription> {
  let subscription: KafkaSubscription | undefined;
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    maxWaitTimeInMs: MAX_WAIT_MS,
    allowAutoTopicCreation: false,
    retry: { ...RETRY, restartOnFailure: async () => subscription?.ended !== true },
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
  } catch (error) {
    await consumer.disconnect();
    throw busError(error, `subscribe to ${topic}`);
  }
  subscription = new KafkaSubscription(consumer, topic, handlers, admin, log);
  subscription.start();
  return subscription;
}

class KafkaSubscription implements Subscription {
  readonly #consumer: KafkaConsumer;
  readonly #topic: string;
  readonly #handlers: Handlers;
  readonly #admin: ClusterAdmin;
  readonly #log: BusLog;

  /** What the group has given to this member. */
  #assignment: ReadonlySet<number> = new Set();
  /** What the handlers know to be theirs. */
  readonly #owned = new Set<number>();
  /** Those of them for which `assigned` is fulfilled. */
  readonly #ready = new Set<number>();
  /** The offset to continue at, of owned partitions where it is known better here than from what was committed. */
  readonly #positions = new Map<number, string>();
  readonly #handling = new Map<number, Promise<void>>();
  #telling: Promise<void> | undefined;
  #state: 'open' | 'closing' | 'ended' = 'open';

  constructor(consumer: KafkaConsumer, topic: string, handlers: Handlers, admin: ClusterAdmin, log: BusLog) {
    this.#consumer = consumer;
    this.#topic = topic;
    this.#handlers = handlers;
    this.#admin = admin;
    this.#log = log;
  }

  get ended(): boolean {
    return this.#state !== 'open';
  }

  start(): void {
    const { GROUP_JOIN, CRASH } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, (event) => this.#joined(event));
    this.#consumer.on(CRASH, (event) => this.#crashed(event));
    this.#consumer
      .run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: (payload) => this.#eachBatch(payload),
      })
      .catch((error) => this.#fail(error));
  }

  async seek(partition: number, time: number): Promise<void> {
    const offset = await this.#admin.offsetAt(this.#topic, partition, time);
    if (this.ended || !this.#owned.has(partition)) return;
    this.#positions.set(partition, offset);
    this.#steer(() => this.#consumer.seek({ topic: this.#topic, partition, offset }));
  }

  async close(): Promise<void> {
    if (this.#state === 'open') {
      this.#state = 'closing';
      await Promise.all([this.#telling, ...this.#handling.values()]);
      this.#end();
    }
    await this.#consumer.disconnect();
  }

  /** Runs before kafkajs fetches anything for the new assignment. */
  #joined({ payload }: ConsumerGroupJoinEvent): void {
    if (this.ended) return;
    this.#assignment = new Set(payload.memberAssignment[this.#topic] ?? []);
    this.#log.info({ topic: this.#topic, partitions: [...this.#assignment] }, 'The group has given out its partitions');
    const unready = [...this.#assignment].filter((partition) => !this.#ready.has(partition));
    this.#consumer.pause([{ topic: this.#topic, partitions: unready }]);
    for (const [partition, offset] of this.#positions) {
      if (this.#assignment.has(partition)) this.#consumer.seek({ topic: this.#topic, partition, offset });
    }
    this.#telling ??= this.#tell()
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#telling = undefined;
      });
  }

  /** Tells the handlers what has changed, again for as long as the group changes meanwhile. */
  async #tell(): Promise<void> {
    for (let told: ReadonlySet<number> | undefined; told !== this.#assignment && !this.ended; ) {
      told = this.#assignment;
      const lost = [...this.#owned].filter((partition) => !this.#assignment.has(partition));
      const beingHandled = lost.flatMap((partition) => this.#handling.get(partition) ?? []);
      if (beingHandled.length > 0) await Promise.all(beingHandled);
      if (this.ended) return;
      if (lost.length > 0) this.#lose(lost);

      const assigned = [...told].filter((partition) => !this.#owned.has(partition));
      for (const partition of assigned) this.#owned.add(partition);
      await this.#handlers.assigned(assigned);
      for (const partition of assigned) this.#ready.add(partition);
      if (this.ended) return;
      const partitions = assigned.filter((partition) => this.#assignment.has(partition));
      this.#steer(() => this.#consumer.resume([{ topic: this.#topic, partitions }]));
    }
  }

  /** Between a crash of kafkajs and its restart there is nothing to steer; the next assignment makes up for it. */
  #steer(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#log.debug({ topic: this.#topic, error: messageOf(error) }, 'The consumer is not running');
    }
  }

  async #eachBatch(payload: EachBatchPayload): Promise<void> {
    const { partition } = payload.batch;
    if (this.ended || !this.#ready.has(partition)) {
      payload.pause(); // or kafkajs would fetch it again and again
      return;
    }
    if (!payload.isRunning() || payload.isStale()) return;
    const handling = this.#handle(payload);
    this.#handling.set(partition, handling);
    await handling;
    this.#handling.delete(partition);
  }

  /** Never rejects: kafkajs would deliver the batch again, several times, before it gave up. */
  async #handle({
    batch,
    heartbeat,
    isStale,
    resolveOffset,
    commitOffsetsIfNecessary,
  }: EachBatchPayload): Promise<void> {
    const { partition } = batch;
    const next = String(BigInt(batch.lastOffset()) + 1n);
    const commit = async () => {
      const topics = [{ topic: this.#topic, partitions: [{ partition, offset: next }] }];
      await commitOffsetsIfNecessary({ topics }).catch((error) => this.#notCommitted(partition, error));
    };
    // A rebalance that it tells of is met after the batch.
    const beat = () => heartbeat().catch((error) => this.#log.debug({ error: messageOf(error) }, 'Heartbeat refused'));
    const beating = setInterval(beat, HEARTBEAT_MS);
    try {
      await this.#handlers.batch(this.#toBatch(batch, commit));
      if (isStale()) return; // a seek during the batch decides where it goes on
      resolveOffset(batch.lastOffset());
      if (this.#owned.has(partition)) this.#positions.set(partition, next);
    } catch (error) {
      this.#fail(error);
    } finally {
      clearInterval(beating);
    }
  }

  #toBatch({ partition, messages, highWatermark }: EachBatchPayload['batch'], commit: () => Promise<void>): Batch {
    return {
      topic: this.#topic,
      partition,
      records: messages.map((message) => toRecord(partition, message)),
      highWatermark: Number(highWatermark),
      commit,
    };
  }

  #notCommitted(partition: number, error: unknown): void {
    this.#log.warn({ topic: this.#topic, partition, error: messageOf(error) }, 'A position was not committed');
  }

  #crashed({ payload: { error, restart } }: ConsumerCrashEvent): void {
    if (this.ended) return;
    if (restart) this.#log.warn({ topic: this.#topic, error: error.message }, 'The consumer starts again');
    else this.#fail(new PipelineError('BUS_FATAL', `consume ${this.#topic}: ${error.message}`, { cause: error }));
  }

  /** At once, whatever is still being handled: the process is to end. */
  #fail(thrown: unknown): void {
    if (this.#state === 'ended') return;
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.#log.error({ topic: this.#topic, error: error.message }, 'The subscription has failed');
    this.#end();
    this.#consumer.disconnect().catch((cause) => {
      this.#log.debug({ topic: this.#topic, error: messageOf(cause) }, 'The failed consumer did not disconnect');
    });
    this.#handlers.failed(error);
  }

  #end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    if (this.#owned.size > 0) this.#lose([...this.#owned]);
  }

  #lose(partitions: readonly number[]): void {
    for (const partition of partitions) {
      this.#owned.delete(partition);
      this.#ready.delete(partition);
      this.#positions.delete(partition);
    }
    this.#handlers.lost(partitions);
  }
}
