import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lockSpool } from './lock.ts';

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'lock-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

const taken = { code: 'CONFIG', message: /SPOOL_DIR=.*: expected it for this process alone, another one has it/ };

test('a directory belongs to one process at a time, until it lets go', async (t) => {
  const directory = directoryOf(t);
  const lock = await lockSpool(directory);
  assert.equal(lock.missing, undefined);
  await assert.rejects(lockSpool(directory), taken);
  await lock.release();
  await (await lockSpool(directory)).release();
  assert.deepEqual(readdirSync(directory), []);
});

/** A process that takes the lock and is killed. */
function crashIn(directory: string): void {
  const module = JSON.stringify(new URL('lock.ts', import.meta.url).pathname);
  const script = `const { lockSpool } = await import(${module}); await lockSpool(${JSON.stringify(directory)}); process.kill(process.pid, 'SIGKILL');`;
  assert.throws(() => execFileSync(process.execPath, ['--input-type=module', '-e', script]), { signal: 'SIGKILL' });
  assert.deepEqual(readdirSync(directory), ['lock.1']);
}

test('what a killed owner has left is taken over at once', async (t) => {
  const directory = directoryOf(t);
  crashIn(directory);
  const lock = await lockSpool(directory);
  assert.equal(lock.missing, undefined);
  await assert.rejects(lockSpool(directory), taken);
  await lock.release();
});

test('of many that come at once after a crash one has it', async (t) => {
  const directory = directoryOf(t);
  crashIn(directory);
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockSpool(directory)));
  const owners = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  assert.deepEqual(
    owners.map(({ missing }) => missing),
    [undefined],
  );
  assert.deepEqual(readdirSync(directory), ['lock.2']);
  await Promise.all(owners.map((owner) => owner.release()));
});

test('a directory that allows no lock is used without one, and says why', async () => {
  const { missing } = await lockSpool('/proc/self/fdinfo');
  assert.match(missing ?? '', /\S/);
});
