/**
 * What a topic says about the promise that nothing is lost, from the records alone: neither the producer nor the consumer is
 * asked. Each event names itself (node, epoch, sequence number), so every event that is missing, there twice or out of
 * order between two that are there is known exactly. What an epoch had after its last record cannot be known from
 * here: compare `last` with what the producer says it has made.
 */

/** One record of the topic, in the order of its partition. */
export interface Sighting {
  readonly node: string;
  readonly epoch: string;
  readonly seq: number;
}

export interface Verdict {
  readonly records: number;
  /** Numbers below an epoch's highest that no record has. */
  readonly lost: readonly Sighting[];
  /** Records whose number was seen before. Delivered at least once, so they are no fault by themselves. */
  readonly duplicated: number;
  /** First sightings below a number of their epoch that was seen before them. */
  readonly reordered: number;
  /** Epochs of each node in the order in which they began, with their highest numbers. */
  readonly epochs: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

export function judge(sightings: Iterable<Sighting>): Verdict {
  const nodes = new Map<string, Map<string, Set<number>>>();
  const highest = new Map<string, Map<string, number>>();
  let records = 0;
  let duplicated = 0;
  let reordered = 0;
  for (const { node, epoch, seq } of sightings) {
    records++;
    const seen = entry(entry(nodes, node, newMap<Set<number>>), epoch, () => new Set<number>());
    const last = entry(highest, node, newMap<number>);
    const before = last.get(epoch) ?? -1;
    if (seen.has(seq)) duplicated++;
    else if (seq < before) reordered++;
    seen.add(seq);
    last.set(epoch, Math.max(seq, before));
  }
  const lost: Sighting[] = [];
  for (const [node, epochs] of nodes) {
    for (const [epoch, seen] of epochs) {
      const end = highest.get(node)?.get(epoch) ?? -1;
      for (let seq = 0; seq < end; seq++) if (!seen.has(seq)) lost.push({ node, epoch, seq });
    }
  }
  return { records, lost, duplicated, reordered, epochs: highest };
}

/** `ce_id` of an event: `node/epoch/seq`. Undefined for what is no event. */
export function sightingOf(id: string): Sighting | undefined {
  const [, node, epoch, seq] = /^([^/]+)\/([^/]+)\/(\d+)$/.exec(id) ?? [];
  return node === undefined || epoch === undefined ? undefined : { node, epoch, seq: Number(seq) };
}

function newMap<V>(): Map<string, V> {
  return new Map();
}

function entry<V>(map: Map<string, V>, key: string, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = create();
  map.set(key, value);
  return value;
}
