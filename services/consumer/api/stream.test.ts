import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { Transition } from '../alerts/transition.ts';
import type { NodeRow } from './shapes.ts';
import { createStream } from './stream.ts';
import { RecentTransitions } from './transitions.ts';

/** A response that keeps what it is sent. */
class Reader extends EventEmitter {
  writableLength = 0;
  readonly sent: string[] = [];
  readonly setHeader = () => undefined;
  readonly writeHead = () => undefined;
  write(message: string | Buffer): void {
    this.sent.push(message.toString());
  }
  end(): void {
    this.emit('close');
  }
  destroy(): void {
    this.emit('close');
  }
  /** The events' names, since the last time. */
  events(): string[] {
    return this.sent
      .splice(0)
      .flatMap((text) => [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name as string));
  }
}

function rowsOf(many: number, timeMs: number): NodeRow[] {
  const row = { cluster: 'c', up: true, timeMs, ageSeconds: 0, intervalSeconds: 5, alertsFiring: 0, alertsPending: 0 };
  return Array.from({ length: many }, (_, i) => ({ ...row, node: `n${i}` }));
}

function start(nodes = 1) {
  const transitions = new RecentTransitions();
  const state = { made: 0, time: 0 };
  const stream = createStream({
    rows: () => {
      state.made++;
      return rowsOf(nodes, state.time);
    },
    transitions,
    fresh: () => true,
    now: () => 0,
    about: { replica: 'r', version: 'v', run: 'run', historyBytes: 0 },
    setHeaders: () => undefined,
  });
  const open = (headers: Record<string, string> = {}) => {
    const reader = new Reader();
    stream.route({ method: 'GET', headers } as unknown as IncomingMessage, reader as unknown as ServerResponse);
    return reader;
  };
  return { stream, transitions, state, open };
}

const transition = (alertId: string) => ({ alertId, alertname: 'A', state: 'firing', value: 1 }) as Transition;

test('nothing is made while nobody reads, and once for all who do', () => {
  const { stream, state, open } = start();
  stream.tick();
  assert.equal(state.made, 0);
  const readers = [open(), open(), open()];
  assert.equal(state.made, 1);
  assert.deepEqual(
    readers.map((reader) => reader.events()),
    Array.from(readers, () => ['hello', 'nodes']),
  );
  state.time++;
  stream.tick();
  assert.equal(state.made, 2);
  for (const reader of readers) assert.deepEqual(reader.events(), ['tick']);
});

test('without news there is a sign of life every ten seconds', () => {
  const { stream, open } = start();
  const reader = open();
  reader.events();
  for (let second = 0; second < 30; second++) stream.tick();
  assert.deepEqual(reader.events(), ['tick', 'tick', 'tick']);
});

test('a reader that does not take what it is sent is cut off; the others are not', () => {
  const { stream, state, open } = start();
  const [slow, quick] = [open(), open()];
  slow.writableLength = 2 ** 30;
  slow.events();
  state.time++;
  stream.tick();
  assert.deepEqual([slow.events(), stream.readers], [[], 1]);
  assert.ok(quick.events().includes('tick'));
});

test('with very many nodes each tick is a second longer for each two thousand', () => {
  const { stream, state, open } = start(5000);
  const reader = open();
  reader.events();
  for (let second = 0; second < 9; second++) {
    state.time++;
    stream.tick();
  }
  assert.deepEqual(reader.events(), ['tick', 'tick', 'tick']);
});

test('transitions are told with their numbers; when more came at once than is kept, that is told', () => {
  const { stream, transitions, open } = start();
  const reader = open();
  reader.events();
  transitions.add(transition('a'));
  transitions.add(transition('b'));
  stream.flush();
  stream.flush();
  assert.match(reader.sent.join(''), /^id: run-1\n(.|\n)*id: run-2\n/);
  assert.deepEqual(reader.events(), ['transition', 'transition']);
  for (let i = 0; i < 2000; i++) transitions.add(transition(`${i}`));
  stream.flush();
  assert.deepEqual(reader.events(), ['reset']);
  assert.match(open({ 'last-event-id': 'run-2' }).sent.join(''), /"resumed":false/);
  const again = open({ 'last-event-id': 'run-2000' });
  assert.deepEqual(again.events(), ['hello', 'transition', 'transition', 'nodes']);
});

test('at the end every reader is let go, and none is taken any more', () => {
  const { stream, open } = start();
  open();
  stream.close();
  assert.equal(stream.readers, 0);
  const late = open();
  assert.deepEqual([late.events(), stream.readers], [[], 0]);
});
