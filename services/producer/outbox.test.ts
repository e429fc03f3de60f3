import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeEvent, encodeEvent } from '#contract/codec.ts';
import type { NodeEvent } from '#contract/event.ts';
import { createOutbox, type Entry } from './outbox.ts';

const event = (seq: number): NodeEvent => ({
  v: 1,
  cluster: 'c',
  node: 'n',
  epoch: 'e',
  seq,
  time: 0,
  interval: 1,
  metrics: {},
});
const SIZE = encodeEvent(event(0)).length;
const seqs = (entries: readonly Entry[]) => entries.map(({ envelope }) => envelope.seq);

function outboxOf(maxBytes: number, events = 0) {
  const gone: number[] = [];
  const outbox = createOutbox({ maxBytes, dropped: ({ envelope }) => gone.push(envelope.seq) });
  for (let seq = 0; seq < events; seq++) outbox.append(event(seq));
  return { outbox, gone };
}

test('what was appended is read oldest first, and stays until it is acknowledged', () => {
  const { outbox } = outboxOf(10 * SIZE, 3);
  assert.deepEqual(seqs(outbox.peek(10, 1e6)), [0, 1, 2]);
  assert.deepEqual(seqs(outbox.peek(10, 1e6)), [0, 1, 2]);
  outbox.acknowledge(outbox.peek(2, 1e6).at(-1)?.position ?? -1);
  assert.deepEqual(seqs(outbox.peek(10, 1e6)), [2]);
  assert.deepEqual([outbox.events, outbox.bytes], [1, SIZE]);
});

test('an entry holds the event as it travels', () => {
  const { outbox } = outboxOf(10 * SIZE, 1);
  const [entry] = outbox.peek(1, 1e6);
  const key = new TextEncoder().encode('c/n');
  assert.deepEqual(decodeEvent({ key, value: entry?.value ?? null, headers: {} }), {
    event: event(0),
    samples: 0,
    unknownMetrics: 0,
  });
});

const BATCHES: readonly [maxEvents: number, maxBytes: number, expected: number[]][] = [
  [3, 1e6, [0, 1, 2]],
  [10, 2 * SIZE, [0, 1]],
  [10, 2 * SIZE - 1, [0]],
  [10, 1, [0]],
  [10, 1e6, [0, 1, 2, 3, 4]],
];
for (const [maxEvents, maxBytes, expected] of BATCHES) {
  test(`of five events, a batch of at most ${maxEvents} events and ${maxBytes} bytes has ${expected.length}`, () => {
    assert.deepEqual(seqs(outboxOf(10 * SIZE, 5).outbox.peek(maxEvents, maxBytes)), expected);
  });
}

test('when it is full the oldest go and are told', () => {
  const { outbox, gone } = outboxOf(3 * SIZE, 5);
  assert.deepEqual(gone, [0, 1]);
  assert.deepEqual(seqs(outbox.peek(10, 1e6)), [2, 3, 4]);
});

test('an event larger than all the room there is goes, too', () => {
  const { outbox, gone } = outboxOf(SIZE - 1, 1);
  assert.deepEqual([gone, outbox.events, outbox.bytes], [[0], 0, 0]);
});

test('acknowledging a batch, of which the oldest went meanwhile, leaves what came after it', () => {
  const { outbox } = outboxOf(3 * SIZE, 3);
  const batch = outbox.peek(2, 1e6);
  outbox.append(event(3));
  outbox.acknowledge(batch.at(-1)?.position ?? -1);
  assert.deepEqual(seqs(outbox.peek(10, 1e6)), [2, 3]);
});

test('whatever is done to it, it keeps its bounds and the order, and each event is read, dropped or there', () => {
  const steps = fc.array(fc.oneof(fc.constant('append'), fc.integer({ min: 1, max: 4 })), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (steps) => {
      const { outbox, gone } = outboxOf(5 * SIZE);
      const read: number[] = [];
      let seq = 0;
      for (const step of steps) {
        if (typeof step === 'string') outbox.append(event(seq++ % 10));
        else {
          const batch = outbox.peek(step, 1e6);
          read.push(...seqs(batch));
          outbox.acknowledge(batch.at(-1)?.position ?? -1);
        }
        assert.ok(outbox.bytes <= 5 * SIZE && outbox.bytes === outbox.events * SIZE);
      }
      assert.equal(read.length + gone.length + outbox.events, seq);
    }),
  );
});
