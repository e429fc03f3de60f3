/**
 * Who of a group reads which partitions: each partition by one member, shares that differ by one at most, and of all such
 * assignments one that moves the fewest partitions. A member that joins takes its share from the others and nothing else
 * moves; what a member leaves behind goes to the others and nothing else moves. The same members always get the same.
 */
export interface Claimant {
  readonly id: string;
  /** What it owned when the group last shared out the partitions, as far as it knows. */
  readonly claims: readonly number[];
  /** Which sharing out that was. They are numbered upwards, so of two claims to a partition the older one is out of date. */
  readonly generation: number;
}

export function shareOut(partitions: readonly number[], members: readonly Claimant[]): Map<string, number[]> {
  const existing = new Set(partitions);
  const kept = new Map(members.map(({ id }) => [id, new Set<number>()]));
  const taken = new Set<number>();
  for (const { id, claims } of members.toSorted((a, b) => b.generation - a.generation || compare(a.id, b.id))) {
    for (const partition of claims) {
      if (!existing.has(partition) || taken.has(partition)) continue;
      taken.add(partition);
      kept.get(id)?.add(partition);
    }
  }

  // Those who have most may keep one more, as far as the partitions do not divide evenly.
  const byHolding = [...kept].toSorted(([a, x], [b, y]) => y.size - x.size || compare(a, b));
  const share = Math.floor(partitions.length / members.length);
  const oneMore = partitions.length % members.length;
  const shares = byHolding.map(([id, held], place) => {
    const size = share + (place < oneMore ? 1 : 0);
    return { id, size, partitions: [...held].sort(ascending).slice(0, size) };
  });

  const settled = new Set(shares.flatMap((each) => each.partitions));
  const free = [...existing].filter((partition) => !settled.has(partition)).sort(ascending);
  for (const each of shares) each.partitions.push(...free.splice(0, each.size - each.partitions.length));
  return new Map(shares.map((each) => [each.id, each.partitions.sort(ascending)]));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function ascending(a: number, b: number): number {
  return a - b;
}
