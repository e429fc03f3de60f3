import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { outcome } from './process.ts';
import { skipWithoutTool, TOOLS } from './tools.ts';

const WORKFLOWS = join(import.meta.dirname, '../../.github/workflows');

test('actionlint finds nothing wrong with the workflows of hosted CI', {
  skip: skipWithoutTool('actionlint'),
}, async () => {
  const files = readdirSync(WORKFLOWS).map((file) => join(WORKFLOWS, file));
  assert.ok(files.length > 0);
  const { status, stdout, stderr } = await outcome(join(TOOLS.actionlint.folder, 'actionlint'), [
    '-no-color',
    ...files,
  ]);
  assert.equal(status, 0, `${stdout}${stderr}`);
});
