import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Claimant, shareOut } from './assignment.ts';

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const IDS = ['a', 'b', 'c', 'd', 'e'];

/** Members that claim anything, also what does not exist and what others claim, in some order. */
const members = (partitions: number, most: number): fc.Arbitrary<Claimant[]> =>
  fc
    .uniqueArray(
      fc.record({
        id: fc.constantFrom(...IDS),
        claims: fc.uniqueArray(fc.integer({ min: 0, max: partitions + 1 })),
        generation: fc.integer({ min: -1, max: 2 }),
      }),
      { minLength: 1, maxLength: most, selector: ({ id }) => id },
    )
    .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));

const group = fc.integer({ min: 0, max: 14 }).chain((count) => fc.tuple(fc.constant(count), members(count, 5)));

test('every partition goes to one member, and shares differ by one at most', () => {
  fc.assert(
    fc.property(group, ([count, all]) => {
      const shares: number[][] = [...shareOut(upTo(count), all).values()];
      assert.equal(shares.length, all.length);
      assert.deepEqual(shares.flat().sort((a, b) => a - b), upTo(count)); // biome-ignore format: one line says it
      const sizes = shares.map((share) => share.length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
    }),
  );
});

test('the order in which members and partitions are listed does not matter', () => {
  fc.assert(
    fc.property(group, ([count, all]) => {
      const sorted = (shares: Map<string, number[]>) => [...shares].sort();
      const others = shareOut(upTo(count).reverse(), all.toReversed());
      assert.deepEqual(sorted(shareOut(upTo(count), all)), sorted(others));
    }),
  );
});

test('no assignment as even as this one would leave more partitions where they were', () => {
  const small = fc.integer({ min: 1, max: 6 }).chain((count) => fc.tuple(fc.constant(count), members(count, 3)));
  fc.assert(
    fc.property(small, ([count, all]) => {
      const owner = ownersOf(all);
      const shares = shareOut(upTo(count), all);
      const stays = (id: string, partition: number): number => (owner.get(partition) === id ? 1 : 0);
      const kept = [...shares].flatMap(([id, share]) => share.map((partition) => stays(id, partition)));
      const most = mostKept(upTo(count), all.map(({ id }) => id), stays, []); // biome-ignore format: one line says it
      assert.equal(kept.reduce((sum, each) => sum + each, 0), most); // biome-ignore format: one line says it
    }),
  );
});

/** By trying all assignments whose shares differ by one at most. */
function mostKept(
  partitions: readonly number[],
  ids: readonly string[],
  stays: (id: string, partition: number) => number,
  given: readonly string[],
): number {
  const [partition, ...rest] = partitions;
  if (partition === undefined) {
    const sizes = ids.map((id) => given.filter((each) => each === id).length);
    return Math.max(...sizes) - Math.min(...sizes) <= 1 ? 0 : Number.NEGATIVE_INFINITY;
  }
  return Math.max(...ids.map((id) => stays(id, partition) + mostKept(rest, ids, stays, [...given, id])));
}

/** Whose claim counts: that of the newest generation, and of the first by name among equals. */
function ownersOf(all: readonly Claimant[]): Map<number, string> {
  const oldestFirst = all.toSorted((a, b) => a.generation - b.generation || (a.id < b.id ? 1 : -1));
  return new Map(oldestFirst.flatMap(({ id, claims }) => claims.map((partition) => [partition, id] as const)));
}

const twelve = upTo(12);

/** The members of a group that was shared out among these before. */
function settled(...ids: string[]): Claimant[] {
  const shares = shareOut(twelve, ids.map((id) => ({ id, claims: [], generation: -1 }))); // biome-ignore format: one line says it
  return [...shares].map(([id, claims]) => ({ id, claims, generation: 1 }));
}

test('a member that joins takes its share from the others, and nothing else moves', () => {
  const before = settled('a', 'b');
  const after = shareOut(twelve, [...before, { id: 'c', claims: [], generation: -1 }]);
  assert.equal(after.get('c')?.length, 4);
  for (const { id, claims } of before) {
    assert.deepEqual(claims.filter((partition) => !after.get('c')?.includes(partition)), after.get(id)); // biome-ignore format: one line says it
  }
});

test('what a member leaves behind goes to the others, and nothing else moves', () => {
  const [a, b, c] = settled('a', 'b', 'c');
  assert.ok(a && b && c);
  const after = shareOut(twelve, [a, c]);
  assert.ok(a.claims.every((partition) => after.get('a')?.includes(partition)));
  assert.ok(c.claims.every((partition) => after.get('c')?.includes(partition)));
});

test('one that joins while another leaves takes over what that one had', () => {
  const [a, b, c] = settled('a', 'b', 'c');
  assert.ok(a && b && c);
  const after = shareOut(twelve, [a, c, { id: 'd', claims: [], generation: -1 }]);
  assert.deepEqual([after.get('a'), after.get('d'), after.get('c')], [a.claims, b.claims, c.claims]);
});

test('a member that wakes up with claims of an older generation does not get back what has moved since', () => {
  const stale = { id: 'a', claims: twelve, generation: 1 };
  const owner = { id: 'z', claims: twelve, generation: 2 };
  const after = shareOut(twelve, [stale, owner]);
  assert.equal(after.get('z')?.filter((partition) => owner.claims.includes(partition)).length, 6);
  const again = shareOut(twelve, [stale, { id: 'z', claims: upTo(6), generation: 2 }]);
  assert.deepEqual(again.get('z'), upTo(6));
});
