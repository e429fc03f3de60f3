import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { eventsIn, startRun } from './fake-run.ts';
import { openFiles } from './files.ts';

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'spool-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

const KILLS = 25;

/** Appends in a process of its own, kills it so long after its first event, and says which events it had named by then. */
async function appendAndKill(directory: string, epoch: string, afterMs: number): Promise<string[]> {
  const program = new URL('append-until-killed.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, directory, epoch], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  const begun = Promise.withResolvers<void>();
  child.stdout.on('data', (chunk) => {
    output += chunk;
    begun.resolve();
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await Promise.race([begun.promise, ended]);
  await setTimeout(afterMs);
  child.kill('SIGKILL');
  await ended;
  return output.split('\n').slice(0, -1);
}

test(`a process killed ${KILLS} times at any moment has lost nothing that was appended, and the order is kept`, async (t) => {
  const directory = directoryOf(t);
  const named: string[] = [];
  const told: string[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    named.push(...(await appendAndKill(directory, `run${kill}`, Math.random() * 60)));
    const reader = startRun(openFiles(directory), { epoch: `reader${kill}`, segmentBytes: 200_000 });
    // What the kill has torn was not appended.
    assert.equal(reader.lost.damaged, 0);
    told.push(...reader.publish(Math.ceil(reader.outbox.events / 2)));
    reader.outbox.close();
  }
  told.push(...startRun(openFiles(directory)).publish());
  // A killed process may have appended one more than it came to name.
  const places = new Map(named.map((name, place) => [name, place]));
  const order = told.flatMap((name) => places.get(name) ?? []);
  assert.deepEqual(order, [...named.keys()]);
  assert.ok(told.length - named.length <= KILLS);
  t.diagnostic(`${named.length} events of ${KILLS} processes`);
});

suite('a file system of its own', { skip: skipWithoutMount() }, () => {
  test('a full one stops nothing: events wait in memory and in gaps, and go to disk again when there is room', (t) => {
    const directory = tmpfsOf(t, '64k');
    const spool = join(directory, 'spool');
    const options = { segmentBytes: 16_384, maxMemoryBytes: 100_000 };
    const run = startRun(openFiles(spool), options);
    const appended = Array.from({ length: 400 }, () => run.append(2000));
    assert.deepEqual([run.outbox.spooling, new Set(run.failures)], [false, new Set(['ENOSPC'])]);
    assert.ok(run.outbox.events - run.outbox.unsaved > 80 && run.outbox.unsaved > 40);
    assert.equal(run.lost.full, appended.length - run.outbox.events);

    const told: string[] = [];
    for (let round = 0; round < 20; round++) {
      told.push(...run.publish(5));
      appended.push(run.append(2000));
    }
    assert.deepEqual([run.outbox.spooling, run.lost.damaged], [true, 0]);
    const other = join(directory, 'other');
    assert.throws(() => writeFileSync(other, Buffer.alloc(300_000)), { code: 'ENOSPC' });
    // Until the page is full that the last of them began.
    while (run.outbox.spooling === true) appended.push(run.append(2000));
    rmSync(other);
    appended.push(run.append(2000));
    assert.deepEqual([run.outbox.spooling, run.outbox.unsaved], [true, 0]);
    run.outbox.close();
    told.push(...startRun(openFiles(spool), { ...options, epoch: 'next' }).publish());
    assert.deepEqual(told.flatMap(eventsIn), appended);
  });

  test('one that becomes read-only stops nothing, and what it holds is still published', (t) => {
    const directory = tmpfsOf(t, '1m');
    const first = startRun(openFiles(directory));
    const appended = [first.append(), first.append()];
    first.outbox.close();
    execFileSync('mount', ['-o', 'remount,ro', directory]);
    const second = startRun(openFiles(directory), { epoch: 'f' });
    appended.push(second.append(), second.append());
    assert.deepEqual([second.outbox.spooling, second.outbox.unsaved], [false, 2]);
    assert.deepEqual(second.publish(), appended);
    assert.ok(
      second.failures.every((code) => code === 'EROFS'),
      second.failures.join(' '),
    );
  });
});

function tmpfsOf(t: TestContext, size: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'tmpfs-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory]);
  t.after(() => {
    execFileSync('umount', ['-l', directory]);
    rmSync(directory, { recursive: true });
  });
  return directory;
}

function skipWithoutMount(): string | false {
  const directory = mkdtempSync(join(tmpdir(), 'mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', directory], { stdio: 'ignore' });
    execFileSync('umount', [directory]);
    return false;
  } catch {
    return 'this user may not mount a tmpfs';
  } finally {
    rmSync(directory, { recursive: true });
  }
}
