import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  assert.equal(cursor.position, -1);
  for (const position of [0, 1, 2 ** 40, 2 ** 52]) {
    cursor.move(position);
    assert.equal(cursorOn(files).position, position);
  }
});

test('whatever byte is damaged, the last position or the one before it is left', () => {
  const files = createFakeFiles();
  const cursor = cursorOn(files);
  cursor.move(7);
  cursor.move(8);
  const whole = Buffer.from(files.content('cursor'));
  const seen = new Set<number>();
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0xff, at);
    files.put('cursor', damaged);
    seen.add(cursorOn(files).position);
  }
  assert.deepEqual([...seen].sort(), [7, 8]);
});

test('an update that tears leaves the position before it', () => {
  const files = createFakeFiles();
  const cursor = cursorOn(files);
  for (let position = 0; position < 9; position++) {
    cursor.move(position);
    for (let callsLeft = 0; callsLeft < 3; callsLeft++) {
      files.callsLeft = callsLeft;
      try {
        cursor.move(position + 1);
      } catch (error) {
        assert.match(String(error), /EIO/);
      }
      files.restart(false);
      assert.ok(cursorOn(files).position >= position);
    }
  }
});

test('a full disk takes an update of a file that is there, and destroys nothing where it is not', () => {
  const files = createFakeFiles();
  const cursor = cursorOn(files);
  cursor.move(1);
  files.capacity = 0;
  cursor.move(2);
  assert.equal(cursorOn(files).position, 2);

  const empty = createFakeFiles();
  const other = cursorOn(empty);
  empty.capacity = 10;
  assert.throws(() => other.move(1), { code: 'ENOSPC' });
  assert.equal(cursorOn(empty).position, -1);
  empty.capacity = 1e9;
  other.move(1);
  assert.equal(cursorOn(empty).position, 1);
});

test('a file that vanished is made again', () => {
  const files = createFakeFiles();
  const cursor = cursorOn(files);
  cursor.move(1);
  files.vanish();
  assert.throws(() => cursor.move(2), { code: 'ENOENT' });
  files.prepare();
  cursor.move(3);
  assert.equal(cursorOn(files).position, 3);
});
