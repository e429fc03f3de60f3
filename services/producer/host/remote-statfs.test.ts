import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeClock } from '../fake-clock.ts';
import { AT_ONCE, createRemoteStatfs, type StatfsEvents } from './remote-statfs.ts';
import type { StatfsAnswer } from './statfs.ts';

const SIZE = { size: 5, free: 4, available: 3, files: 2, filesFree: 1 };
const TIMED_OUT = { error: 'ETIMEOUT' };
const PATHS = ['/a', '/b', '/c'];

/** Children that answer at once, but for paths that hang; a killed one ends, but for those that `linger`. */
function fixture({ starts = true, lingers = false } = {}) {
  const clock = createFakeClock(0);
  const children: { asked: string[]; killed: boolean; events: StatfsEvents }[] = [];
  const hung = new Set<string>();
  const remote = createRemoteStatfs({
    clock,
    start(events) {
      const child = { asked: [] as string[], killed: false, events };
      children.push(child);
      if (starts) queueMicrotask(() => events.message('ready'));
      return {
        ask(path) {
          child.asked.push(path);
          if (!hung.has(path)) queueMicrotask(() => events.message([path, SIZE]));
        },
        kill() {
          child.killed = true;
          if (!lingers) queueMicrotask(() => events.ended());
        },
      };
    },
  });
  const ask = (paths: readonly string[] = PATHS): Record<string, StatfsAnswer> => Object.fromEntries(remote.ask(paths));
  const tick = async (ms = 5000, paths?: readonly string[]) => {
    await clock.advance(ms);
    return ask(paths);
  };
  return { clock, children, hung, remote, ask, tick };
}

test('no mount, no child', async () => {
  const { children, ask, tick } = fixture();
  assert.deepEqual(ask([]), {});
  assert.deepEqual(await tick(5000, []), {});
  assert.equal(children.length, 0);
});

test('the answers of one tick are there at the next, from one child for all', async () => {
  const { children, ask, tick } = fixture();
  assert.deepEqual(ask(), {});
  assert.deepEqual(await tick(), { '/a': SIZE, '/b': SIZE, '/c': SIZE });
  assert.deepEqual(await tick(), { '/a': SIZE, '/b': SIZE, '/c': SIZE });
  assert.deepEqual(
    children.map(({ asked }) => asked),
    [[...PATHS, ...PATHS, ...PATHS]],
  );
});

test('a mount that does not answer within two seconds is timed out, its child killed, and the others go on', async () => {
  const { clock, children, hung, ask, tick } = fixture();
  hung.add('/b');
  ask();
  await clock.advance(1999);
  assert.equal(children[0]?.killed, false);
  await clock.advance(1);
  assert.equal(children[0]?.killed, true);
  assert.deepEqual(await tick(3000), { '/a': SIZE, '/b': TIMED_OUT, '/c': SIZE });
  assert.deepEqual(await tick(), { '/a': SIZE, '/b': TIMED_OUT, '/c': SIZE });
  assert.deepEqual(children[1]?.asked, ['/a', '/c', '/a', '/c']);
});

test('questions that a killed child has not answered are put to the next one', async () => {
  const { clock, children, hung, ask, tick } = fixture();
  hung.add('/a').add('/b');
  ask(['/a']);
  await clock.advance(1000);
  ask(['/a', '/b']);
  await clock.advance(999);
  hung.delete('/b');
  assert.deepEqual(await tick(1000, ['/a', '/b']), { '/a': TIMED_OUT, '/b': SIZE });
  assert.deepEqual(
    children.map(({ asked }) => asked),
    [
      ['/a', '/b'],
      ['/b', '/b'],
    ],
  );
});

test('a stuck mount is asked again after pauses that double, up to two minutes, and is well when it answers', async () => {
  const { children, hung, ask, tick } = fixture();
  hung.add('/a');
  const asked: number[] = [];
  ask(['/a']);
  for (let second = 1; second <= 600; second++) {
    const before = children.length;
    await tick(1000, ['/a']);
    if (children.length > before) asked.push(second);
  }
  assert.deepEqual(asked, [12, 34, 76, 158, 280, 402, 524]);
  hung.clear();
  await tick(60_000, ['/a']);
  assert.deepEqual(await tick(1000, ['/a']), { '/a': SIZE });
  hung.add('/a');
  await tick(5000, ['/a']);
  assert.deepEqual(await tick(5000, ['/a']), { '/a': TIMED_OUT });
});

test('many hung mounts take no place from those that answer', async () => {
  const { hung, ask, tick } = fixture();
  const bad = Array.from({ length: 2 * AT_ONCE + 1 }, (_, i) => `/bad${i}`);
  const good = Array.from({ length: 100 }, (_, i) => `/good${i}`);
  for (const path of bad) hung.add(path);
  ask([...bad, ...good]);
  const first = await tick(10_000, [...bad, ...good]);
  assert.equal(Object.keys(first).length, 165);
  for (const path of bad) assert.deepEqual(first[path], TIMED_OUT);
  for (let tick_ = 0; tick_ < 60; tick_++) {
    const answers = await tick(5000, [...bad, ...good]);
    for (const path of good) assert.deepEqual(answers[path], SIZE);
  }
});

test('children that cannot end do not pile up', async () => {
  const { children, hung, ask, tick } = fixture({ lingers: true });
  hung.add('/a');
  ask();
  for (let minute = 0; minute < 60; minute++) {
    for (let i = 0; i < 12; i++) assert.deepEqual((await tick())['/b'], SIZE);
  }
  assert.equal(children.filter(({ killed }) => killed).length, 4);
  assert.equal(children.length, 5);
  for (const { killed, events } of children) if (killed) events.ended();
  hung.clear();
  await tick();
  assert.deepEqual((await tick())['/a'], SIZE);
});

test('a child that ends by itself, or cannot be started, leaves no answer of earlier; the next tick starts another', async () => {
  const { children, hung, ask, tick } = fixture();
  ask();
  await tick();
  hung.add('/a');
  await tick();
  children[0]?.events.ended('EAGAIN');
  hung.clear();
  assert.deepEqual(await tick(0), { '/a': { error: 'EAGAIN' }, '/b': SIZE, '/c': SIZE });
  assert.deepEqual(await tick(), { '/a': SIZE, '/b': SIZE, '/c': SIZE });
  assert.equal(children.length, 2);
});

test('a child that does not get ready is killed', async () => {
  const { children, ask, tick } = fixture({ starts: false });
  ask(['/a']);
  assert.deepEqual(await tick(9999, ['/a']), {});
  assert.deepEqual(await tick(1, ['/a']), { '/a': { error: 'ECHILD' } });
  assert.deepEqual(
    children.map(({ killed }) => killed),
    [true, false],
  );
});

test('what is unmounted is forgotten, and with the last one the child ends', async () => {
  const { clock, children, ask, tick } = fixture();
  ask();
  assert.deepEqual(await tick(5000, ['/a']), { '/a': SIZE });
  assert.deepEqual(await tick(5000, []), {});
  assert.equal(children[0]?.killed, true);
  assert.deepEqual(clock.waits(), []);
  ask(['/a']);
  assert.deepEqual(await tick(5000, ['/a']), { '/a': SIZE });
});

test('the end waits for no child', async () => {
  const { clock, children, hung, remote, ask } = fixture({ lingers: true });
  hung.add('/a');
  ask();
  await clock.advance(0);
  remote.close();
  assert.equal(children[0]?.killed, true);
  await clock.advance(0);
  assert.deepEqual(clock.waits(), []);
});
