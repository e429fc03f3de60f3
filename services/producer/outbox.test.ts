import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeEvent, encodeEvent } from '#contract/codec.ts';
import { createFakeClock } from './fake-clock.ts';
import { createOutbox } from './outbox.ts';
import { createFakeFiles } from './spool/fake-files.ts';
import { eventOf, eventsIn, nameOf, SIZE, startRun } from './spool/fake-run.ts';
import type { OpenFile } from './spool/files.ts';
import { createSegmentLog, type SegmentLog } from './spool/segments.ts';

/** An outbox in memory with the first so many events in it. */
function outboxOf(maxBytes: number, events = 0, maxAgeMs = 1e9) {
  const run = startRun(undefined, { maxBytes, maxAgeMs });
  for (let i = 0; i < events; i++) run.append();
  return run;
}

test('what was appended is read oldest first, and stays until it is acknowledged', () => {
  const { outbox } = outboxOf(10 * SIZE, 3);
  assert.deepEqual(outbox.peek(10, 1e6).map(nameOf), ['e/0', 'e/1', 'e/2']);
  assert.deepEqual(outbox.peek(2, 1e6).map(nameOf), ['e/0', 'e/1']);
  outbox.acknowledge(2);
  assert.deepEqual(outbox.peek(10, 1e6).map(nameOf), ['e/2']);
  assert.deepEqual([outbox.events, outbox.bytes, outbox.unsaved], [1, SIZE, 1]);
});

test('no more is acknowledged than was handed out', () => {
  const { outbox } = outboxOf(10 * SIZE, 3);
  outbox.peek(1, 1e6);
  outbox.acknowledge(3);
  assert.deepEqual(outbox.peek(10, 1e6).map(nameOf), ['e/1', 'e/2']);
});

test('an entry holds the event as it travels', () => {
  const [entry] = outboxOf(10 * SIZE, 1).outbox.peek(1, 1e6);
  assert.ok(entry !== undefined && 'value' in entry);
  const key = new TextEncoder().encode('c/n');
  assert.deepEqual(decodeEvent({ key, value: entry.value, headers: {} }), {
    event: eventOf('e', 0, 1_000_000),
    samples: 0,
    unknownMetrics: 0,
  });
});

const BATCHES: readonly [maxEvents: number, maxBytes: number, expected: number][] = [
  [3, 1e6, 3],
  [10, 2 * SIZE, 2],
  [10, 2 * SIZE - 1, 1],
  [10, 1, 1],
  [10, 1e6, 5],
];
for (const [maxEvents, maxBytes, expected] of BATCHES) {
  test(`of five events, a batch of at most ${maxEvents} events and ${maxBytes} bytes has ${expected}`, () => {
    assert.equal(outboxOf(10 * SIZE, 5).outbox.peek(maxEvents, maxBytes).length, expected);
  });
}

test('when it is full the oldest go, and one gap in their place says which', () => {
  const run = outboxOf(3 * SIZE, 5);
  assert.deepEqual(run.publish(), ['e/0-1 full', 'e/2', 'e/3', 'e/4']);
  assert.deepEqual(run.lost, { full: 2, age: 0, damaged: 0, refused: 0 });
});

test('an event larger than all the room there is goes, too', () => {
  const { outbox, publish } = outboxOf(SIZE - 1, 1);
  assert.deepEqual([outbox.events, outbox.bytes, publish()], [0, 0, ['e/0-0 full']]);
});

test('what waits too long goes, and what does not stays', () => {
  const run = outboxOf(1e6, 2, 60_000);
  run.clock.spend(60_000);
  run.append();
  assert.equal(run.outbox.oldestMs, 60_000);
  run.clock.spend(1);
  assert.deepEqual(run.publish(), ['e/0-1 age', 'e/2']);
  assert.equal(run.outbox.oldestMs, 0);
});

test('what is handed out is in no gap: what comes after it goes first', () => {
  const run = outboxOf(3 * SIZE, 3);
  assert.deepEqual(run.outbox.peek(2, 1e6).map(nameOf), ['e/0', 'e/1']);
  run.append();
  run.append();
  run.outbox.acknowledge(2);
  assert.deepEqual(run.publish(), ['e/2-3 full', 'e/4']);
});

test('a gap that was handed out and not published grows on', () => {
  const run = outboxOf(2 * SIZE, 4);
  assert.deepEqual(run.outbox.peek(1, 1e6).map(nameOf), ['e/0-1 full']);
  run.append();
  assert.deepEqual(run.outbox.peek(9, 1e6).map(nameOf), ['e/0-2 full', 'e/3', 'e/4']);
});

test('a gap that is on its way does not grow: what goes meanwhile is in the next', () => {
  const run = outboxOf(2 * SIZE, 4);
  run.outbox.peek(1, 1e6);
  run.append();
  run.outbox.acknowledge(1);
  assert.deepEqual(run.publish(), ['e/2-2 full', 'e/3', 'e/4']);
});

test('losses of several nodes make a gap for each, in the place of its first', () => {
  const names: string[] = [];
  const outbox = createOutbox({
    maxBytes: 2 * SIZE + 4,
    maxMemoryBytes: 0,
    maxAgeMs: 1e9,
    clock: createFakeClock(1_000_000),
    lost: (reason, events, first) => names.push(`${reason} ${events} ${first?.epoch}`),
    damaged: () => assert.fail('there is no disk'),
    diskFailed: () => assert.fail('there is no disk'),
    diskWorks: () => assert.fail('there is no disk'),
    empty: () => undefined,
  });
  for (let seq = 0; seq < 4; seq++) for (const epoch of ['a', 'b']) outbox.append(eventOf(epoch, seq, 1_000_000));
  assert.deepEqual(outbox.peek(9, 1e6).map(nameOf), ['a/0-2 full', 'b/0-2 full', 'a/3', 'b/3']);
  assert.equal(names.length, 6);
});

test('however many events earlier runs have left, they come before what is measured now', () => {
  const count = 200_000;
  const file = { linked: () => true } as OpenFile;
  const segment = { name: '', file, size: 0, waiting: count, last: count - 1, synced: true, keys: [] };
  const found = Array.from({ length: count }, (_, seq) => {
    const { metrics: _metrics, ...envelope } = eventOf('d', seq, 1_000_000);
    return { segment, envelope, position: seq, offset: 0, length: SIZE, size: SIZE };
  });
  let opened = false;
  const failed = (error: unknown) => assert.fail(String(error));
  const log: SegmentLog = {
    ...createSegmentLog({ files: createFakeFiles(), segmentBytes: 1e9, now: () => 0, failed }),
    get opened() {
      return opened;
    },
    open() {
      opened = true;
      return { found, runs: [], lostRecords: 0, damagedBytes: 0 };
    },
    read: ({ position }) => encodeEvent(eventOf('d', position, 1_000_000)),
  };
  const outbox = createOutbox({
    maxBytes: 1e9,
    maxMemoryBytes: 1e9,
    maxAgeMs: 1e9,
    clock: createFakeClock(1_000_000),
    log,
    lost: failed,
    damaged: failed,
    diskFailed: failed,
    diskWorks: () => undefined,
    empty: () => undefined,
  });
  outbox.append(eventOf('e', 0, 1_000_000));
  assert.deepEqual([outbox.events, outbox.spooling], [count + 1, true]);
  assert.deepEqual(outbox.peek(1, 1e6).map(nameOf), ['d/0']);
});

test('gaps are bounded, too', () => {
  const run = outboxOf(SIZE, 1);
  for (let i = 0; i < 1500; i++) {
    // Every other loss is of another kind, so no two make one.
    run.outbox.peek(1, 1e6);
    run.append();
  }
  const batch = run.outbox.peek(1e6, 1e9);
  assert.ok(batch.length <= 1001, String(batch.length));
});

test('whatever is done to it, it keeps its bounds and the order, and each event is published, in a gap or there', () => {
  const steps = fc.array(fc.oneof(fc.constant('append'), fc.integer({ min: 1, max: 4 })), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (steps) => {
      const run = outboxOf(5 * SIZE);
      const appended: string[] = [];
      const told: string[] = [];
      for (const step of steps) {
        if (typeof step === 'string') appended.push(run.append());
        else told.push(...run.publish(step));
        assert.ok(run.outbox.bytes <= 5 * SIZE + 100);
      }
      told.push(...run.publish());
      assert.deepEqual(told.flatMap(eventsIn), appended);
    }),
  );
});
