import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewRecord } from '#bus/bus.ts';
import { PipelineError } from '#runtime/errors.ts';
import { createLog } from '#runtime/log.ts';
import { createFakeClock, settle } from './fake-clock.ts';
import { createProducerMetrics } from './metrics.ts';
import { startPublisher } from './publisher.ts';
import { createFakeFiles } from './spool/fake-files.ts';
import { eventsIn, startRun } from './spool/fake-run.ts';

type Answer = (records: readonly NewRecord[]) => Promise<void>;

const taken: Answer = async () => undefined;
const away: Answer = async () => {
  throw new PipelineError('BUS_UNAVAILABLE', 'no broker answers', { retryable: true });
};
const never: Answer = () => new Promise(() => undefined);

interface Options {
  readonly events?: number;
  readonly answer?: Answer;
  readonly disk?: boolean;
  readonly maxBytes?: number;
}

/** A publisher on a bus that answers as it is told, with events 0 to `events` − 1 waiting. */
function start({ events = 0, answer = taken, disk = false, maxBytes = 1e9 }: Options = {}) {
  const clock = createFakeClock(1_000_000);
  const files = disk ? createFakeFiles() : undefined;
  const run = startRun(files, { clock, maxBytes });
  const { outbox } = run;
  const metrics = createProducerMetrics();
  const lines: Record<string, unknown>[] = [];
  const log = createLog('test', 'debug', { write: (line) => lines.push(JSON.parse(line)) });
  const attempts: number[][] = [];
  const gaps: string[] = [];
  const quarantined: string[] = [];
  const onTopic: number[] = [];
  const sent: string[] = [];
  let open = 0;
  const bus = {
    answer,
    async publish(topic: string, records: readonly NewRecord[]) {
      assert.equal(topic, 'system.metrics');
      assert.equal(++open, 1, 'one call at a time');
      const seqs: number[] = [];
      for (const { headers } of records) {
        const [, , place] = String(headers.ce_id).split('/');
        if (place?.startsWith('gap') === true) gaps.push(place);
        else seqs.push(Number(place));
      }
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
  const append = (count = 1) => {
    for (let i = 0; i < count; i++) run.append();
  };
  append(events);
  const publisher = startPublisher({
    bus,
    topic: 'system.metrics',
    outbox,
    clock,
    random: () => 0.5,
    quarantine({ epoch, seq }, value) {
      assert.equal(JSON.parse(Buffer.from(value).toString()).seq, seq);
      quarantined.push(`${epoch}/${seq}`);
      return disk ? `${epoch}-${seq}.json` : undefined;
    },
    metrics,
    log,
  });
  const messages = () => lines.map(({ level, msg }) => `${level}: ${msg}`);
  return {
    bus,
    clock,
    metrics,
    lines,
    messages,
    outbox,
    run,
    files,
    attempts,
    onTopic,
    gaps,
    quarantined,
    sent,
    append,
    publisher,
  };
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

test('an attempt that fails is made again for as long as it takes, ever more rarely, with what has come since', async () => {
  const { bus, clock, attempts, onTopic, sent, append } = start({ events: 1, answer: away });
  const delays: number[] = [];
  await settle();
  for (let i = 0; i < 10; i++) {
    append();
    delays.push(clock.waits()[0] ?? 0);
    await clock.advance(delays.at(-1) ?? 0);
  }
  assert.deepEqual(delays, [150, 250, 450, 850, 1650, 3250, 5050, 5050, 5050, 5050]);
  assert.deepEqual(
    attempts,
    Array.from({ length: 11 }, (_, i) => [...Array(i + 1).keys()]),
  );
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

test('an event that the bus refuses is found and set aside as a gap, and all others get through in order', async () => {
  for (const poison of [0, 1, 317, 498, 499]) {
    const answer: Answer = async (records) => {
      const found = records.some(({ headers }) => headers.ce_id === `n/e/${poison}`);
      if (found) throw new PipelineError('BUS_REFUSED', 'too large');
    };
    const { onTopic, gaps, quarantined, outbox, run, lines, metrics, attempts, publisher } = start({
      events: 500,
      answer,
    });
    await settle();
    await settle();
    assert.deepEqual(
      onTopic,
      [...Array(500).keys()].filter((seq) => seq !== poison),
    );
    assert.equal(outbox.events, 0);
    assert.ok(attempts.length <= 2 * Math.ceil(Math.log2(500)) + 1);
    assert.equal(run.lost.refused, 1);
    assert.deepEqual(gaps.at(-1), `gap-${poison}-${poison}`);
    assert.deepEqual(quarantined, [`e/${poison}`]);
    assert.equal(await total(metrics.gapsPublished), 1);
    assert.equal(await total(metrics.quarantined), 0);
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

test('a gap that the bus refuses is left out', async () => {
  const answer: Answer = async (records) => {
    const found = records.some(({ headers }) => String(headers.ce_type).includes('gap'));
    if (found) throw new PipelineError('BUS_REFUSED', 'of no use');
  };
  const { onTopic, messages, outbox } = start({ events: 3, answer, maxBytes: 200 });
  await settle();
  assert.deepEqual([onTopic, outbox.events], [[1, 2], 0]);
  assert.deepEqual(messages(), ['error: gap not published: the bus refuses it']);
});

test('a gap is published before the events after it, and what was being sent is in none', async () => {
  const call = Promise.withResolvers<void>();
  const { bus, publisher, append, gaps, onTopic, clock } = start({
    events: 2,
    answer: () => call.promise,
    maxBytes: 400,
  });
  await settle();
  append(8);
  bus.answer = away;
  call.resolve();
  await settle();
  assert.deepEqual([onTopic, gaps], [[0, 1], ['gap-2-7']]);
  append(3);
  bus.answer = taken;
  publisher.wake();
  await clock.advance(1000);
  assert.deepEqual(onTopic, [0, 1, 9, 10, 11, 12]);
  assert.deepEqual(gaps, ['gap-2-7', 'gap-2-8']);
});

test('access denied is waited for like a bus that is away, told by its code, and nothing is dropped', async () => {
  const denied: Answer = async () => {
    throw new PipelineError('BUS_DENIED', 'not authorized to write', { retryable: true });
  };
  const { bus, clock, publisher, onTopic, metrics, quarantined } = start({ events: 2, answer: denied });
  await clock.advance(3_600_000);
  assert.match(publisher.trouble() ?? '', /not authorized to write/);
  const { values } = await metrics.publishFailures.get();
  assert.ok((values.find(({ labels }) => labels.code === 'BUS_DENIED')?.value ?? 0) > 300);
  bus.answer = taken;
  await clock.advance(10_000);
  assert.deepEqual([onTopic, quarantined], [[0, 1], []]);
});

test('what is on disk when it stops is not lost', async () => {
  const { clock, publisher, messages, files, metrics } = start({ events: 3, answer: away, disk: true });
  await clock.advance(30_000);
  const stopped = publisher.stop(1000);
  await clock.advance(1000);
  await stopped;
  assert.equal(messages().at(-1), 'info: events stay on disk for the next start');
  assert.equal(await total(metrics.dropped), 0);
  assert.deepEqual(startRun(files).publish().flatMap(eventsIn), ['e/0', 'e/1', 'e/2']);
});

test('an event that is kept in quarantine is counted, and its file told', async () => {
  const answer: Answer = async (records) => {
    if (records.some(({ headers }) => headers.ce_id === 'n/e/1')) throw new PipelineError('BUS_REFUSED', 'too large');
  };
  const { lines, metrics, onTopic } = start({ events: 3, answer, disk: true });
  await settle();
  assert.deepEqual(onTopic, [0, 2]);
  assert.equal(lines[0]?.file, 'e-1.json');
  assert.equal(await total(metrics.quarantined), 1);
});

test('it is not ready before something was published', async () => {
  const { publisher, append } = start();
  assert.equal(publisher.trouble(), 'nothing has been published yet');
  append();
  publisher.wake();
  await settle();
  assert.equal(publisher.trouble(), undefined);
});

test('a bus that gives no answer is told after a while, until it answers', async () => {
  const call = Promise.withResolvers<void>();
  const { bus, clock, publisher, append } = start({ events: 1 });
  await settle();
  bus.answer = () => call.promise;
  append();
  publisher.wake();
  await clock.advance(10_000);
  assert.equal(publisher.trouble(), undefined);
  await clock.advance(2_000);
  assert.equal(publisher.trouble(), 'no answer for 12 s');
  call.resolve();
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
