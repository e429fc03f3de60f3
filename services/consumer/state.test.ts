import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeEvent } from '#contract/event.ts';
import { createState } from './state.ts';

function event(change: Partial<NodeEvent> = {}): NodeEvent {
  return { v: 1, cluster: 'c', node: 'a', epoch: 'first', seq: 0, time: 0, interval: 5000, metrics: {}, ...change };
}

test('the newest event of a node is the one that is kept', () => {
  const state = createState();
  assert.equal(state.apply(0, event({ seq: 0, metrics: { node_load1: 1 } }), 1000), true);
  assert.equal(state.apply(0, event({ seq: 1, metrics: { node_load1: 2 } }), 6000), true);
  const [view, ...others] = state.nodes(6000);
  assert.equal(others.length, 0);
  assert.deepEqual(view?.event.metrics, { node_load1: 2 });
  assert.equal(view?.arrived, 6000);
});

const AGAIN: readonly [what: string, before: Partial<NodeEvent>[], again: Partial<NodeEvent>][] = [
  ['the same event', [{ seq: 3 }], { seq: 3 }],
  ['an older event of the same epoch', [{ seq: 3 }], { seq: 2 }],
  ['an event of an epoch that has ended', [{ seq: 3 }, { epoch: 'second', seq: 0 }], { seq: 4 }],
];

for (const [what, before, again] of AGAIN) {
  test(`${what}, delivered again, changes nothing`, () => {
    const state = createState();
    for (const change of before) assert.equal(state.apply(0, event(change), 1000), true);
    const known = state.nodes(1000);
    assert.equal(state.apply(0, event(again), 2000), false);
    assert.deepEqual(state.nodes(1000), known);
  });
}

test('a producer that was started anew counts from 0 and is heard', () => {
  const state = createState();
  state.apply(0, event({ seq: 900 }), 1000);
  assert.equal(state.apply(0, event({ epoch: 'second', seq: 0 }), 2000), true);
});

test('a node is up for three of its own intervals, and known afterwards', () => {
  const state = createState();
  state.apply(0, event({ interval: 5000 }), 1000);
  state.apply(0, event({ node: 'b', interval: 60_000 }), 1000);
  const up = (now: number) => state.nodes(now).map((view) => view.up);
  assert.deepEqual(up(16_000), [true, true]);
  assert.deepEqual(up(16_001), [false, true]);
});

test('a node that is silent for a day is forgotten', () => {
  const state = createState();
  state.apply(0, event(), 0);
  assert.equal(state.nodes(86_400_000).length, 1);
  assert.equal(state.nodes(86_400_001).length, 0);
});

test('the nodes of a partition that moved away go with it, the others stay', () => {
  const state = createState();
  state.apply(0, event({ node: 'a' }), 0);
  state.apply(1, event({ node: 'b' }), 0);
  assert.deepEqual(
    state.drop([0, 7]).map(({ node }) => node),
    ['a'],
  );
  assert.deepEqual(
    state.nodes(0).map(({ node }) => node),
    ['b'],
  );
});

test('nodes of the same name in two clusters are two nodes', () => {
  const state = createState();
  state.apply(0, event({ cluster: 'one' }), 0);
  state.apply(0, event({ cluster: 'two' }), 0);
  assert.equal(state.nodes(0).length, 2);
});

test('a node may have any name without touching a prototype', () => {
  const state = createState();
  for (const node of ['__proto__', 'constructor', 'toString']) assert.equal(state.apply(0, event({ node }), 0), true);
  assert.equal(state.nodes(0).length, 3);
});
