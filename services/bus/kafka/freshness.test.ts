import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Freshness } from './freshness.ts';

function freshness() {
  const clock = { now: 0 };
  const state = new Freshness(() => clock.now, { session: 8_000, rebalance: 28_000, joining: 1_000 });
  const freshAt = (now: number) => {
    clock.now = now;
    return state.fresh;
  };
  return { state, freshAt };
}

test('nobody is fresh before the group has said what is theirs', () => {
  const { state, freshAt } = freshness();
  assert.equal(freshAt(0), false);
  state.joining(0);
  assert.equal(freshAt(1), false);
});

test('a confirmation counts from when it was asked for, whenever the answer came', () => {
  const { state, freshAt } = freshness();
  state.confirmed(1_000);
  assert.equal(freshAt(8_999), true);
  assert.equal(freshAt(9_000), false);
});

test('one that wakes up too late is not fresh until it is confirmed again', () => {
  const { state, freshAt } = freshness();
  state.confirmed(0);
  assert.equal(freshAt(60_000), false);
  state.confirmed(60_001);
  assert.equal(freshAt(60_002), true);
});

test('while the group waits for members to join again they own what they owned, but no longer than it waits', () => {
  const { state, freshAt } = freshness();
  state.confirmed(0);
  for (let now = 5_000; now < 28_000; now += 5_000) {
    state.awaited(now);
    assert.equal(freshAt(Math.min(now + 4_999, 27_999)), true);
  }
  assert.equal(freshAt(28_000), false);
  state.awaited(30_000);
  assert.equal(freshAt(30_001), false);
});

test('an answer to the joining is trusted to come at once, and then it decides', () => {
  const { state, freshAt } = freshness();
  state.confirmed(0);
  state.joining(2_000);
  assert.equal(freshAt(2_999), true);
  assert.equal(freshAt(3_000), false);
  state.confirmed(3_000);
  state.joining(4_000);
  state.ended();
  assert.equal(freshAt(4_001), false);
  state.confirmed(4_100);
  assert.equal(freshAt(4_101), true);
});

test('joining does not make fresh what was not', () => {
  const { state, freshAt } = freshness();
  state.confirmed(0);
  state.joining(7_900);
  assert.equal(freshAt(8_000), false);
});
