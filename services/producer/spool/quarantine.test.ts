import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeFiles } from './fake-files.ts';
import { eventOf } from './fake-run.ts';
import { createQuarantine } from './quarantine.ts';

function start() {
  const files = createFakeFiles();
  const failures: unknown[] = [];
  let now = 1_700_000_000_000;
  const failed = (error: unknown) => failures.push(error);
  const keep = createQuarantine({ files, maxBytes: 100, now: () => now++, failed });
  const put = (epoch: string, seq: number, bytes: number) => keep(eventOf(epoch, seq, 0), Buffer.alloc(bytes, 'x'));
  return { files, failures, put };
}

test('an event is kept as it is, in a file named by when, and which it was', () => {
  const { files, put } = start();
  assert.equal(put('ab12', 7, 5), '1700000000000-ab12-7.json');
  assert.equal(String(files.content('1700000000000-ab12-7.json')), 'xxxxx');
});

test('the oldest go when there is no more room', () => {
  const { files, put } = start();
  for (let seq = 0; seq < 5; seq++) put('e', seq, 40);
  assert.deepEqual(files.list(), ['1700000000003-e-3.json', '1700000000004-e-4.json']);
  put('e', 5, 100);
  assert.deepEqual(files.list(), ['1700000000005-e-5.json']);
});

test('what is larger than all the room is not kept, and costs nothing that is', () => {
  const { files, put } = start();
  put('e', 0, 40);
  assert.equal(put('e', 1, 101), undefined);
  assert.equal(files.list().length, 1);
});

test('an epoch from a spool that somebody has tampered with does not lead out of the directory', () => {
  assert.equal(start().put('../../x', 0, 1), '1700000000000-..%2F..%2Fx-0.json');
});

test('a disk that does not take it is told, and no more', () => {
  const { files, put, failures } = start();
  files.capacity = 3;
  assert.equal(put('e', 0, 40), undefined);
  assert.equal(failures.length, 1);
});
