import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NodeEvent } from '#contract/event.ts';
import { createAgent } from './agent.ts';
import { createFakeClock, type FakeClock, settle } from './fake-clock.ts';
import { createProducerMetrics } from './metrics.ts';

const INTERVAL = 5000;
/** A multiple of the interval. */
const NOON = Date.UTC(2026, 0, 2, 12);

function start(clock: FakeClock, collect: () => void = () => undefined) {
  const events: NodeEvent[] = [];
  const metrics = createProducerMetrics();
  const stop = new AbortController();
  const agent = createAgent({
    cluster: 'c',
    node: 'n',
    epoch: 'e',
    interval: INTERVAL,
    clock,
    metrics,
    collect() {
      collect();
      return { node_load1: events.length };
    },
    append: (event) => events.push(event),
  });
  const running = agent.run(stop.signal);
  const skipped = async () => (await metrics.ticksSkipped.get()).values[0]?.value;
  return { events, agent, running, stop, skipped };
}

test('the node is measured at each multiple of the interval, whenever the agent started', async () => {
  const clock = createFakeClock(NOON + 1234);
  const { events } = start(clock);
  await clock.advance(15_000);
  assert.deepEqual(
    events.map(({ time }) => time - NOON),
    [5000, 10_000, 15_000],
  );
});

test('an event names its node, its run, its place in the run and when the next is due', async () => {
  const clock = createFakeClock(NOON);
  const { events } = start(clock);
  await clock.advance(10_000);
  const common = { v: 1, cluster: 'c', node: 'n', epoch: 'e', interval: INTERVAL };
  assert.deepEqual(events, [
    { ...common, seq: 0, time: NOON + 5000, metrics: { node_load1: 0 } },
    { ...common, seq: 1, time: NOON + 10_000, metrics: { node_load1: 1 } },
  ]);
});

test('a tick that takes too long costs the ticks it covers, which are counted and not made up for', async () => {
  const clock = createFakeClock(NOON);
  const slow = [12_000];
  const { events, skipped } = start(clock, () => clock.spend(slow.pop() ?? 0));
  await clock.advance(40_000);
  assert.deepEqual(
    events.map(({ time }) => time - NOON),
    [5000, 20_000, 25_000, 30_000, 35_000, 40_000],
  );
  assert.deepEqual(
    events.map(({ seq }) => seq),
    [0, 1, 2, 3, 4, 5],
  );
  assert.equal(await skipped(), 2);
});

test('a wait that ends late costs the ticks it covers', async () => {
  const clock = createFakeClock(NOON);
  const { events, skipped } = start(clock);
  await settle();
  clock.spend(17_000);
  await clock.advance(3_000);
  assert.deepEqual(
    events.map(({ time }) => time - NOON),
    [17_000, 20_000],
  );
  assert.equal(await skipped(), 2);
});

test('a timer that ends a little early does not make two ticks of one', async () => {
  const clock = createFakeClock(NOON);
  const early = { ...clock, wait: (ms: number, signal: AbortSignal) => clock.wait(Math.max(0, ms - 1), signal) };
  const { events } = start(early);
  await clock.advance(20_000);
  assert.deepEqual(
    events.map(({ time }) => time - NOON),
    [4999, 9999, 14_999, 19_999],
  );
});

test('a wall clock that jumps neither stops the loop nor makes it spin', async () => {
  const jumps = fc.array(fc.integer({ min: -(10 ** 10), max: 10 ** 10 }), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(jumps, async (jumps) => {
      const clock = createFakeClock(NOON);
      const { events, skipped } = start(clock);
      await clock.advance(1);
      for (const jump of jumps) {
        clock.jump(jump);
        await clock.advance(INTERVAL);
        assert.ok(clock.waits().every((ms) => ms > 0 && ms <= INTERVAL + 5));
      }
      // One tick in each span of an interval, and one more where the clock came to stand shortly before a multiple.
      assert.ok(events.length >= jumps.length - 1 && events.length <= 2 * jumps.length);
      assert.equal(await skipped(), 0);
    }),
    { numRuns: 50 },
  );
});

test('after a jump the ticks are at multiples of the interval again', async () => {
  const clock = createFakeClock(NOON);
  const { events } = start(clock);
  await clock.advance(5000);
  clock.jump(-3_600_000 + 2000);
  await clock.advance(15_000);
  assert.deepEqual(
    events.map(({ time }) => time - NOON + 3_600_000),
    [3_605_000, 12_000, 15_000, 20_000],
  );
});

test('it tells how long ago the node was measured', async () => {
  const clock = createFakeClock(NOON);
  const { agent } = start(clock);
  await clock.advance(4000);
  assert.equal(agent.sinceTick(), 4000);
  await clock.advance(3000);
  assert.equal(agent.sinceTick(), 2000);
});

test('it ends when told to, with a last event that says so', async () => {
  const clock = createFakeClock(NOON);
  const { events, running, stop } = start(clock);
  await clock.advance(7000);
  stop.abort();
  await running;
  assert.deepEqual(
    events.map(({ seq, time, pause }) => [seq, time - NOON, pause]),
    [
      [0, 5000, undefined],
      [1, 7000, 180_000],
    ],
  );
  assert.deepEqual(clock.waits(), []);
});
