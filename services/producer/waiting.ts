/** What waits in the outbox: events, and the gaps that others have left. */
import type { Envelope } from '#contract/event.ts';
import type { Gap, GapReason } from '#contract/gap.ts';
import type { Place, Segment } from './spool/segments.ts';

export interface WaitingEvent {
  readonly envelope: Envelope;
  readonly size: number;
  /** When it came, by the monotonic clock. */
  readonly since: number;
  /** Absent if it has to be read from its place. */
  value: Uint8Array | undefined;
  /** Where it is on disk, if it is. */
  place: Place | undefined;
}

export interface WaitingGap {
  gap: Gap;
}

export type Waiting = WaitingEvent | WaitingGap;

export function isEvent(item: Waiting): item is WaitingEvent {
  return 'envelope' in item;
}

export function isWritten(item: Waiting | undefined): item is WaitingEvent & { readonly place: Place } {
  return item !== undefined && isEvent(item) && item.place !== undefined;
}

export function segmentOf(item: Waiting | undefined): Segment | undefined {
  return isWritten(item) ? item.place.segment : undefined;
}

/** The gaps that may still grow: the last one of each run and reason, unless it is on its way. */
export interface GrowingGaps {
  add(item: WaitingGap): void;
  /** Makes an event part of a gap that ends right before it, if there is one. */
  grow(envelope: Envelope, reason: GapReason): boolean;
  stop(item: WaitingGap): void;
  /** It may grow again. What has begun right behind it meanwhile becomes part of it, and is returned. */
  resume(item: WaitingGap): WaitingGap | undefined;
}

export function createGrowingGaps(): GrowingGaps {
  const last = new Map<string, WaitingGap>();
  const gaps: GrowingGaps = {
    add(item) {
      last.set(runOf(item.gap), item);
    },
    grow(envelope, reason) {
      const item = last.get(runOf({ ...envelope, reason }));
      if (item === undefined || item.gap.to + 1 !== envelope.seq) return false;
      item.gap = { ...item.gap, to: envelope.seq };
      return true;
    },
    stop(item) {
      const run = runOf(item.gap);
      if (last.get(run) === item) last.delete(run);
    },
    resume(item) {
      const later = last.get(runOf(item.gap));
      if (later !== undefined && item.gap.to + 1 !== later.gap.from) return undefined;
      if (later !== undefined) item.gap = { ...item.gap, to: later.gap.to };
      gaps.add(item);
      return later;
    },
  };
  return gaps;
}

function runOf({ cluster, node, epoch, reason }: Pick<Gap, 'cluster' | 'node' | 'epoch' | 'reason'>): string {
  return `${reason}/${cluster}/${epoch}/${node}`;
}
