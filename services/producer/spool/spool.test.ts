import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeFiles, type FakeFiles } from './fake-files.ts';
import { eventsIn, type FakeRun, type FakeRunOptions, startRun } from './fake-run.ts';

/** Room for two records. */
const SEGMENT = { segmentBytes: 420 };

function appended(count: number, options: FakeRunOptions = {}): { files: FakeFiles; run: FakeRun; names: string[] } {
  const files = createFakeFiles();
  const run = startRun(files, { ...SEGMENT, ...options });
  const names = Array.from({ length: count }, () => run.append());
  return { files, run, names };
}

const logs = (files: FakeFiles) => files.list().filter((name) => name.endsWith('.log'));

/** Published by runs one after the other, once what came twice is taken out as a consumer does. */
function once(names: readonly string[]): string[] {
  return [...new Set(names)];
}

test('the next run publishes what the one before did not, in order and with its epoch, before its own', () => {
  const { files, run } = appended(5);
  assert.deepEqual(run.publish(2), ['e/0', 'e/1']);
  files.restart(false);
  const second = startRun(files, { ...SEGMENT, epoch: 'f' });
  second.append();
  assert.equal(second.outbox.events, 4);
  files.restart(false);
  const third = startRun(files, { ...SEGMENT, epoch: 'g' });
  third.append();
  assert.deepEqual(third.publish(), ['e/2', 'e/3', 'e/4', 'f/0', 'g/0']);
  assert.deepEqual(third.failures, []);
});

test('a file is removed when all of it is published, and the last one at the end', () => {
  const { files, run } = appended(5);
  assert.equal(logs(files).length, 3);
  run.publish(2);
  assert.equal(logs(files).length, 2);
  run.publish();
  assert.equal(logs(files).length, 1);
  run.outbox.close();
  assert.deepEqual(files.list(), ['cursor']);
  const next = startRun(files);
  assert.deepEqual([next.outbox.events, next.publish(), next.append(), next.publish()], [0, [], 'e/0', ['e/0']]);
});

test('bytes are what the files hold, and the oldest file goes before there are too many, leaving one gap that grows', () => {
  const { files, run } = appended(0, { maxBytes: 1000 });
  for (let i = 0; i < 20; i++) {
    run.append();
    const held = logs(files).reduce((sum, name) => sum + files.content(name).length, 0);
    assert.equal(run.outbox.bytes, held);
    assert.ok(held <= 1000, String(held));
  }
  assert.deepEqual(run.publish(), ['e/0-15 full', 'e/16', 'e/17', 'e/18', 'e/19']);
  assert.equal(run.lost.full, 16);
});

test('a gap that was not published is found by the next run, in its place', () => {
  const { files, run } = appended(20, { maxBytes: 1000 });
  run.clock.spend(1);
  files.restart(false);
  const next = startRun(files, { ...SEGMENT, epoch: 'f' });
  next.append();
  assert.deepEqual(next.publish(2), ['e/0-15 full', 'e/16']);
  files.restart(false);
  assert.deepEqual(startRun(files, SEGMENT).publish(), ['e/17', 'e/18', 'e/19', 'f/0']);
});

test('what has been handed out is not dropped before it is known what became of it', () => {
  const { run } = appended(4, { maxBytes: 1000 });
  const batch = run.outbox.peek(2, 1e6);
  for (let i = 0; i < 10; i++) run.append();
  run.outbox.acknowledge(batch.length);
  assert.deepEqual(run.publish(), ['e/2-11 full', 'e/12', 'e/13']);
});

test('what has waited too long goes, by a clock that nobody sets', () => {
  const { files, run } = appended(3, { maxAgeMs: 60_000 });
  run.clock.jump(86_400_000);
  run.clock.spend(50_000);
  run.append();
  assert.equal(run.outbox.oldestMs, 50_000);
  run.clock.spend(10_001);
  run.append();
  assert.deepEqual(run.publish(3), ['e/0-2 age', 'e/3', 'e/4']);
  assert.equal(run.lost.age, 3);
  assert.equal(logs(files).length, 1);
});

test('events of a run before age while there is none', () => {
  const { files, run } = appended(2, { maxAgeMs: 60_000 });
  run.clock.spend(50_000);
  run.append();
  files.restart(false);
  run.clock.spend(20_000);
  const next = startRun(files, { ...SEGMENT, clock: run.clock, maxAgeMs: 60_000 });
  assert.equal(next.outbox.oldestMs, 20_000);
  assert.deepEqual(next.publish(), ['e/0-1 age', 'e/2']);
});

test('an event that the bus refuses becomes a gap, which the next run knows, too', () => {
  const { files, run } = appended(3);
  run.outbox.peek(1, 1e6);
  run.outbox.refuse();
  files.restart(false);
  assert.deepEqual(startRun(files).publish(), ['e/0-0 refused', 'e/1', 'e/2']);
});

test('nothing is synced while the bus takes all, and at most once a second while it does not', () => {
  const { files, run } = appended(0, { segmentBytes: 1e6 });
  for (let i = 0; i < 5; i++) {
    run.append();
    run.publish();
  }
  files.restart(true);
  assert.deepEqual(files.list(), []);

  const piling = startRun(files, { epoch: 'f' });
  for (let i = 0; i < 6; i++) {
    piling.append();
    piling.clock.spend(400);
  }
  files.restart(true);
  // The first that finds another one waiting is synced, and after a second the next.
  assert.deepEqual(startRun(files).publish(), ['f/0', 'f/1', 'f/2', 'f/3', 'f/4']);
});

test('a full disk makes events wait in memory, and they go to disk, in order, when there is room again', () => {
  const { files, run } = appended(3);
  files.capacity = logs(files).reduce((sum, name) => sum + files.content(name).length, 0) + 50;
  run.append();
  run.append();
  assert.deepEqual([run.outbox.spooling, run.outbox.unsaved, run.outbox.events], [false, 2, 5]);
  assert.deepEqual(run.failures, ['ENOSPC', 'ENOSPC']);
  files.capacity = 1e9;
  run.append();
  assert.deepEqual([run.outbox.spooling, run.outbox.unsaved], [true, 0]);
  files.restart(false);
  assert.deepEqual(startRun(files).publish(), ['e/0', 'e/1', 'e/2', 'e/3', 'e/4', 'e/5']);
});

test('a disk that is full of one file, which is not full itself, has room again when all in it is published', () => {
  const { files, run } = appended(9, { segmentBytes: 1e6 });
  run.publish(1);
  files.capacity = files.list().reduce((sum, name) => sum + files.content(name).length, 0) + 50;
  run.append();
  assert.deepEqual([run.outbox.spooling, run.outbox.unsaved], [false, 1]);
  run.publish();
  for (let i = 0; i < 2; i++) run.append();
  assert.deepEqual([run.outbox.spooling, run.outbox.unsaved], [true, 0]);
  assert.deepEqual(run.publish(), ['e/10', 'e/11']);
});

test('while the disk is full memory has a bound of its own, whose oldest go', () => {
  const { files, run } = appended(2, { maxMemoryBytes: 500 });
  files.capacity = 0;
  for (let i = 0; i < 20; i++) run.append();
  assert.equal(run.outbox.events, 2 + 5);
  assert.deepEqual(run.publish(), ['e/0', 'e/1', 'e/2-16 full', 'e/17', 'e/18', 'e/19', 'e/20', 'e/21']);
});

test('a directory that vanishes costs nothing but what a restart would lose, and is made again', () => {
  const { files, run } = appended(3);
  files.vanish();
  assert.equal(run.outbox.unsaved, 3);
  run.append();
  assert.equal(run.outbox.unsaved, 3);
  assert.deepEqual(run.publish(), ['e/0', 'e/1', 'e/2', 'e/3']);
  run.append();
  files.restart(false);
  assert.ok(startRun(files).publish().includes('e/4'));
});

test('a directory that cannot be had at the start is used from when it can, what it holds first', () => {
  const { files } = appended(2);
  files.callsLeft = 0;
  const run = startRun(files, { ...SEGMENT, epoch: 'f' });
  run.append();
  assert.deepEqual([run.outbox.spooling, run.outbox.events], [false, 1]);
  files.restart(false);
  run.append();
  assert.deepEqual(run.publish(), ['e/0', 'e/1', 'f/0', 'f/1']);
});

test('a record that the disk does not give back is a gap, and the others are published', () => {
  const { files, run } = appended(5);
  const [first = ''] = logs(files);
  const content = files.content(first);
  content.writeUInt8(content.readUInt8(content.length - 1) ^ 1, content.length - 1);
  assert.deepEqual(run.publish(), ['e/0', 'e/1-1 damaged', 'e/2', 'e/3', 'e/4']);
  assert.deepEqual(run.lost.damaged, 1);
  assert.ok(run.damagedBytes > 0);
});

for (const flip of [0x01, 0xff]) {
  test(`a spool with any byte changed by ${flip} starts, loses the hit record alone, and counts it`, () => {
    const count = 7;
    const { files: pattern, run } = appended(count, { maxBytes: 1500 });
    run.publish(1);
    const all = Array.from({ length: count - 1 }, (_, i) => `e/${i + 1}`);
    let hits = 0;
    for (const name of pattern.list()) {
      const original = Buffer.from(pattern.content(name));
      for (let at = 0; at < original.length; at++) {
        const files = copyOf(pattern);
        const content = Buffer.from(original);
        content.writeUInt8(content.readUInt8(at) ^ flip, at);
        files.put(name, content);
        const next = startRun(files, { ...SEGMENT, epoch: 'f' });
        next.append();
        const published = next.publish();
        const where = `${name}:${at}: ${published.join(' ')}`;
        const missing = all.filter((event) => !published.includes(event));
        assert.ok(missing.length <= 1, where);
        assert.equal(next.lost.damaged, missing.length, where);
        assert.deepEqual(
          published.filter((entry) => !entry.includes('-')).filter((event) => event !== 'e/0'),
          [...all.filter((event) => !missing.includes(event)), 'f/0'],
        );
        const gaps = published.filter((entry) => entry.includes('-')).flatMap(eventsIn);
        assert.ok(
          gaps.every((event) => missing.includes(event)),
          where,
        );
        if (missing.length === 0) continue;
        hits++;
        assert.ok(next.damagedBytes > 0, where);
        // Between two neighbours it is known which event it was.
        const inside = missing[0] !== all.at(-1);
        assert.deepEqual(gaps, inside ? missing : [], where);
      }
    }
    assert.ok(hits > 500, String(hits));
  });
}

test('a spool cut at any byte starts, and loses only what was behind the cut in that file', () => {
  const { files: pattern, names } = appended(7);
  for (const name of pattern.list()) {
    const original = pattern.content(name);
    const before = startRun(copyOf(pattern)).publish();
    assert.deepEqual(before, names);
    for (let size = 0; size < original.length; size++) {
      const files = copyOf(pattern);
      files.put(name, Buffer.from(original.subarray(0, size)));
      const next = startRun(files, { ...SEGMENT, epoch: 'f' });
      next.append();
      const published = next.publish().filter((entry) => !entry.includes('-'));
      const missing = names.filter((event) => !published.includes(event));
      const first = name.endsWith('.log') ? Number(/\d+/.exec(name)) : 0;
      const cut = names.slice(first, first + 2);
      assert.ok(
        missing.every((event) => cut.includes(event)),
        `${name}:${size}: ${missing}`,
      );
      assert.deepEqual(published, [...names.filter((event) => !missing.includes(event)), 'f/0']);
    }
  }
});

/** Some of everything: files that fill up, publishing, a gap, a refusal. */
function scenario(files: FakeFiles): { run: FakeRun; published: string[]; done: string[] } {
  const published: string[] = [];
  const done: string[] = [];
  const run = startRun(files, { ...SEGMENT, maxBytes: 1100 });
  for (let i = 0; i < 12; i++) {
    done.push(run.append());
    if (i % 4 === 3) published.push(...run.publish(2));
  }
  run.outbox.peek(1, 1e6);
  run.outbox.refuse();
  done.push(run.append());
  return { run, published, done };
}

for (const power of [false, true]) {
  test(`a process that ends at any call to the disk, ${power ? 'with the power' : 'killed'}, loses what it may and no more`, () => {
    const whole = createFakeFiles();
    scenario(whole);
    for (let calls = 0; calls <= whole.calls; calls++) {
      const files = createFakeFiles();
      files.callsLeft = calls;
      const { run, published, done } = scenario(files);
      const { unsaved } = run.outbox;
      files.restart(power);
      const next = startRun(files, { ...SEGMENT, epoch: 'f' });
      next.append();
      const after = next.publish();
      const known = new Set([...published, ...after].flatMap(eventsIn));
      const missing = done.filter((event) => !known.has(event));
      assert.deepEqual(
        once(after.filter((entry) => !entry.includes('-'))),
        after.filter((entry) => !entry.includes('-')),
      );
      assert.equal(after.at(-1), 'f/0');
      if (power) continue;
      const lost = run.lost.full + run.lost.refused + run.lost.damaged + next.lost.damaged;
      assert.ok(missing.length <= unsaved + lost, `${calls}: ${missing} of ${unsaved} + ${lost}`);
    }
  });

  test(`a disk that fails at any call, and works again, loses nothing that is not told${power ? ', in the next run either' : ''}`, () => {
    const whole = createFakeFiles();
    scenario(whole);
    for (let calls = 0; calls <= whole.calls; calls++) {
      const files = createFakeFiles();
      files.callsLeft = calls;
      files.errno = 'ENOSPC';
      const { run, published, done } = scenario(files);
      files.restart(false);
      done.push(run.append());
      const last = power ? startRun(files, { ...SEGMENT, epoch: 'f' }) : run;
      const told = [...published, ...last.publish()];
      const known = new Set(told.flatMap(eventsIn));
      const missing = done.filter((event) => !known.has(event));
      assert.deepEqual(missing, [], `${calls}: ${told.join(' ')}`);
    }
  });
}

function copyOf(pattern: FakeFiles): FakeFiles {
  const files = createFakeFiles();
  files.prepare();
  for (const name of pattern.list()) {
    files.open(name, 'create');
    files.put(name, Buffer.from(pattern.content(name)));
  }
  return files;
}
