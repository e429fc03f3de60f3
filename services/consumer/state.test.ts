import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NodeEvent } from '#contract/event.ts';
import type { Gap } from '#contract/gap.ts';
import type { LossReason } from './account.ts';
import { createState, DEFAULT_LIMITS, type Outcome, type State, type StateLimits } from './state.ts';

const NOON = 1_000_000_000;
const GAP: Gap = { v: 1, cluster: 'c', node: 'a', epoch: 'first', from: 0, to: 9, time: 0, reason: 'full' };

interface Change extends Partial<NodeEvent> {
  readonly partition?: number;
  readonly at?: number;
  readonly samples?: number;
  readonly bytes?: number;
}

function open(limits: Partial<StateLimits> = {}) {
  const left: string[] = [];
  const conflicts: string[] = [];
  const lost = new Map<LossReason, number>();
  const state = createState({
    limits: { ...DEFAULT_LIMITS, ...limits },
    lost: (_node, reason, count) => lost.set(reason, (lost.get(reason) ?? 0) + count),
    forgotten: ({ node }) => left.push(node),
    conflict: ({ node }) => conflicts.push(node),
  });
  const take = ({ partition = 0, at = NOON, samples = 1, bytes = 0, ...change }: Change = {}): Outcome => {
    const same = {
      v: 1,
      cluster: 'c',
      node: 'a',
      epoch: 'first',
      seq: 0,
      time: 0,
      interval: 5000,
      metrics: {},
    } as const;
    return state.take({ event: { ...same, ...change }, samples, bytes, partition, now: at });
  };
  const names = () => state.nodes().map(({ node }) => node);
  const up = () => Object.fromEntries(state.nodes().map((view) => [view.node, view.up]));
  return { state, take, left, conflicts, lost, names, up };
}

/** Listens to a partition from one moment to another, a look a second. */
function listen(state: State, from: number, to: number, partition = 0): void {
  for (let asOf = from; asOf <= to; asOf += 1000) state.listen(partition, asOf);
}

/** Listens until producers that were away would be back. */
function settle(state: State, partition = 0): number {
  listen(state, NOON - 15_000, NOON, partition);
  return NOON;
}

test('the newest event of a node is the one that is kept', () => {
  const { state, take } = open();
  assert.equal(take({ seq: 0, metrics: { node_load1: 1 } }), 'applied');
  assert.equal(take({ seq: 1, metrics: { node_load1: 2 }, at: NOON + 5000 }), 'applied');
  const [view, ...others] = state.nodes();
  assert.equal(others.length, 0);
  assert.deepEqual(view?.event.metrics, { node_load1: 2 });
  assert.equal(view?.arrived, NOON + 5000);
});

const NOT_NEWER: readonly [what: string, before: Partial<NodeEvent>[], again: Partial<NodeEvent>, outcome: Outcome][] =
  [
    ['the same event', [{ seq: 3 }], { seq: 3 }, 'duplicated'],
    ['an event that was before all that is known of a node', [{ seq: 3 }], { seq: 2 }, 'duplicated'],
    ['an event of an epoch that has ended', [{ seq: 3 }, { epoch: 'second', seq: 0 }], { seq: 3 }, 'duplicated'],
    ['an event whose number cannot be true', [{ seq: 3 }], { seq: 1e12 }, 'implausible'],
    ['an event that comes late', [{ seq: 3 }, { seq: 5 }], { seq: 4 }, 'reordered'],
  ];

for (const [what, before, again, outcome] of NOT_NEWER) {
  test(`${what} is ${outcome} and changes nothing that is shown`, () => {
    const { state, take } = open();
    for (const change of before) assert.equal(take(change), 'applied');
    const [known] = state.nodes();
    assert.equal(take({ ...again, at: NOON + 1000 }), outcome);
    assert.deepEqual(state.nodes(), [known]);
  });
}

test('a node that somebody else claims, too, is shown as the last of both says, and is in conflict', () => {
  const { state, take, conflicts } = open();
  const load = () => state.nodes().map(({ event, account }) => [event.metrics.node_load1, account.conflicts]);
  take({ seq: 7, metrics: { node_load1: 1 } });
  state.takeGap({ ...GAP, epoch: 'forged' }, 0, NOON);
  assert.deepEqual([load(), conflicts], [[[1, 0]], []]);
  assert.equal(take({ seq: 8, metrics: { node_load1: 2 } }), 'applied');
  assert.deepEqual([load(), conflicts], [[[2, 1]], ['a']]);
  assert.equal(take({ epoch: 'forged', seq: 10, metrics: { node_load1: 9 } }), 'applied');
  assert.deepEqual([load(), conflicts], [[[9, 2]], ['a', 'a']]);
  assert.equal(take({ seq: 8, metrics: { node_load1: 3 } }), 'duplicated');
  assert.deepEqual([load(), conflicts.length], [[[9, 2]], 2]);
});

test('a producer that was started anew counts from 0 and is heard', () => {
  const { take } = open();
  take({ seq: 900 });
  assert.equal(take({ epoch: 'second', seq: 0 }), 'applied');
});

test('a node is up for three of its own intervals, and known afterwards', () => {
  const { state, take, up } = open();
  settle(state);
  take({ interval: 5000 });
  take({ node: 'b', interval: 60_000 });
  listen(state, NOON, NOON + 15_000);
  assert.deepEqual(up(), { a: true, b: true });
  listen(state, NOON + 16_000, NOON + 16_000);
  assert.deepEqual(up(), { a: false, b: true });
});

test('nobody falls silent while the bus is away, or until the producers have had their time to come back', () => {
  const { state, take, up } = open();
  settle(state);
  take();
  listen(state, NOON, NOON + 4000);
  listen(state, NOON + 3_600_000, NOON + 3_600_000 + 15_000 + 11_000);
  assert.deepEqual(up(), { a: true });
  listen(state, NOON + 3_600_000 + 27_000, NOON + 3_600_000 + 27_000);
  assert.deepEqual(up(), { a: false });
});

test('nobody falls silent while there is a backlog, and who was heard in it counts from when it was over', () => {
  const { state, take, up } = open();
  settle(state);
  for (let seq = 0; seq < 100; seq++) take({ seq, at: NOON + seq * 10_000 });
  assert.deepEqual(up(), { a: true });
});

test('silence is measured for each partition by itself', () => {
  const { state, take, up } = open();
  settle(state, 0);
  settle(state, 1);
  take();
  take({ node: 'b', partition: 1 });
  listen(state, NOON, NOON + 20_000, 1);
  assert.deepEqual(up(), { a: true, b: false });
});

test('a node that sends on time is never silent, whatever happens to the bus and the clock', () => {
  const happening = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ does: fc.constant('listen' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant('away' as const), ms: fc.integer({ min: 3_001, max: 1e7 }) }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('set' as const), ms: fc.integer({ min: -1e7, max: 1e7 }) }) },
  );
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const { state, take, up } = open();
      let now = settle(state);
      let [due, seq, backAt] = [now, 0, now];
      for (const { does, ms } of happenings) {
        now += ms;
        if (does === 'set') due += ms;
        if (does === 'away') backAt = now + 10_000;
        // It could send all the time, but while the bus was away and some seconds after.
        if (does === 'listen' && now >= due && now >= backAt) {
          take({ seq: seq++, at: now });
          due = now + 5_000;
        }
        if (does === 'set') backAt = now + 10_000;
        state.listen(0, now);
        assert.notEqual(up().a, false);
      }
    }),
  );
});

test('a node that is silent for a day is forgotten', () => {
  const { state, take, names, left } = open();
  settle(state);
  take();
  listen(state, NOON, NOON + 86_400_000);
  assert.deepEqual(names(), ['a']);
  listen(state, NOON + 86_401_000, NOON + 86_401_000);
  assert.deepEqual([names(), left], [[], ['a']]);
});

test('the nodes of a partition that moved away go with it, the others stay', () => {
  const { state, take, names, left } = open();
  take({ node: 'a' });
  take({ node: 'b', partition: 1 });
  state.drop([0, 7]);
  assert.deepEqual([names(), left], [['b'], []]);
});

test('a node belongs to the partition of its newest event, and what it sent stays known', () => {
  const { state, take, names } = open();
  take({ seq: 4 });
  assert.equal(take({ seq: 4, partition: 1 }), 'duplicated');
  assert.equal(take({ seq: 5, partition: 1 }), 'applied');
  state.drop([0]);
  assert.deepEqual(names(), ['a']);
  state.drop([1]);
  assert.deepEqual(names(), []);
});

test('nodes of the same name in two clusters are two nodes', () => {
  const { state, take } = open();
  take({ cluster: 'one' });
  take({ cluster: 'two' });
  assert.equal(state.nodes().length, 2);
  state.forget({ cluster: 'two', node: 'a' });
  assert.deepEqual(
    state.nodes().map(({ cluster }) => cluster),
    ['one'],
  );
});

test('a node that is forgotten is known again as soon as it is heard', () => {
  const { state, take, names, left } = open();
  take({ seq: 7 });
  state.forget({ cluster: 'c', node: 'a' });
  state.forget({ cluster: 'c', node: 'a' });
  assert.deepEqual([names(), left], [[], []]);
  assert.equal(take({ seq: 9 }), 'applied');
  assert.equal(state.nodes()[0]?.account.lost, 0);
});

test('a node may have any name without touching a prototype', () => {
  const { take, names } = open();
  for (const node of ['__proto__', 'constructor', 'toString']) assert.equal(take({ node }), 'applied');
  assert.deepEqual(names(), ['__proto__', 'constructor', 'toString']);
});

test('a gap is a loss of its node, and shows no node that was not heard', () => {
  const { state, take, names, lost } = open();
  assert.equal(state.takeGap(GAP, 0, NOON), 'taken');
  assert.deepEqual(names(), []);
  take({ seq: 10 });
  const [view] = state.nodes();
  assert.deepEqual([view?.account.received, view?.account.lost, [...lost]], [1, 10, [['full', 10]]]);
});

test('records that were deleted unread are losses of the nodes of their partition', () => {
  const { state, take, lost } = open();
  take({ node: 'a' });
  take({ node: 'b', partition: 1 });
  state.skip(0);
  take({ node: 'a', seq: 5 });
  take({ node: 'b', seq: 5, partition: 1 });
  assert.deepEqual([...lost], [['skipped', 4]]);
});

test('beyond the bound new nodes are left out, while those that are known are up', () => {
  const { state, take, names } = open({ nodes: 2 });
  settle(state);
  for (const node of ['a', 'b']) assert.equal(take({ node }), 'applied');
  assert.equal(take({ node: 'x' }), 'nodes');
  assert.equal(state.takeGap({ ...GAP, node: 'x' }, 0, NOON), 'nodes');
  assert.equal(take({ node: 'a', seq: 1 }), 'applied');
  assert.deepEqual(names(), ['a', 'b']);
});

test('beyond the bound new nodes take the place of the longest silent', () => {
  const { state, take, names, left } = open({ nodes: 3 });
  settle(state);
  take({ node: 'b' });
  listen(state, NOON, NOON + 2_000);
  take({ node: 'a', at: NOON + 2_000 });
  take({ node: 'c', interval: 3_600_000, at: NOON + 2_000 });
  listen(state, NOON + 3_000, NOON + 20_000);
  assert.equal(take({ node: 'x', at: NOON + 20_000 }), 'applied');
  assert.deepEqual([names(), left], [['a', 'c', 'x'], ['b']]);
  assert.equal(take({ node: 'y', at: NOON + 20_000 }), 'applied');
  assert.equal(take({ node: 'z', at: NOON + 22_000 }), 'nodes');
  assert.deepEqual(left, ['b', 'a']);
});

test('series are bounded for a node and for all of them; what is known stays, and is not shown as new', () => {
  const { state, take } = open({ seriesPerNode: 10, series: 25 });
  assert.equal(take({ samples: 11 }), 'series_per_node');
  assert.deepEqual(state.nodes(), []);
  for (const node of ['a', 'b']) assert.equal(take({ node, seq: 1, samples: 10 }), 'applied');
  assert.equal(take({ node: 'd', samples: 6 }), 'series');
  assert.equal(take({ node: 'a', seq: 2, samples: 5 }), 'applied');
  assert.equal(take({ node: 'd', seq: 1, samples: 6 }), 'applied');
  state.drop([0]);
  for (const node of ['a', 'b']) assert.equal(take({ node, samples: 10 }), 'applied');
});

test('long labels take the room of several series', () => {
  const { take } = open({ series: 25 });
  assert.equal(take({ node: 'a', samples: 5, bytes: 64 * 20 }), 'applied');
  assert.equal(take({ node: 'b', samples: 6 }), 'series');
  assert.equal(take({ node: 'a', samples: 5, seq: 1 }), 'applied');
  assert.equal(take({ node: 'b', samples: 6, seq: 1 }), 'applied');
});
