import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openHost } from './proc.ts';

function temporary(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'host-'));
  const host = openHost(root);
  t.after(() => {
    host.close();
    rmSync(root, { recursive: true });
  });
  mkdirSync(join(root, 'proc'));
  return { host, root, file: join(root, 'proc/file') };
}

test('a file is read below the root, and anew each time', (t) => {
  const { host, file } = temporary(t);
  writeFileSync(file, 'one\n');
  assert.equal(host.read('proc/file'), 'one\n');
  writeFileSync(file, 'two, which is longer\n');
  assert.equal(host.read('proc/file'), 'two, which is longer\n');
  writeFileSync(file, '3\n');
  assert.equal(host.read('proc/file'), '3\n');
});

test('a file is read to its end, however long it is', (t) => {
  const { host, file } = temporary(t);
  for (const length of [65_535, 65_536, 65_537, 1_000_000]) {
    const text = 'x'.repeat(length);
    writeFileSync(file, text);
    assert.equal(host.read('proc/file'), text);
  }
});

test('nothing there is undefined, and what comes later is found', (t) => {
  const { host, file } = temporary(t);
  assert.equal(host.read('proc/file'), undefined);
  assert.equal(host.read('proc/file/below'), undefined);
  writeFileSync(file, 'here\n');
  assert.equal(host.read('proc/file'), 'here\n');
  assert.equal(host.read('proc/file/below'), undefined);
});

test('what this user may not read is undefined', (t) => {
  const { host, file } = temporary(t);
  writeFileSync(file, 'secret\n');
  chmodSync(file, 0);
  assert.equal(
    asNobody(() => host.read('proc/file')),
    undefined,
  );
});

/** Root may read all, so for a moment it is not root. */
function asNobody<T>(read: () => T): T {
  if (process.geteuid?.() !== 0) return read();
  process.seteuid?.(65534);
  try {
    return read();
  } finally {
    process.seteuid?.(0);
  }
}

test('what went away while it was open is undefined', {
  skip: process.platform !== 'linux' && 'no /proc',
}, async (t) => {
  const host = openHost('/');
  const child = spawn('sleep', ['1000']);
  t.after(() => host.close());
  const exit = once(child, 'exit');
  assert.match(host.read(`proc/${child.pid}/stat`) ?? '', new RegExp(`^${child.pid} `));
  child.kill();
  await exit;
  assert.equal(host.read(`proc/${child.pid}/stat`), undefined);
});

test('any other reason not to read is an error that names the file', (t) => {
  const { host, root } = temporary(t);
  assert.throws(() => host.read('proc'), {
    name: 'PipelineError',
    code: 'PARSE',
    message: `${root}/proc: EISDIR: illegal operation on a directory, read`,
  });
});

test('the size of a file system is in bytes, and an error is its code', (t) => {
  const { host } = temporary(t);
  const here = host.statfs('/');
  assert.ok(!('error' in here));
  assert.ok(here.size >= here.free && here.free >= here.available && here.size > 1e6);
  assert.deepEqual(host.statfs('/nowhere'), { error: 'ENOENT' });
});

test('only the root directory is the own host', (t) => {
  assert.equal(temporary(t).host.own, false);
  assert.equal(openHost('/').own, true);
});
