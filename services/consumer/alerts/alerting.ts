/**
 * Events in, alerts out: judges what is heard and what is not, tells it, and keeps it so that another replica can go on.
 *
 * In this order, always: judge → tell → keep → commit. A crash between two of them means that an event is judged again, with
 * the same outcome, so a transition may be told once more, under the same id; none is missed.
 */

import type { NodeEvent } from '#contract/event.ts';
import { messageOf } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { Judge } from '../rules/judge.ts';
import type { Rule } from '../rules/rule.ts';
import { FORGOTTEN_AFTER_MS, type NodeName, patienceOf, type State } from '../state.ts';
import type { AlertSink } from './log.ts';
import type { Place } from './record.ts';
import { type Refill, WHOLE_MS } from './refill.ts';
import { type AlertStore, isBefore, type Restored } from './store.ts';
import type { Change } from './transition.ts';

export interface AlertingOptions {
  readonly judge: Judge;
  readonly store: AlertStore;
  readonly refill: Refill;
  readonly sinks: readonly AlertSink[];
  readonly state: Pick<State, 'nodes' | 'silence' | 'listened'>;
  /** The events' topic. */
  readonly topic: string;
  /** The cluster that this runs in. */
  readonly cluster: string;
  /** Its nodes, and since when each is in it, milliseconds; none where nobody tells. */
  readonly clusterNodes: () => ReadonlyMap<string, number>;
  readonly log: Log;
  readonly now: () => number;
}

/** What carries an event, as far as it matters to alerts. */
export interface Carrier {
  readonly partition: number;
  readonly offset: number;
  /** When the broker appended it, milliseconds. */
  readonly timestamp: number;
  /** When its producer sent it, by the producer's clock, milliseconds. */
  readonly sent: number | undefined;
}

/** What the owner of partitions can be sure of. */
export interface Ownership {
  /** Whether this replica owns its partitions beyond doubt. */
  fresh(): boolean;
  /** The owned partitions that it has read to their ends. */
  current(): readonly number[];
  /** The partition that a node's events would be in. */
  partitionOf(node: NodeName): number | undefined;
}

/** What was measured so long before it is judged, or three of its intervals, is past. */
const LATE_MS = 60_000;
/** A node that is restored, or new in the cluster, has so long to be heard. */
const FIRST_HEARD_WITHIN_MS = 2 * 60_000;
const USUAL_INTERVAL_MS = 5_000;
const EXPIRE_EVERY_MS = 60_000;

export class Alerting {
  readonly #options: AlertingOptions;
  /** By partition, what has been judged; and what the last owner had. */
  readonly #judged = new Map<number, Place>();
  readonly #judgedBefore = new Map<number, Place>();
  readonly #owned = new Set<number>();
  /** Since it was looked last. */
  readonly #deleted = new Set<NodeName>();
  #expired = Number.NEGATIVE_INFINITY;
  /** What is to be judged from now on, if that is new. */
  #next: readonly Rule[] | undefined;

  constructor(options: AlertingOptions) {
    this.#options = options;
  }

  /** Why alerts are not kept or restored now, if so. */
  get trouble(): string | undefined {
    return this.#options.store.trouble;
  }

  /** Goes on with the alerts of partitions as their last owner has left them; fulfilled when that is known. */
  async restore(partitions: readonly number[], stopping: AbortSignal): Promise<void> {
    for (const [partition, restored] of await this.#kept(partitions, stopping)) this.#resume(partition, restored);
    for (const partition of partitions) this.#owned.add(partition);
    this.#options.refill.start(partitions, 0);
  }

  /**
   * The same with partitions that were ours all the time as far as we know, and may have been another's meanwhile: if that one has
   * judged what we have not, it has told what we were about to.
   */
  async regain(partitions: readonly number[], stopping: AbortSignal): Promise<void> {
    const { store, judge } = this.#options;
    for (const [partition, restored] of await this.#kept(partitions, stopping)) {
      if (!isBefore(this.#judged.get(partition), restored.judged)) continue;
      judge.dropAlerts([partition]);
      store.drop([partition]);
      this.#resume(partition, restored);
    }
  }

  /** Judges an event, unless the last owner has: then it is part of the past. */
  hear(event: NodeEvent, { partition, offset, timestamp, sent }: Carrier): void {
    const { judge, now } = this.#options;
    const before = this.#judgedBefore.get(partition);
    if (before !== undefined && offset <= before.offset && timestamp <= before.appended) {
      judge.remember(event, partition, offset);
      return;
    }
    const kept = Math.max(0, (sent ?? event.time) - event.time);
    const past = Math.max(LATE_MS, 3 * event.interval);
    const late = now() - timestamp + kept > past;
    const place = { partition, offset, appended: timestamp };
    const changes = judge.hear(event, { partition, late, keptMs: kept > past ? kept : 0 });
    this.#take(changes, partition, place);
    this.#judged.set(partition, place);
  }

  /** Goes on with other rules: as soon as it is sure that the alerts which end by that are ours to tell. */
  follow(rules: readonly Rule[]): void {
    this.#next = rules;
    if (this.#owned.size === 0) this.#goOn();
  }

  /** Takes an event that another replica has judged. */
  remember(event: NodeEvent, { partition, offset }: Pick<Carrier, 'partition' | 'offset'>): void {
    this.#options.judge.remember(event, partition, offset);
  }

  /** Looks at what is not heard; to be called every second. */
  listen({ fresh, current, partitionOf }: Ownership): void {
    const { judge, state, store, cluster, clusterNodes, now } = this.#options;
    if (!fresh()) return;
    this.#goOn();
    const partitions = new Set(current());
    const listenedFor = (partition: number, ms: number) => partitions.has(partition) && state.listened(partition) >= ms;
    for (const { cluster, node, partition, silentSince } of state.nodes()) {
      if (silentSince === undefined || !partitions.has(partition)) continue;
      this.#take(judge.silent({ cluster, node }, partition, silentSince), partition);
    }
    const nodes = clusterNodes();
    for (const { partition, time, interval = USUAL_INTERVAL_MS, known, ...name } of judge.unheard()) {
      if (!partitions.has(partition) || state.silence(name) !== Number.POSITIVE_INFINITY) continue;
      if (known === 'never heard' && nodes.size > 0 && !nodes.has(name.node)) this.#deleted.add(name);
      else if (now() - time > FORGOTTEN_AFTER_MS) this.#take(judge.end(name, 'forgotten', now()), partition);
      else if (known === undefined && listenedFor(partition, FIRST_HEARD_WITHIN_MS + patienceOf({ interval }))) {
        this.#take(judge.silent(name, partition, time + patienceOf({ interval })), partition);
      }
    }
    for (const name of this.#deleted) {
      const partition = partitionOf(name);
      const ours = partition !== undefined && this.#owned.has(partition);
      if (ours && !partitions.has(partition)) continue;
      this.#deleted.delete(name);
      if (ours) this.#take(judge.end(name, 'deleted', now()), partition);
    }
    for (const [node, since] of nodes) {
      const name = { cluster, node };
      // Of nearly all nodes this is known without asking which partition they are in.
      if (now() < since + FIRST_HEARD_WITHIN_MS || state.silence(name) !== Number.POSITIVE_INFINITY) continue;
      const partition = partitionOf(name);
      if (partition === undefined || !listenedFor(partition, FIRST_HEARD_WITHIN_MS)) continue;
      this.#take(judge.neverHeard(name, partition, since, now()), partition);
    }
    if (partitions.has(0)) this.#take(judge.watch(cluster, 0, now()), 0);
    if (now() - this.#expired >= EXPIRE_EVERY_MS) {
      this.#expired = now();
      store.expire(this.#expired);
    }
  }

  /** Whether all that was told is kept. */
  get settled(): boolean {
    return this.#options.store.settled;
  }

  /** Fulfilled with true when all that was told is kept, and with false when that was given up. */
  settle(fresh: () => boolean, stopping: AbortSignal): Promise<boolean> {
    return this.#options.store.flush(fresh, stopping);
  }

  /** A node that is not in the cluster any more. */
  delete(node: NodeName): void {
    this.#deleted.add(node);
  }

  /** A node that nobody has heard for as long as anything is remembered. */
  forget(node: NodeName, partition: number): void {
    const { judge, now } = this.#options;
    this.#take(judge.end(node, 'forgotten', now()), partition);
  }

  /** Partitions that are not ours any more. */
  drop(partitions: readonly number[]): void {
    const { judge, store, refill } = this.#options;
    refill.drop(partitions);
    judge.drop(partitions);
    store.drop(partitions);
    for (const partition of partitions) {
      this.#owned.delete(partition);
      this.#judged.delete(partition);
      this.#judgedBefore.delete(partition);
    }
  }

  #goOn(): void {
    const { judge, refill } = this.#options;
    if (this.#next === undefined) return;
    const changed = judge.follow(this.#next);
    this.#next = undefined;
    for (const { partition, changes } of changed) this.#take(changes, partition);
    refill.start([...this.#owned], WHOLE_MS);
  }

  async #kept(partitions: readonly number[], stopping: AbortSignal): Promise<ReadonlyMap<number, Restored>> {
    const { store, now } = this.#options;
    return (await store.restore(partitions, now(), stopping)) ?? new Map<number, Restored>();
  }

  #resume(partition: number, { alerts, judged }: Restored): void {
    const { judge, log } = this.#options;
    if (judged !== undefined) {
      this.#judged.set(partition, judged);
      this.#judgedBefore.set(partition, judged);
    }
    for (const { change, offset } of alerts) this.#take(judge.restore(change, partition, offset), partition, judged);
    const active = alerts.filter(({ change }) => change.transition.state !== 'resolved').length;
    if (active > 0) log.info({ partition, alerts: active }, 'alerts restored');
  }

  /** @param place of the event that made the changes; of the last one, where none did. */
  #take(changes: readonly Change[], partition: number, place = this.#judged.get(partition)): void {
    const { store, topic, now } = this.#options;
    const before = this.#judged.get(partition);
    for (const [i, change] of changes.entries()) {
      // Only with its last change an event has been judged.
      const judged = i === changes.length - 1 ? place : before;
      store.keep(partition, { change, offset: place?.offset, judged }, now());
      if (change.news) this.#tell(change, { topic, partition, offset: place?.offset });
    }
  }

  #tell({ transition }: Change, coordinates: Parameters<AlertSink['tell']>[1]): void {
    const { sinks, log } = this.#options;
    for (const sink of sinks) {
      try {
        sink.tell(transition, coordinates);
      } catch (error) {
        log.error({ alertId: transition.alertId, error: messageOf(error) }, 'an alert could not be told');
      }
    }
  }
}
