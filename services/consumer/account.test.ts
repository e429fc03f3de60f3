import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GapReason } from '#contract/gap.ts';
import { Account, type Arrival, AWAITED, COMPLETENESS_EVENTS, type LossReason } from './account.ts';

function open() {
  const lost: Partial<Record<LossReason, number>> = {};
  const account = new Account((reason, count) => {
    lost[reason] = (lost[reason] ?? 0) + count;
  });
  return { account, lost };
}

function arriveAll(account: Account, epoch: string, from: number, to: number): void {
  for (let seq = from; seq <= to; seq++) assert.equal(account.arrive(epoch, seq), 'in order');
}

const figures = ({ received, lost, duplicated, reordered }: Account) => ({ received, lost, duplicated, reordered });

test('what was before the first event of a node that was never heard is not lost', () => {
  const { account, lost } = open();
  arriveAll(account, 'e', 900, 900 + 2 * AWAITED);
  assert.deepEqual(figures(account), { received: 65, lost: 0, duplicated: 0, reordered: 0 });
  assert.deepEqual(lost, {});
});

test('what is missing is awaited for 32 numbers, then lost', () => {
  const { account, lost } = open();
  account.arrive('e', 0);
  arriveAll(account, 'e', 2, AWAITED);
  assert.equal(account.lost, 0);
  account.arrive('e', AWAITED + 1);
  assert.deepEqual([account.lost, lost], [1, { unknown: 1 }]);
});

test('what arrives late while it is awaited is reordered and not lost', () => {
  const { account } = open();
  account.arrive('e', 0);
  arriveAll(account, 'e', 2, AWAITED);
  assert.equal(account.arrive('e', 1), 'reordered');
  arriveAll(account, 'e', AWAITED + 1, 3 * AWAITED);
  assert.deepEqual(figures(account), { received: 97, lost: 0, duplicated: 0, reordered: 1 });
});

test('what arrives again is duplicated, be it recent, old, or of an epoch that has ended', () => {
  const { account } = open();
  arriveAll(account, 'e', 0, 99);
  for (const seq of [99, 90, 0]) assert.equal(account.arrive('e', seq), 'duplicated');
  account.arrive('f', 0);
  for (const seq of [98, 99, 100]) assert.equal(account.arrive('e', seq), 'duplicated');
  assert.deepEqual(figures(account), { received: 101, lost: 0, duplicated: 6, reordered: 0 });
});

test('a later epoch begins at 0, and ends the waiting for those before', () => {
  const { account, lost } = open();
  account.arrive('e', 5);
  account.arrive('e', 8);
  account.arrive('f', 0);
  assert.deepEqual(lost, { unknown: 2 });
  account.arrive('g', 40);
  assert.deepEqual(lost, { unknown: 2 + 40 - AWAITED + 1 });
  account.arrive('h', 0);
  assert.deepEqual(lost, { unknown: 42 });
});

test('what the producer says is lost is lost at once and for its reason, however often it says so', () => {
  const { account, lost } = open();
  arriveAll(account, 'e', 0, 9);
  for (let time = 0; time < 3; time++) account.miss('e', 10, 1009, 'full');
  arriveAll(account, 'e', 1010, 1100);
  assert.deepEqual([account.lost, lost], [1000, { full: 1000 }]);
});

test('a gap may be the first that is heard of a node', () => {
  const { account, lost } = open();
  account.miss('e', 0, 6, 'age');
  arriveAll(account, 'e', 7, 100);
  assert.deepEqual([account.received, account.lost, lost], [94, 7, { age: 7 }]);
});

test("a gap counts what has not arrived, and what is missing beside it is nobody else's", () => {
  const { account, lost } = open();
  arriveAll(account, 'e', 0, 9);
  account.arrive('e', 12);
  account.miss('e', 8, 15, 'refused'); // 8, 9 and 12 are here
  account.miss('e', 20, 20, 'age'); // 16 to 19 are awaited
  assert.deepEqual(lost, { refused: 5, age: 1 });
  account.arrive('f', 0);
  assert.deepEqual(lost, { refused: 5, age: 1, unknown: 4 });
});

test('what is missing after records were deleted unread went with them, at once', () => {
  const { account, lost } = open();
  arriveAll(account, 'e', 0, 9);
  account.skip();
  account.arrive('e', 20);
  account.arrive('e', 22);
  assert.deepEqual(lost, { skipped: 10 });
  account.skip();
  account.arrive('f', 3);
  assert.deepEqual(lost, { skipped: 10 + 1 + 3 });
  account.arrive('f', 5);
  account.arrive('g', 0);
  assert.deepEqual(lost, { skipped: 14, unknown: 1 });
});

test('completeness is that of the recent events, and recovers', () => {
  const { account } = open();
  assert.equal(account.completeness, 1);
  arriveAll(account, 'e', 0, 89);
  account.miss('e', 90, 99, 'full');
  assert.equal(account.completeness, 0.9);
  arriveAll(account, 'e', 100, 100 + 2 * COMPLETENESS_EVENTS);
  assert.equal(account.completeness, 1);
});

/** The same by definition: every number remembered, every rule a loop. */
class Model {
  received = 0;
  lost = 0;
  duplicated = 0;
  reordered = 0;
  readonly byReason = new Map<LossReason, number>();
  #epoch: string | undefined;
  readonly #ended: string[] = [];
  #fates = new Map<number, 'received' | 'lost'>();
  #first = 0;
  #newest = -1;
  #skipped = false;

  arrive(epoch: string, seq: number): Arrival {
    if (!this.#enter(epoch, seq)) return this.#duplicate();
    const late = seq < this.#newest;
    if (seq < this.#first || this.#fates.has(seq)) return this.#duplicate();
    this.#fates.set(seq, 'received');
    this.received++;
    if (late) {
      this.reordered++;
      return 'reordered';
    }
    this.#newest = seq;
    this.#give(this.#skipped ? seq : seq - AWAITED);
    this.#skipped = false;
    return 'in order';
  }

  miss(epoch: string, from: number, to: number, reason: GapReason): void {
    if (!this.#enter(epoch, from)) return;
    const further = to > this.#newest;
    for (let seq = Math.max(from, this.#first, this.#newest - AWAITED + 1); seq <= to; seq++) {
      if (!this.#fates.has(seq)) this.#lose(seq, reason);
    }
    if (!further) return;
    this.#newest = to;
    this.#give(this.#skipped ? to : to - AWAITED);
    this.#skipped = false;
  }

  skip(): void {
    this.#skipped = true;
  }

  #enter(epoch: string, first: number): boolean {
    if (epoch === this.#epoch) return true;
    if (this.#ended.includes(epoch)) return false;
    if (this.#epoch !== undefined) {
      this.#ended.push(this.#epoch);
      this.#give(this.#newest);
    }
    this.#first = this.#epoch === undefined ? first : 0;
    this.#epoch = epoch;
    this.#fates = new Map();
    this.#newest = this.#first - 1;
    return true;
  }

  /** Up to there nobody waits any more. */
  #give(upTo: number): void {
    for (let seq = this.#first; seq <= upTo; seq++) {
      if (!this.#fates.has(seq)) this.#lose(seq, this.#skipped ? 'skipped' : 'unknown');
    }
  }

  #lose(seq: number, reason: LossReason): void {
    this.#fates.set(seq, 'lost');
    this.lost++;
    this.byReason.set(reason, (this.byReason.get(reason) ?? 0) + 1);
  }

  #duplicate(): 'duplicated' {
    this.duplicated++;
    return 'duplicated';
  }
}

type Step =
  | { readonly does: 'arrive'; readonly by: number }
  | { readonly does: 'miss'; readonly by: number; readonly count: number; readonly reason: GapReason }
  | { readonly does: 'skip' }
  | { readonly does: 'epoch'; readonly name: string };

/** Steps relative to where the producer is, so that most of them matter: mostly forward, now and then far or back. */
const by = fc.oneof(
  { weight: 6, arbitrary: fc.constant(1) },
  { weight: 3, arbitrary: fc.integer({ min: -40, max: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: -200, max: 200 }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ does: fc.constant('arrive' as const), by }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('miss' as const),
      by,
      count: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 100 })),
      reason: fc.constantFrom('full' as const, 'age' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'skip' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('epoch' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
  },
);

test('any mixture of loss, repetition, disorder and new epochs is counted as the definitions say', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.array(step, { maxLength: 120 }), (start, steps) => {
      const { account, lost } = open();
      const model = new Model();
      let [epoch, at] = ['e', start];
      for (const step of steps) {
        if (step.does === 'epoch') [epoch, at] = [step.name, -1];
        if (step.does === 'skip') for (const one of [account, model]) one.skip();
        if (step.does === 'arrive') {
          const seq = Math.max(0, at + step.by);
          at = Math.max(at, seq);
          assert.equal(account.arrive(epoch, seq), model.arrive(epoch, seq));
        }
        if (step.does === 'miss') {
          const from = Math.max(0, at + step.by);
          const to = from + step.count - 1;
          at = Math.max(at, to);
          for (const one of [account, model]) one.miss(epoch, from, to, step.reason);
        }
        const { received, lost: total, duplicated, reordered } = model;
        assert.deepEqual(figures(account), { received, lost: total, duplicated, reordered });
      }
      assert.deepEqual(new Map(Object.entries(lost)), new Map([...model.byReason]));
      assert.ok(account.completeness >= 0 && account.completeness <= 1);
      assert.ok(account.lost > 0 || account.completeness === 1);
    }),
    { numRuns: 2000 },
  );
});

test('numbers as large as they come are counted without walking through them', () => {
  const { account } = open();
  account.arrive('e', 0);
  account.arrive('e', Number.MAX_SAFE_INTEGER);
  assert.equal(account.lost, Number.MAX_SAFE_INTEGER - AWAITED);
  account.miss('f', 0, Number.MAX_SAFE_INTEGER, 'full');
  assert.ok(Number.isFinite(account.lost) && account.completeness < 1e-9);
});
