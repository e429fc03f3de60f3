import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeEvent } from '#contract/event.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createFleet } from './fleet.ts';
import { createFleetAgent } from './fleet-agent.ts';

const NOON = Date.UTC(2026, 0, 5, 12);
const INTERVAL = 5000;

function run({ nodes = 4, speed = 1, start = NOON, hasRoom = () => true }) {
  const clock = createFakeClock(start);
  const events: NodeEvent[] = [];
  let skipped = 0;
  let ticks = 0;
  const metrics = {
    ticks: { inc: () => ticks++ },
    ticksSkipped: { inc: (count: number) => (skipped += count) },
  } as unknown as Parameters<typeof createFleetAgent>[0]['metrics'];
  const options = { cluster: 'c', nodes, seed: 1, interval: INTERVAL, from: clock.now(), collectors: ['loadavg'] };
  const append = (event: NodeEvent) => void events.push(event);
  const agent = createFleetAgent({ fleet: createFleet(options), speed, clock, append, hasRoom, metrics });
  const stopping = new AbortController();
  const ended = agent.run(stopping.signal);
  const stop = async () => {
    stopping.abort();
    await ended;
  };
  const moments = () => events.map(({ node, time }) => [node, time - NOON] as const);
  return { agent, clock, events, moments, stop, counts: () => ({ ticks, skipped }) };
}

test('each node is measured once an interval, in turn, when it is due', async () => {
  const { clock, moments, stop, counts } = run({ start: NOON + 1 });
  await clock.advance(1230);
  assert.deepEqual(moments(), []);
  await clock.advance(8800);
  assert.deepEqual(moments(), [
    ['node-0001', 1250],
    ['node-0002', 2500],
    ['node-0003', 3750],
    ['node-0000', 5000],
    ['node-0001', 6250],
    ['node-0002', 7500],
    ['node-0003', 8750],
    ['node-0000', 10_000],
  ]);
  assert.deepEqual(counts(), { ticks: 8, skipped: 0 });
  await stop();
});

test('a fleet of many is measured in portions, and none is late by more than a moment', async () => {
  const { clock, events, stop } = run({ nodes: 1000, start: NOON + 1 });
  let late = 0;
  for (let ms = 0; ms < 1000; ms++) {
    const before = events.length;
    await clock.advance(1);
    for (const { time } of events.slice(before)) late = Math.max(late, clock.now() - time);
  }
  assert.equal(events.length, 200);
  assert.ok(late <= 25, `late by ${late} ms`);
  await stop();
});

test('at real speed, what could not be measured in time is left out and counted', async () => {
  const { clock, events, moments, stop, counts } = run({});
  await clock.advance(5000);
  const before = events.length;
  clock.spend(60_000);
  await clock.advance(1250);
  const [, first = 0] = moments()[before] ?? [];
  assert.ok(first >= 60_000, `${first}`);
  assert.equal(counts().skipped + counts().ticks, events.length + counts().skipped);
  assert.ok(counts().skipped >= 47 && counts().skipped <= 49, `${counts().skipped}`);
  await stop();
});

test('a wall clock that is set back is followed', async () => {
  const { clock, moments, stop } = run({});
  await clock.advance(5000);
  clock.jump(-3_600_000);
  await clock.advance(10_000);
  const back = moments().filter(([, time]) => time < 0);
  assert.ok(back.length >= 7, `${back.length}`);
  await stop();
});

test('at a higher speed time flies, for the events and not for how often a node is measured in its own', async () => {
  const { clock, events, stop, counts } = run({ speed: 60 });
  await clock.advance(10_000);
  const own = events.filter(({ node }) => node === 'node-0002');
  assert.ok(own.length >= 119 && own.length <= 121, `${own.length}`);
  for (const [i, { seq, time, interval }] of own.entries()) {
    assert.equal(seq, i);
    assert.equal(time - (own[0]?.time ?? 0), i * INTERVAL);
    assert.equal(interval, INTERVAL);
  }
  assert.equal(counts().skipped, 0);
  await stop();
});

test('at a higher speed a fleet waits for who cannot follow, and leaves nothing out', async () => {
  let room = true;
  const { clock, events, stop, counts } = run({ speed: 60, hasRoom: () => room });
  await clock.advance(1000);
  const before = events.length;
  room = false;
  await clock.advance(30_000);
  assert.ok(events.length <= before + 1);
  room = true;
  await clock.advance(1000);
  const own = events.filter(({ node }) => node === 'node-0001').map(({ time }) => time);
  assert.deepEqual(
    own,
    own.map((_, i) => (own[0] ?? 0) + i * INTERVAL),
  );
  assert.ok(events.length < 3 * before, `${events.length} events, ${before} before`);
  assert.equal(counts().skipped, 0);
  await stop();
});

test('the agent says how long ago it last looked', async () => {
  const { agent, clock, stop } = run({});
  await clock.advance(5000);
  clock.spend(20_000);
  assert.ok(agent.sinceTick() >= 20_000);
  await stop();
});
