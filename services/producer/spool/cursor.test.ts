import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { openCursor } from './cursor.ts';
import { createFakeFiles, type FakeFiles } from './fake-files.ts';

const fail = (error: unknown) => assert.fail(String(error));

function cursorOn(files: FakeFiles) {
  files.prepare();
  return openCursor(files, fail);
}

test('without a file nothing is done with, and what was moved to is found again', () => {
  const files = createFakeFiles();
  const cursor = cursorOn(files);
  assert.equal(cursor.reached, undefined);
  for (const position of [0, 1, 2 ** 40, 2 ** 52]) {
    cursor.move(position, position + 3);
    assert.deepEqual(cursorOn(files).reached, { done: position, end: position + 3 });
  }
});

test('whatever byte is damaged, the last position or the one before it is left', () => {
  const files = createFakeFiles();
  const cursor = cursorOn(files);
  cursor.move(7, 7);
  cursor.move(8, 8);
  const whole = Buffer.from(files.content('cursor'));
  const seen = new Set<number | undefined>();
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0xff, at);
    files.put('cursor', damaged);
    seen.add(cursorOn(files).reached?.done);
  }
  assert.deepEqual([...seen].sort(), [7, 8]);
});

test('an update that tears leaves the position before it', () => {
  const files = createFakeFiles();
  const cursor = cursorOn(files);
  for (let position = 0; position < 9; position++) {
    cursor.move(position, position);
    for (let callsLeft = 0; callsLeft < 3; callsLeft++) {
      files.callsLeft = callsLeft;
      try {
        cursor.move(position + 1, position + 1);
      } catch (error) {
        assert.match(String(error), /EIO/);
      }
      files.restart(false);
      assert.ok((cursorOn(files).reached?.done ?? -1) >= position);
    }
  }
});

test('a full disk takes an update of a file that is there, and destroys nothing where it is not', () => {
  const files = createFakeFiles();
  const cursor = cursorOn(files);
  cursor.move(1, 1);
  files.capacity = 0;
  cursor.move(2, 2);
  assert.equal(cursorOn(files).reached?.done, 2);

  const empty = createFakeFiles();
  const other = cursorOn(empty);
  empty.capacity = 10;
  assert.throws(() => other.move(1, 1), { code: 'ENOSPC' });
  assert.equal(cursorOn(empty).reached, undefined);
  empty.capacity = 1e9;
  other.move(1, 1);
  assert.equal(cursorOn(empty).reached?.done, 1);
});

test('a file that vanished is made again', () => {
  const files = createFakeFiles();
  const cursor = cursorOn(files);
  cursor.move(1, 1);
  files.vanish();
  assert.throws(() => cursor.move(2, 2), { code: 'ENOENT' });
  files.prepare();
  cursor.move(3, 3);
  assert.equal(cursorOn(files).reached?.done, 3);
});

test('a slot of the first version tells what is done with, and not where the end is', () => {
  const files = createFakeFiles();
  files.prepare();
  files.open('cursor', 'create');
  const content = Buffer.alloc(1024);
  content.writeBigUInt64LE(9n, 516);
  content.writeUInt32LE(crc32(content.subarray(516, 524)), 512);
  files.put('cursor', content);
  const cursor = cursorOn(files);
  assert.deepEqual(cursor.reached, { done: 9, end: undefined });
  cursor.move(9, 12);
  assert.deepEqual(cursorOn(files).reached, { done: 9, end: 12 });
});

test('it is synced when a position has to last, and not again for those before it', () => {
  const files = createFakeFiles();
  const cursor = cursorOn(files);
  cursor.move(4, 4);
  cursor.move(5, 6);
  files.sync();
  const before = files.calls;
  cursor.sync(6);
  assert.equal(files.calls, before);
  cursor.sync(3);
  cursor.sync(5);
  assert.equal(files.calls, before + 1);
  files.restart(true);
  assert.deepEqual(cursorOn(files).reached, { done: 5, end: 6 });
});
