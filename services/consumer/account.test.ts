import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { GapReason } from '#contract/gap.ts';
import { Account, type Arrival, AWAITED, COMPLETENESS_EVENTS, type LossReason, MAX_STEP } from './account.ts';
import { REMEMBERED_EPOCHS } from './ended-epochs.ts';

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
  for (const seq of [0, 98, 99]) assert.equal(account.arrive('e', seq), 'duplicated');
  assert.deepEqual(figures(account), { received: 101, lost: 0, duplicated: 6, reordered: 0 });
  assert.equal(account.conflicts, 0);
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

test('an epoch that goes on after another has begun is not muted: the conflict is counted, and nothing is lost', () => {
  const { account, lost } = open();
  arriveAll(account, 'live', 0, 99);
  account.arrive('forged', 0);
  arriveAll(account, 'live', 100, 199);
  assert.deepEqual([account.received, account.conflicts], [201, 1]);
  account.miss('forged too', 0, 4, 'age');
  arriveAll(account, 'live', 200, 299);
  assert.deepEqual([account.received, account.conflicts, lost], [301, 2, { age: 5 }]);
});

test('of an epoch that goes on, what is missing is lost, and what the producer says is', () => {
  const { account, lost } = open();
  arriveAll(account, 'live', 0, 99);
  account.arrive('forged', 0);
  account.miss('live', 100, 104, 'full');
  account.arrive('live', 106);
  account.arrive('forged', 1);
  assert.deepEqual([account.conflicts, lost], [2, { full: 5, unknown: 1 }]);
});

test('who is heard first and repeats what is older than all that is known mutes nobody', () => {
  const { account } = open();
  arriveAll(account, 'second', 500, 510);
  arriveAll(account, 'first', 0, 49);
  arriveAll(account, 'second', 511, 520);
  assert.deepEqual([account.received, account.lost, account.conflicts], [71, 0, 1]);
});

test('a repetition of all that a producer has said in as many runs as are remembered changes nothing', () => {
  const { account } = open();
  const runs = Array.from({ length: REMEMBERED_EPOCHS + 1 }, (_, run) => `run ${run}`);
  for (const run of runs) arriveAll(account, run, 0, 9);
  const before = { ...figures(account), conflicts: account.conflicts };
  for (const run of runs) {
    for (let seq = 0; seq < 10; seq++) assert.equal(account.arrive(run, seq), 'duplicated');
    account.miss(run, 0, 9, 'full');
  }
  const { conflicts } = account;
  assert.deepEqual({ ...figures(account), conflicts }, { ...before, duplicated: before.received });
});

test('epochs beyond those that are remembered are forgotten, the one that ended first before the others', () => {
  const { account } = open();
  account.arrive('live', 0);
  for (let i = 0; i < REMEMBERED_EPOCHS; i++) account.arrive(`forged ${i}`, 0);
  assert.equal(account.arrive('live', 1), 'in order');
  assert.deepEqual([account.lost, account.conflicts], [0, 1]);
  assert.equal(account.arrive('forged 0', 0), 'duplicated');
  for (let i = 0; i <= REMEMBERED_EPOCHS; i++) account.arrive(`more ${i}`, 0);
  assert.equal(account.arrive('forged 0', 0), 'in order');
});

/** Each producer's records in their order, mixed; now and then the last ones again, as after a crash of the reader. */
const claims = fc.array(
  fc.record({ by: fc.constantFrom('a', 'b', 'c'), count: fc.integer({ min: 1, max: 50 }), again: fc.nat(60) }),
  { minLength: 1, maxLength: 40 },
);

test('however many producers claim a node, each event is counted once, and none is lost but what is missing', () => {
  fc.assert(
    fc.property(claims, (turns) => {
      const { account } = open();
      const read: [epoch: string, seq: number][] = [];
      const next = new Map<string, number>();
      let [duplicated, conflicts, last] = [0, 0, ''];
      for (const { by, count, again } of turns) {
        const from = next.get(by) ?? 0;
        if (by !== last && from > 0) conflicts++;
        last = by;
        for (let seq = from; seq < from + count; seq++) {
          assert.equal(account.arrive(by, seq), 'in order');
          read.push([by, seq]);
        }
        next.set(by, from + count);
        for (const [epoch, seq] of again === 0 ? [] : read.slice(-again)) {
          assert.equal(account.arrive(epoch, seq), 'duplicated');
          duplicated++;
        }
      }
      assert.deepEqual(figures(account), { received: read.length, lost: 0, duplicated, reordered: 0 });
      assert.equal(account.conflicts, conflicts);
    }),
  );
});

/** The same by definition: every number remembered, every rule a loop. */
class Model {
  received = 0;
  lost = 0;
  duplicated = 0;
  reordered = 0;
  conflicts = 0;
  readonly byReason = new Map<LossReason, number>();
  #epoch: string | undefined;
  /** The highest number of each. */
  readonly #ended = new Map<string, number>();
  #fates = new Map<number, 'received' | 'lost'>();
  #first = 0;
  #newest = -1;
  #skipped = false;

  arrive(epoch: string, seq: number): Arrival {
    if (!this.#enter(epoch, seq, seq)) return this.#duplicate();
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
    if (!this.#enter(epoch, from, to)) return;
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

  #enter(epoch: string, from: number, to: number): boolean {
    if (epoch === this.#epoch) return true;
    const ended = this.#ended.get(epoch);
    if (ended !== undefined && to <= ended) return false;
    const first = this.#epoch === undefined ? from : (ended ?? -1) + 1;
    if (this.#epoch !== undefined) {
      this.#give(this.#newest);
      this.#ended.set(this.#epoch, this.#newest);
    }
    if (ended !== undefined) this.conflicts++;
    this.#first = first;
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
        assert.equal(account.conflicts, model.conflicts);
      }
      assert.deepEqual(new Map(Object.entries(lost)), new Map([...model.byReason]));
      assert.ok(account.completeness >= 0 && account.completeness <= 1);
      assert.ok(account.lost > 0 || account.completeness === 1);
    }),
    { numRuns: 2000 },
  );
});

const TOO_FAR: readonly [what: string, hear: (account: Account) => unknown, like: unknown][] = [
  ['an event', (account) => account.arrive('e', 9 + MAX_STEP + 1), 'implausible'],
  ['the largest number', (account) => account.arrive('e', Number.MAX_SAFE_INTEGER), 'implausible'],
  ['a gap', (account) => account.miss('e', 10, 9 + MAX_STEP + 1, 'full'), false],
  [
    'a gap far from here',
    (account) => account.miss('e', Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 'age'),
    false,
  ],
  ['a gap of another epoch', (account) => account.miss('f', 0, MAX_STEP, 'full'), false],
  ['an event of an epoch that has ended', (account) => account.arrive('old', MAX_STEP + 1), 'implausible'],
];

for (const [what, hear, like] of TOO_FAR) {
  test(`${what} that is too far ahead is not believed and changes nothing`, () => {
    const { account } = open();
    account.arrive('old', 0);
    arriveAll(account, 'e', 0, 9);
    assert.equal(hear(account), like);
    arriveAll(account, 'e', 10, 99);
    assert.deepEqual(figures(account), { received: 101, lost: 0, duplicated: 0, reordered: 0 });
    assert.equal(account.conflicts, 0);
  });
}

test('what is just not too far is believed, and counted without walking through it', () => {
  const { account } = open();
  account.arrive('e', 0);
  assert.equal(account.arrive('e', MAX_STEP), 'in order');
  assert.equal(account.lost, MAX_STEP - AWAITED);
  assert.equal(account.miss('f', 0, MAX_STEP - 1, 'full'), true);
  assert.equal(account.lost, 2 * MAX_STEP - 1);
});

test('an epoch that is first heard of far from its beginning was begun with somebody else: it is in conflict, not lost', () => {
  const { account } = open();
  account.arrive('forged', 0);
  arriveAll(account, 'live', 1e9, 1e9 + 99);
  assert.deepEqual([account.received, account.lost, account.conflicts], [101, 0, 1]);
  const { account: first } = open();
  assert.equal(first.miss('e', 1e9, 1e9 + MAX_STEP, 'full'), false);
  arriveAll(first, 'e', 2e9, 2e9 + 9);
  assert.deepEqual([first.received, first.lost, first.conflicts], [10, 0, 0]);
});
