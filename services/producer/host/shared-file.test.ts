import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Host } from './proc.ts';
import { sharedFile } from './shared-file.ts';

test('each round reads the file once, whoever is first', () => {
  let reads = 0;
  const host = { read: (path: string) => `${path} ${++reads}` } as Host;
  const file = sharedFile('proc/stat');
  const [one, two] = [file.reader(), file.reader()];
  assert.deepEqual(
    [one(host), two(host), one(host), two(host)],
    [1, 1, 2, 2].map((n) => `proc/stat ${n}`),
  );
  assert.deepEqual([two(host), two(host)], ['proc/stat 3', 'proc/stat 4']);
});

test('a reader that failed does not get the text of an earlier round', () => {
  let round = 0;
  const host = {
    read() {
      round++;
      if (round === 1) throw new Error('not now');
      return `${round}`;
    },
  } as unknown as Host;
  const file = sharedFile('proc/stat');
  const [one, two] = [file.reader(), file.reader()];
  assert.throws(() => one(host));
  assert.equal(two(host), '2');
  assert.deepEqual([one(host), two(host)], ['3', '3']);
});
