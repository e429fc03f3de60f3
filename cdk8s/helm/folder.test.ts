import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { differencesOf } from './folder.ts';

test('what is missing, what differs and what is stale are differences, what is right is none', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'folder-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'sub'));
  for (const path of ['right', 'wrong', 'sub/right', 'sub/stale']) writeFileSync(join(folder, path), 'old');
  const files = new Map([
    ['right', 'old'],
    ['wrong', 'new'],
    ['sub/right', 'old'],
    ['sub/missing', 'new'],
  ]);
  assert.deepEqual(differencesOf(folder, files), [
    { path: join(folder, 'wrong'), text: 'new' },
    { path: join(folder, 'sub/missing'), text: 'new' },
    { path: join(folder, 'sub/stale') },
  ]);
});

test('of a folder that is not there everything is missing', () => {
  const folder = join(tmpdir(), 'there-is-no-such-folder');
  assert.deepEqual(differencesOf(folder, new Map([['a', 'x']])), [{ path: join(folder, 'a'), text: 'x' }]);
});
