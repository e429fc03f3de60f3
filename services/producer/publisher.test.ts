import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewRecord } from '#bus/bus.ts';
import { PipelineError } from '#runtime/errors.ts';
import { createLog } from '#runtime/log.ts';
import { createFakeClock, settle } from './fake-clock.ts';
import { createProducerMetrics } from './metrics.ts';
import { createOutbox } from './outbox.ts';
import { startPublisher } from './publisher.ts';

type Answer = (records: readonly NewRecord[]) => Promise<void>;

const taken: Answer = async () => undefined;
const away: Answer = async () => {
  throw new PipelineError('BUS_UNAVAILABLE', 'no broker answers', { retryable: true });
};
const never: Answer = () => new Promise(() => undefined);

/** A publisher on a bus that answers as it is told, with events 0 to `events` − 1 waiting. */
function start({ events = 0, answer = taken }: { events?: number; answer?: Answer } = {}) {
  const clock = createFakeClock(1_000_000);
  const metrics = createProducerMetrics();
  const lines: Record<string, unknown>[] = [];
  const log = createLog('test', 'debug', { write: (line) => lines.push(JSON.parse(line)) });
  const outbox = createOutbox({ maxBytes: 1e9, dropped: () => undefined });
  const attempts: number[][] = [];
  const onTopic: number[] = [];
  const sent: string[] = [];
  let open = 0;
  const bus = {
    answer,
    async publish(topic: string, records: readonly NewRecord[]) {
      assert.equal(topic, 'system.metrics');
      assert.equal(++open, 1, 'one call at a time');
      const seqs = records.map(({ headers }) => Number(String(headers.ce_id).split('/')[2]));
      attempts.push(seqs);
      sent.push(String(records[0]?.headers.sent));
      try {
        await bus.answer(records);
        onTopic.push(...seqs);
      } finally {
        open--;
      }
    },
  };
  let seq = 0;
  const append = (count = 1) => {
    for (let i = 0; i < count; i++) {
      outbox.append({ v: 1, cluster: 'c', node: 'n', epoch: 'e', seq: seq++, time: 0, interval: 1, metrics: {} });
    }
  };
  append(events);
  const publisher = startPublisher({
    bus,
    topic: 'system.metrics',
    outbox,
    clock,
    random: () => 0.5,
    metrics,
    log,
  });
  const messages = () => lines.map(({ level, msg }) => `${level}: ${msg}`);
  return { bus, clock, metrics, lines, messages, outbox, attempts, onTopic, sent, append, publisher };
}

const total = async (counter: { get(): Promise<{ values: { value: number }[] }> }) =>
  (await counter.get()).values.reduce((sum, { value }) => sum + value, 0);

test('what waits is published in order, in calls of at most 500 events', async () => {
  const { attempts, onTopic, outbox, metrics } = start({ events: 1001 });
  await settle();
  assert.deepEqual(
    attempts.map(({ length }) => length),
    [500, 500, 1],
  );
  assert.deepEqual(onTopic, [...Array(1001).keys()]);
  assert.equal(outbox.events, 0);
  assert.equal(await total(metrics.published), 1001);
});

test('what comes later is published when the publisher is told', async () => {
  const { publisher, append, attempts } = start();
  await settle();
  append();
  publisher.wake();
  await settle();
  append(2);
  publisher.wake();
  await settle();
  assert.deepEqual(attempts, [[0], [1, 2]]);
});

test('what comes while a call is under way goes with the next', async () => {
  const call = Promise.withResolvers<void>();
  const { bus, publisher, append, attempts } = start({ events: 1, answer: () => call.promise });
  append(2);
  publisher.wake();
  await settle();
  assert.deepEqual(attempts, [[0]]);
  bus.answer = taken;
  call.resolve();
  await settle();
  assert.deepEqual(attempts, [[0], [1, 2]]);
});

test('an attempt that fails is made again for as long as it takes, ever more rarely, and each says when it was made', async () => {
  const { bus, clock, attempts, onTopic, sent, append } = start({ events: 1, answer: away });
  const delays: number[] = [];
  await settle();
  for (let i = 0; i < 10; i++) {
    append();
    delays.push(clock.waits()[0] ?? 0);
    await clock.advance(delays.at(-1) ?? 0);
  }
  assert.deepEqual(delays, [150, 250, 450, 850, 1650, 3250, 5050, 5050, 5050, 5050]);
  assert.deepEqual(attempts, Array(11).fill([0]));
  assert.deepEqual(sent.slice(0, 4), ['1000000', '1000150', '1000400', '1000850']);
  bus.answer = taken;
  await clock.advance(10_000);
  assert.deepEqual(onTopic, [...Array(11).keys()]);
});

test('an outage is told once when it begins, and once when it ends with how long it was', async () => {
  const { bus, clock, lines, messages, metrics, publisher } = start({ events: 1, answer: away });
  await clock.advance(60_000);
  assert.match(publisher.trouble() ?? '', /no broker answers/);
  bus.answer = taken;
  await clock.advance(10_000);
  assert.deepEqual(messages(), ['warn: events cannot be published', 'info: events are published again']);
  assert.equal(lines[0]?.error, 'no broker answers');
  assert.ok(Number(lines[1]?.seconds) >= 60 && Number(lines[1]?.seconds) <= 70);
  assert.equal(publisher.trouble(), undefined);
  assert.ok((await total(metrics.publishFailures)) > 10);
});

test('an event that the bus refuses is found and dropped, and all others get through in order', async () => {
  for (const poison of [0, 1, 317, 498, 499]) {
    const answer: Answer = async (records) => {
      const found = records.some(({ headers }) => headers.ce_id === `n/e/${poison}`);
      if (found) throw new PipelineError('BUS_REFUSED', 'too large');
    };
    const { onTopic, outbox, lines, metrics, attempts, publisher } = start({ events: 500, answer });
    await settle();
    await settle();
    assert.deepEqual(
      onTopic,
      [...Array(500).keys()].filter((seq) => seq !== poison),
    );
    assert.equal(outbox.events, 0);
    assert.ok(attempts.length <= 2 * Math.ceil(Math.log2(500)) + 1);
    assert.equal(await total(metrics.dropped), 1);
    assert.deepEqual(
      lines.map(({ level, msg, seq, error }) => [level, msg, seq, error]),
      [['error', 'event dropped: the bus refuses it', poison, 'too large']],
    );
    assert.equal(publisher.trouble(), undefined);
  }
});

test('a bus that goes away while a batch is halved is waited for', async () => {
  let calls = 0;
  const answer: Answer = async (records) => {
    if (++calls % 3 === 0) return away(records);
    if (records.some(({ headers }) => headers.ce_id === 'n/e/5')) throw new PipelineError('BUS_REFUSED', 'too large');
  };
  const { clock, onTopic, outbox } = start({ events: 8, answer });
  await clock.advance(60_000);
  assert.deepEqual(onTopic, [0, 1, 2, 3, 4, 6, 7]);
  assert.equal(outbox.events, 0);
});

test('it is not ready before something was published', async () => {
  const { publisher, append } = start();
  assert.equal(publisher.trouble(), 'nothing has been published yet');
  append();
  publisher.wake();
  await settle();
  assert.equal(publisher.trouble(), undefined);
});

test('the stop publishes what is left', async () => {
  const { publisher, append, onTopic, messages } = start();
  append(3);
  await publisher.stop(1000);
  assert.deepEqual(onTopic, [0, 1, 2]);
  assert.deepEqual(messages(), []);
});

test('the stop does not sit out a pause between two attempts', async () => {
  const { bus, clock, publisher, onTopic } = start({ events: 1, answer: away });
  await clock.advance(30_000);
  bus.answer = taken;
  await publisher.stop(1000);
  assert.deepEqual(onTopic, [0]);
});

for (const [what, answer] of [
  ['refuses to answer', never],
  ['is away', away],
] as const) {
  test(`the stop ends in the time it has, and tells what is lost, if the bus ${what}`, async () => {
    const { clock, publisher, lines, metrics } = start({ events: 3, answer });
    await clock.advance(30_000);
    const stopped = publisher.stop(1000);
    await clock.advance(1000);
    await stopped;
    const { level, msg, events } = lines.at(-1) ?? {};
    assert.deepEqual([level, msg, events], ['error', 'events lost: they could not be published before the end', 3]);
    assert.equal(await total(metrics.dropped), 3);
    await clock.advance(60_000);
    assert.deepEqual(clock.waits(), []);
  });
}
