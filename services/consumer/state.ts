/**
 * What is known of each node: its last event, when that arrived, and what came of its other events. A node belongs to the
 * partition that its newest event came from; when that moves to another replica, the node goes with it. Pure: time is an
 * argument.
 *
 * Whoever may write to the topic may write anything, so what is kept is bounded: nodes, series of a node, series of all. What is
 * known has precedence over what is new, except for nodes that have fallen silent: the longest silent makes room.
 */
import { keyOf, type NodeEvent } from '#contract/event.ts';
import type { Gap } from '#contract/gap.ts';
import { Account, type Arrival, type Losses } from './account.ts';
import { ListeningClock } from './listening.ts';

export interface StateLimits {
  readonly nodes: number;
  readonly seriesPerNode: number;
  readonly series: number;
}

/** Ten thousand nodes without any series cost 15 MB; a series costs some 200 bytes. */
export const DEFAULT_LIMITS: StateLimits = { nodes: 10_000, seriesPerNode: 20_000, series: 10_000_000 };

export interface NodeName {
  readonly cluster: string;
  readonly node: string;
}

export interface NodeView extends NodeName {
  readonly partition: number;
  readonly event: NodeEvent;
  /** By the consumer's clock, milliseconds since the Unix epoch. */
  readonly arrived: number;
  /** How far the node's clock is behind the broker's, milliseconds; below 0 if it is ahead. */
  readonly skew: number | undefined;
  readonly up: boolean;
  /**
   * Since when it should have been heard and was not, by the node's clock; `undefined` as long as nothing is amiss. A producer
   * that was told to end has said for how long that is no silence.
   */
  readonly silentSince: number | undefined;
  readonly account: Readonly<
    Pick<Account, 'received' | 'lost' | 'duplicated' | 'reordered' | 'conflicts' | 'completeness'>
  >;
}

/** An event as it came, with what is told of it besides. */
export interface Arrived {
  readonly event: NodeEvent;
  readonly samples: number;
  /** Of its record. */
  readonly bytes: number;
  readonly partition: number;
  readonly now: number;
  readonly skew?: number | undefined;
}

export const OVERFLOWS = ['nodes', 'series_per_node', 'series'] as const;
/** What there is no room for. */
export type Overflow = (typeof OVERFLOWS)[number];

/**
 * `applied`: it is the node's newest. Otherwise nothing of the node has changed but its account: it came late (`reordered`),
 * again or too late (`duplicated`), its number cannot be true (`implausible`), or there is no room.
 */
export type Outcome = 'applied' | Exclude<Arrival, 'in order'> | Overflow;

export interface State {
  take(arrived: Arrived): Outcome;
  /** The same with an event that another replica has handled: what comes of it has been counted. */
  recall(arrived: Arrived): Outcome;
  takeGap(gap: Gap, partition: number, now: number): 'taken' | 'implausible' | 'nodes';
  /** Records of the partition were deleted before they were read: losses of its nodes. */
  skip(partition: number): void;
  /**
   * Tells as of when all records of a partition had been handled: the measure of silence. Until that was so once, its nodes are
   * not shown: another replica may have shown what is newer, and what goes back is a reset to whoever computes rates.
   */
  listen(partition: number, asOf: number | undefined): void;
  /** Forgets the nodes of partitions that moved away. */
  drop(partitions: readonly number[]): void;
  /** Forgets a node until it is heard again. */
  forget(node: NodeName): void;
  /** How long a node has been listened to in vain, in milliseconds; infinitely long if it is not known. */
  silence(node: NodeName): number;
  /** How long a partition has been listened to, in milliseconds. */
  listened(partition: number): number;
  /** Every node known and shown, as of now; events never change after they were applied, so the view may be read at leisure. */
  nodes(): readonly NodeView[];
}

export interface StateOptions {
  readonly limits?: StateLimits;
  readonly lost?: (node: NodeName & { readonly partition: number }, ...loss: Parameters<Losses>) => void;
  /** A node that is not known any more, for whatever reason. */
  readonly left?: (node: NodeName) => void;
  /** A node that is not known any more because nobody has heard it for long, or others took its place. */
  readonly forgotten?: (node: NodeName & { readonly partition: number }) => void;
  /** Two producers claim to be the node: told at each event or gap that shows it. */
  readonly conflict?: (node: NodeName) => void;
}

/** A node is up until this many of its own intervals have passed in which it was listened to in vain. */
const SILENT_AFTER_INTERVALS = 3;
/** A node not heard for this long is forgotten: as long as the topic remembers it. */
export const FORGOTTEN_AFTER_MS = 24 * 60 * 60 * 1000;
/** Twice what is usual: with longer labels, series count as more. */
const BYTES_PER_SERIES = 64;
/** How often silent nodes are looked for to make room. */
const MAKE_ROOM_EVERY_MS = 1000;

interface Entry extends NodeName {
  partition: number;
  readonly account: Account;
  /** None while only a gap is known of the node. */
  event: NodeEvent | undefined;
  /** What it takes of `limits.series`. */
  room: number;
  arrived: number;
  /** By the partition's clock. */
  heard: number;
  /** When the broker had it, if that was before the partition was ours; milliseconds. */
  recalled: number | undefined;
  skew: number | undefined;
}

/** How long after its last event a node is not missed; milliseconds. */
export function patienceOf({ interval, pause = 0 }: Pick<NodeEvent, 'interval' | 'pause'>): number {
  return Math.max(SILENT_AFTER_INTERVALS * interval, pause);
}

export function createState(options: StateOptions = {}): State {
  const {
    limits = DEFAULT_LIMITS,
    lost = () => undefined,
    forgotten = () => undefined,
    left = () => undefined,
    conflict = () => undefined,
  } = options;
  const entries = new Map<string, Entry>();
  const clocks = new Map<number, ListeningClock>();
  /** Partitions in which there is more that others may have shown already. */
  const behind = new Set<number>();
  let taken = 0;
  /** By partition, when the broker had the newest record that was recalled. */
  const recalledTo = new Map<number, number>();
  let recalling = false;
  let replaceable: Entry[] = [];
  let soughtRoom = Number.NEGATIVE_INFINITY;

  function clockOf(partition: number): ListeningClock {
    const known = clocks.get(partition);
    if (known !== undefined) return known;
    const clock = new ListeningClock();
    clocks.set(partition, clock);
    return clock;
  }

  function entryOf({ cluster, node }: NodeName, partition: number, now: number): Entry | undefined {
    const key = keyOf({ cluster, node });
    const known = entries.get(key);
    if (known !== undefined) return known;
    if (entries.size >= limits.nodes && !makeRoom(now)) return undefined;
    const heard = clockOf(partition).at(now);
    const account: Account = new Account((reason, count) => recalling || lost(entry, reason, count));
    const entry: Entry = {
      cluster,
      node,
      partition,
      account,
      event: undefined,
      room: 0,
      arrived: now,
      heard,
      recalled: undefined,
      skew: undefined,
    };
    entries.set(key, entry);
    return entry;
  }

  /** What was recalled has been silent since then by as much as the partition went on without it. */
  function silence({ partition, heard, recalled }: Entry): number {
    const before = recalled === undefined ? 0 : (recalledTo.get(partition) ?? recalled) - recalled;
    return before + clockOf(partition).ms - heard;
  }

  function isUp(entry: Entry): boolean {
    return silence(entry) <= SILENT_AFTER_INTERVALS * (entry.event?.interval ?? 0);
  }

  function makeRoom(now: number): boolean {
    if (replaceable.length === 0 && Math.abs(now - soughtRoom) >= MAKE_ROOM_EVERY_MS) {
      soughtRoom = now;
      replaceable = [...entries.values()].filter((entry) => !isUp(entry)).sort((a, b) => silence(a) - silence(b));
    }
    for (let entry = replaceable.pop(); entry !== undefined; entry = replaceable.pop()) {
      if (isUp(entry) || entries.get(keyOf(entry)) !== entry) continue;
      forget(entry);
      return true;
    }
    return false;
  }

  function watched<T>(entry: Entry, account: (account: Account) => T): T {
    const { conflicts } = entry.account;
    const result = account(entry.account);
    if (entry.account.conflicts > conflicts && !recalling) conflict(entry);
    return result;
  }

  function remove(entry: Entry): void {
    entries.delete(keyOf(entry));
    taken -= entry.room;
    left(entry);
  }

  function forget(entry: Entry): void {
    remove(entry);
    forgotten(entry);
  }

  function take({ event, samples, bytes, partition, now, skew }: Arrived): Outcome {
    const entry = entryOf(event, partition, now);
    if (entry === undefined) return 'nodes';
    const arrival = watched(entry, (account) => account.arrive(event.epoch, event.seq));
    if (arrival !== 'in order') return arrival;
    if (samples > limits.seriesPerNode) return 'series_per_node';
    const room = Math.max(samples, bytes / BYTES_PER_SERIES);
    if (taken - entry.room + room > limits.series) return 'series';
    taken += room - entry.room;
    entry.room = room;
    entry.event = event;
    entry.partition = partition;
    entry.arrived = now;
    entry.heard = clockOf(partition).at(now);
    entry.recalled = recalling ? now : undefined;
    entry.skew = skew;
    return 'applied';
  }

  return {
    take,
    recall(arrived) {
      recalling = true;
      recalledTo.set(arrived.partition, arrived.now);
      try {
        return take(arrived);
      } finally {
        recalling = false;
      }
    },
    takeGap(gap, partition, now) {
      const entry = entryOf(gap, partition, now);
      if (entry === undefined) return 'nodes';
      const believed = watched(entry, (account) => account.miss(gap.epoch, gap.from, gap.to, gap.reason));
      return believed ? 'taken' : 'implausible';
    },

    skip(partition) {
      for (const entry of entries.values()) if (entry.partition === partition) entry.account.skip();
    },

    listen(partition, asOf) {
      clockOf(partition).listen(asOf);
      if (asOf === undefined) behind.add(partition);
      else behind.delete(partition);
    },

    drop(partitions) {
      for (const entry of entries.values()) if (partitions.includes(entry.partition)) remove(entry);
      for (const partition of partitions) {
        clocks.delete(partition);
        recalledTo.delete(partition);
        behind.delete(partition);
      }
    },

    forget(name) {
      const entry = entries.get(keyOf(name));
      if (entry !== undefined) remove(entry);
    },

    silence(name) {
      const entry = entries.get(keyOf(name));
      return entry === undefined ? Number.POSITIVE_INFINITY : silence(entry);
    },

    listened: (partition) => clockOf(partition).ms,

    nodes() {
      const views: NodeView[] = [];
      for (const entry of entries.values()) {
        if (silence(entry) > FORGOTTEN_AFTER_MS) forget(entry);
        else if (entry.event !== undefined && !behind.has(entry.partition)) {
          const { cluster, node, partition, event, arrived, skew, account } = entry;
          const up = isUp(entry);
          const silentSince = !up && silence(entry) > patienceOf(event) ? event.time + patienceOf(event) : undefined;
          views.push({ cluster, node, partition, event, arrived, skew, up, silentSince, account });
        }
      }
      return views;
    },
  };
}
