/**
 * A node whose figures the test chooses, and whose clock too: alerts are judged in event time, so an hour of a node takes as
 * long as it takes to publish it.
 */
import type { NewRecord } from '#bus/bus.ts';
import { encodeEvent } from '#contract/codec.ts';
import { headersOf, keyOf, type Metrics, type NodeEvent } from '#contract/event.ts';

/** So long that nobody misses a node that has nothing more to say. */
const INTERVAL_MS = 10 * 60_000;

export class AlertAgent {
  readonly cluster: string;
  readonly node: string;
  readonly #epoch: string;
  #seq = 0;

  constructor(cluster: string, node: string, epoch = 'e') {
    this.cluster = cluster;
    this.node = node;
    this.#epoch = epoch;
  }

  /** Its next event, sent as soon as it was measured. */
  measure(time: number, metrics: Metrics): NewRecord {
    const { cluster, node } = this;
    const seq = this.#seq++;
    const event: NodeEvent = {
      ...{ v: 1, cluster, node, epoch: this.#epoch, seq, time, interval: INTERVAL_MS },
      metrics,
    };
    return { key: keyOf(event), value: Buffer.from(encodeEvent(event)), headers: headersOf(event, time) };
  }
}

/** So many in clusters of five, which no storm is made of. */
export function alertAgents(count: number, epoch?: string): AlertAgent[] {
  return Array.from({ length: count }, (_, n) => new AlertAgent(`cluster-${Math.floor(n / 5)}`, `node-${n}`, epoch));
}
