import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createFakeClock } from '../fake-clock.ts';
import { createFakeFiles, type FakeFiles } from './fake-files.ts';
import { eventsIn, type FakeRun, type FakeRunOptions, startRun } from './fake-run.ts';
import { scan } from './record.ts';

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
  assert.deepEqual(files.list().toSorted(), ['cursor', 'runs']);
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

test('events of runs before are as old as the events after them say, and no older for the time without a run', () => {
  const options = { ...SEGMENT, maxAgeMs: 60_000, interval: 10_000 };
  const { files, run } = appended(4, options);
  files.restart(false);
  run.clock.spend(1e9);
  const second = startRun(files, { ...options, clock: run.clock, epoch: 'f' });
  assert.equal(second.outbox.oldestMs, 30_000);
  for (let i = 0; i < 4; i++) second.append();
  files.restart(false);
  const third = startRun(files, { ...options, clock: run.clock, epoch: 'g' });
  assert.equal(third.outbox.oldestMs, 60_000);
  run.clock.spend(10_000);
  assert.deepEqual(third.publish(), ['e/0-0 age', 'e/1', 'e/2', 'e/3', 'f/0', 'f/1', 'f/2', 'f/3']);
});

const HOUR = 3_600_000;
for (const [clock, jump] of Object.entries({
  'two hours fast': 2 * HOUR,
  '30 days slow': -720 * HOUR,
  'at 1970': -1.7e12,
})) {
  test(`a clock that is ${clock} and set right, or wrong in the next run, makes no event old`, () => {
    for (const [before, between] of [
      [jump, -jump],
      [0, jump],
    ] as const) {
      const clock = createFakeClock(1.7e12 + 1);
      clock.jump(before);
      const { files, names } = appended(4, { clock, maxAgeMs: HOUR });
      files.restart(false);
      clock.jump(between);
      const next = startRun(files, { ...SEGMENT, clock, maxAgeMs: HOUR, epoch: 'f' });
      assert.deepEqual([next.publish(), next.lost.age], [names, 0]);
    }
  });
}

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

test('a start that the disk interrupts at any call is made again, and is whole then', () => {
  const { files: pattern, names } = appended(7);
  for (let calls = 0, interrupted = true; interrupted; calls++) {
    const files = copyOf(pattern);
    files.callsLeft = calls;
    const next = startRun(files, { ...SEGMENT, epoch: 'f' });
    interrupted = next.failures.length > 0;
    files.restart(false);
    next.append();
    const held = logs(files).reduce((sum, name) => sum + files.content(name).length, 0);
    assert.deepEqual([next.outbox.bytes, next.outbox.spooling], [held, true]);
    const published = next.publish();
    assert.deepEqual(published.flatMap(eventsIn), [...names, 'f/0'], String(calls));
    const gaps = published.filter((entry) => entry.includes('-')).flatMap(eventsIn);
    assert.equal(next.lost.damaged, gaps.length);
  }
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
        assert.deepEqual(gaps, missing, where);
        if (missing.length === 0) continue;
        hits++;
        assert.ok(next.damagedBytes > 0, where);
      }
    }
    assert.ok(hits > 500, String(hits));
  });
}

/** Starts the next run on what is left, and says what is missing: that and no more is counted and published as gaps, in order. */
function missingFrom(files: FakeFiles, names: readonly string[], where: string): readonly string[] {
  const next = startRun(files, { ...SEGMENT, epoch: 'f' });
  next.append();
  const published = next.publish();
  const missing = names.filter((event) => !published.includes(event));
  assert.deepEqual(published.flatMap(eventsIn), [...names, 'f/0'], where);
  assert.equal(next.lost.damaged, missing.length, where);
  assert.equal(next.outbox.events, 0, where);
  return missing;
}

test('a spool cut at any byte starts, and loses what was behind the cut in that file, which it counts and tells', () => {
  const { files: pattern, names } = appended(7);
  assert.deepEqual(missingFrom(copyOf(pattern), names, 'whole'), []);
  for (const name of pattern.list()) {
    const original = pattern.content(name);
    const first = name.endsWith('.log') ? Number(/\d+/.exec(name)) : 0;
    const inFile = name.endsWith('.log') ? names.slice(first, first + 2) : [];
    const each = original.length / Math.max(1, inFile.length);
    for (let size = 0; size < original.length; size++) {
      const files = copyOf(pattern);
      files.put(name, Buffer.from(original.subarray(0, size)));
      const missing = missingFrom(files, names, `${name}:${size}`);
      assert.deepEqual(missing, inFile.slice(Math.floor(size / each)), `${name}:${size}`);
    }
  }
});

/** Room for three packed events; the first one of each file, which the others are packed with, is there twice. */
const PACKED = { segmentBytes: 7_000 };

function packed(): { files: FakeFiles; names: string[]; at: (name: string) => number[] } {
  const { files, run, names } = appended(0, PACKED);
  while (logs(files).length < 3) names.push(run.append(3_000));
  return {
    files,
    names,
    at: (name) => [...scan(files.content(name))].map((part) => ('meta' in part ? part.length : 0)),
  };
}

test('large events are packed with the first of their file, and published as they were', () => {
  const { files, names, at } = packed();
  const [key = 0, twin, ...others] = at(logs(files)[0] ?? '');
  assert.equal(twin, key);
  assert.ok(key < 3_000 && others.length > 3 && others.every((length) => length < 400), String(others));
  assert.deepEqual(startRun(files, { ...PACKED, epoch: 'f' }).publish(), names);
});

for (const flip of [0x01, 0xff]) {
  test(`of packed events any byte changed by ${flip} costs the hit one alone, and none if it is what they are packed with`, () => {
    const { files: pattern, names, at } = packed();
    const [name = ''] = logs(pattern);
    const [key = 0] = at(name);
    for (let offset = 0; offset < pattern.content(name).length; offset += 7) {
      const files = copyOf(pattern);
      const content = files.content(name);
      content.writeUInt8(content.readUInt8(offset) ^ flip, offset);
      const missing = missingFrom(files, names, `${name}:${offset}`);
      assert.equal(missing.length, offset < 2 * key ? 0 : 1, `${name}:${offset}`);
    }
  });
}

test('packed events whose key is lost twice over are counted and told, and cost no other file', () => {
  const { files, names, at } = packed();
  const [name = ''] = logs(files);
  const [key = 0, twin = 0, ...others] = at(name);
  for (const offset of [50, key + 50]) files.content(name).writeUInt8(0xff, offset);
  assert.ok(twin > 0);
  assert.deepEqual(missingFrom(files, names, name), names.slice(0, others.length + 1));
});

test('a run reads what it has packed when one of the two keys goes bad', () => {
  const { files, run } = appended(0, PACKED);
  const names = [run.append(3_000), run.append(3_000), run.append(3_000)];
  files.content(logs(files)[0] ?? '').writeUInt8(0xff, 50);
  assert.deepEqual(run.publish(), names);
});

test('whichever file of a spool is removed, what was in it is counted and told', () => {
  const { files: pattern, names } = appended(7);
  for (const name of pattern.list()) {
    const files = copyOf(pattern);
    files.remove(name);
    const first = Number(/\d+/.exec(name) ?? 99);
    assert.deepEqual(missingFrom(files, names, name), names.slice(first, first + 2));
  }
});

test('of a spool that has lost all but its cursor and its runs each event is told', () => {
  const { files, names } = appended(7);
  for (const name of logs(files)) files.remove(name);
  assert.deepEqual(missingFrom(files, names, ''), names);
});

test('what was lost is counted by one run only, even if that does not come to tell it', () => {
  const { files } = appended(7);
  files.remove(logs(files)[1] ?? '');
  const second = startRun(files, { ...SEGMENT, epoch: 'f' });
  assert.equal(second.lost.damaged, 2);
  files.restart(false);
  const third = startRun(files, { ...SEGMENT, epoch: 'g' });
  assert.deepEqual([third.lost.damaged, third.publish(3)], [0, ['e/0', 'e/1', 'e/2-3 damaged']]);
});

test('an event that is on disk, of which the cursor does not know, is not lost', () => {
  const { files, run, names } = appended(2);
  const cursor = Buffer.from(files.content('cursor'));
  names.push(run.append());
  files.put('cursor', cursor);
  assert.deepEqual(missingFrom(files, names, ''), []);
});

test('a spool of the first version is read, with what it knows of what is missing', () => {
  const path = new URL('testdata/version-1.json', import.meta.url);
  const contents: Record<string, string> = JSON.parse(readFileSync(path, 'utf8'));
  const told = ['d/1-1 refused', 'd/2', 'e/0', 'e/1', 'e/2', 'e/3', 'e/4', 'e/5', 'e/6'];
  const open = (change: (files: FakeFiles) => void) => {
    const files = createFakeFiles();
    files.prepare();
    for (const [name, content] of Object.entries(contents)) {
      files.open(name, 'create');
      files.put(name, Buffer.from(content, 'base64'));
    }
    change(files);
    return { files, run: startRun(files, { ...SEGMENT, epoch: 'f' }) };
  };
  const { files, run } = open(() => undefined);
  assert.deepEqual([run.append(), run.publish(4), run.lost.damaged], ['f/0', told.slice(0, 4), 0]);
  files.restart(false);
  const next = startRun(files, { ...SEGMENT, epoch: 'g' });
  assert.deepEqual([next.publish(), next.failures], [[...told.slice(4), 'f/0'], []]);

  const { run: damaged } = open((files) => files.remove('0000000000000005.log'));
  assert.deepEqual(damaged.publish(), [...told.slice(0, 4), 'e/2-3 damaged', ...told.slice(6)]);
  assert.equal(damaged.lost.damaged, 2);
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
