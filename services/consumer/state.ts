/**
 * What is known of each node: its last event, and when it arrived. A node belongs to the partition that its events come
 * from; when that moves to another replica, the node goes with it. Pure: time is an argument.
 */
import { keyOf, type NodeEvent } from '#contract/event.ts';

/** A node is up until this many of its own intervals have passed without an event. */
const SILENT_AFTER_INTERVALS = 3;
/** A node not heard for this long is forgotten: as long as the topic remembers it. */
const FORGOTTEN_AFTER_MS = 24 * 60 * 60 * 1000;
/** Superseded epochs kept per node, to know a late redelivery of their events for what it is. */
const REMEMBERED_EPOCHS = 8;

export interface NodeView {
  readonly cluster: string;
  readonly node: string;
  readonly event: NodeEvent;
  /** By the consumer's clock, milliseconds since the Unix epoch. */
  readonly arrived: number;
  readonly up: boolean;
}

export interface State {
  /**
   * Takes an event as the node's newest.
   * @returns false if it is not: delivered again, older than the last of its epoch, or of an epoch that has ended.
   */
  apply(partition: number, event: NodeEvent, now: number): boolean;
  /** Forgets the nodes of partitions that moved away, and tells which they were. */
  drop(partitions: readonly number[]): readonly NodeEvent[];
  /** Every node known, as of now; events never change after they were applied, so the view may be read at leisure. */
  nodes(now: number): readonly NodeView[];
}

interface Entry {
  readonly partition: number;
  event: NodeEvent;
  arrived: number;
  endedEpochs: readonly string[];
}

export function createState(): State {
  const entries = new Map<string, Entry>();

  return {
    apply(partition, event, now) {
      const key = keyOf(event);
      const known = entries.get(key);
      if (known === undefined || known.partition !== partition) {
        entries.set(key, { partition, event, arrived: now, endedEpochs: [] });
        return true;
      }
      if (event.epoch === known.event.epoch) {
        if (event.seq <= known.event.seq) return false;
      } else {
        if (known.endedEpochs.includes(event.epoch)) return false;
        known.endedEpochs = [known.event.epoch, ...known.endedEpochs].slice(0, REMEMBERED_EPOCHS);
      }
      known.event = event;
      known.arrived = now;
      return true;
    },

    drop(partitions) {
      const dropped: NodeEvent[] = [];
      for (const [key, { partition, event }] of entries) {
        if (!partitions.includes(partition)) continue;
        entries.delete(key);
        dropped.push(event);
      }
      return dropped;
    },

    nodes(now) {
      const views: NodeView[] = [];
      for (const [key, { event, arrived }] of entries) {
        const age = now - arrived;
        if (age > FORGOTTEN_AFTER_MS) entries.delete(key);
        else {
          const up = age <= SILENT_AFTER_INTERVALS * event.interval;
          views.push({ cluster: event.cluster, node: event.node, event, arrived, up });
        }
      }
      return views;
    },
  };
}
