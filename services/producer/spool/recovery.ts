/**
 * What the segments of earlier runs still have: each readable record that was not done with, in order, and between them the
 * gaps that are known. A record that is damaged costs itself alone.
 *
 * How many records were damaged is told by the positions around them. Which events they were is known only where both
 * neighbours are of one run and lie as many events apart as they lie records apart; elsewhere no gap is invented.
 */
import type { Envelope } from '#contract/event.ts';
import { GAP_VERSION, type Gap } from '#contract/gap.ts';
import { type Damage, type StoredRecord, scan } from './record.ts';

/** A gap, and the position of the record that it comes before. */
export interface PlacedGap {
  readonly gap: Gap;
  readonly before: number;
}

export interface Source<Segment> {
  readonly segment: Segment;
  /** The position of its first record. */
  readonly first: number;
  /** `undefined` if it cannot be read. */
  readonly bytes: Buffer | undefined;
}

interface FoundEvent<Segment> {
  readonly segment: Segment;
  readonly envelope: Envelope;
  readonly position: number;
  readonly offset: number;
  readonly length: number;
}

export interface Recovered<Segment> {
  readonly found: readonly (FoundEvent<Segment> | { readonly gap: Gap })[];
  readonly lostRecords: number;
  readonly damagedBytes: number;
}

/**
 * @param sources in the order of their positions
 * @param done the position up to which all is done with
 * @param gaps known before, by position; what they cover is given up, even if it is still there
 */
export function recover<Segment>(
  sources: Iterable<Source<Segment>>,
  done: number,
  gaps: readonly PlacedGap[],
  now: number,
): Recovered<Segment> {
  const found: (FoundEvent<Segment> | { readonly gap: Gap })[] = [];
  const waitingGaps = [...gaps];
  let lostRecords = 0;
  let damagedBytes = 0;
  let damage: Damage | undefined;
  let last = -1;
  let previous: { readonly envelope: Envelope; readonly position: number } | undefined;

  /** The damage was of the records up to a position, as far as they were not done with. */
  function account(upTo: number): void {
    const lost = damage === undefined ? 0 : upTo - Math.max(last, done);
    if (damage !== undefined && lost > 0) {
      lostRecords += lost;
      damagedBytes += damage.damaged;
    }
    damage = undefined;
    last = Math.max(last, upTo);
  }

  function take(segment: Segment, { position, meta, offset, length }: StoredRecord): void {
    const envelope = meta as Envelope;
    account(position - 1);
    last = Math.max(last, position);
    if (position > done && !gaps.some(({ gap }) => covers(gap, envelope))) {
      while (waitingGaps[0] !== undefined && waitingGaps[0].before <= position) found.push(...waitingGaps.splice(0, 1));
      const between = previous === undefined ? undefined : lostBetween(previous, { envelope, position }, now);
      if (between !== undefined && !gaps.some(({ gap }) => overlap(gap, between))) found.push({ gap: between });
      found.push({ segment, envelope, position, offset, length });
    }
    previous = { envelope, position };
  }

  for (const { segment, first, bytes } of sources) {
    account(first - 1);
    if (bytes === undefined) damage = { damaged: 0, records: 1 };
    for (const part of scan(bytes ?? Buffer.alloc(0))) {
      if (!('damaged' in part)) take(segment, part);
      else damage = add(damage, part);
    }
  }
  if (damage !== undefined) account(last + damage.records);
  found.push(...waitingGaps);
  return { found, lostRecords, damagedBytes };
}

function add(a: Damage | undefined, b: Damage): Damage {
  return a === undefined ? b : { damaged: a.damaged + b.damaged, records: a.records + b.records };
}

interface Neighbour {
  readonly envelope: Envelope;
  readonly position: number;
}

function lostBetween(before: Neighbour, after: Neighbour, time: number): Gap | undefined {
  const { cluster, node, epoch, seq } = before.envelope;
  if (!isSameRun(before.envelope, after.envelope)) return undefined;
  const lost = after.envelope.seq - seq - 1;
  if (lost < 1 || after.position - before.position - 1 !== lost) return undefined;
  return { v: GAP_VERSION, cluster, node, epoch, from: seq + 1, to: seq + lost, time, reason: 'damaged' };
}

function covers(gap: Gap, envelope: Envelope): boolean {
  return isSameRun(gap, envelope) && gap.from <= envelope.seq && envelope.seq <= gap.to;
}

function overlap(a: Gap, b: Gap): boolean {
  return isSameRun(a, b) && a.from <= b.to && b.from <= a.to;
}

type Run = Pick<Envelope, 'cluster' | 'node' | 'epoch'>;

function isSameRun(a: Run, b: Run): boolean {
  return a.epoch === b.epoch && a.node === b.node && a.cluster === b.cluster;
}
