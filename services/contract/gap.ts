/**
 * The gap: what a producer itself knows to be lost, published in its place among the events of its node.
 *
 *   value    {"v":1,"cluster":C,"node":N,"epoch":E,"from":S,"to":S,"time":T,"reason":R}
 *   key      C/N, as for events
 *   headers  as for events, with another `ce_type`; ce_id is node/epoch/gap-from-to
 *
 * A reader finds losses by itself, from (epoch, seq); a gap says why, and that nobody needs to look for the events. It is
 * published at least once. While a gap that could not be published grows, it may come again with the same `from` and a
 * larger `to`: the wider one holds.
 */
import { cloudEventHeaders, type Envelope } from './event.ts';

export const GAP_VERSION = 1;
export const GAP_TYPE_PREFIX = 'system-monitoring.node.gap.v';

export const GAP_REASONS = [
  /** There was no more room for what waited: the oldest went. */
  'full',
  /** It had waited for longer than the topic remembers. */
  'age',
  /** The disk did not give back what it was given. */
  'damaged',
  /** The bus will never take it as it is. */
  'refused',
] as const;
export type GapReason = (typeof GAP_REASONS)[number];

export interface Gap {
  readonly v: typeof GAP_VERSION;
  readonly cluster: string;
  readonly node: string;
  readonly epoch: string;
  /** The first and the last `seq` that is lost; all between them are, too. */
  readonly from: number;
  readonly to: number;
  /** When the loss was noticed, by the node's clock: milliseconds since the Unix epoch. */
  readonly time: number;
  readonly reason: GapReason;
}

/** The loss of one event. */
export function gapOf({ cluster, node, epoch, seq }: Envelope, reason: GapReason, time: number): Gap {
  return { v: GAP_VERSION, cluster, node, epoch, from: seq, to: seq, time, reason };
}

/** @param sent the producer's clock when it hands the record over, in milliseconds. */
export function headersOfGap(gap: Gap, sent: number): Record<string, string> {
  return cloudEventHeaders(gap, `gap-${gap.from}-${gap.to}`, `${GAP_TYPE_PREFIX}${gap.v}`, sent);
}
