import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from './log.ts';

test('whatever is logged is one line that no reader takes for two, for a command or for another order of words', () => {
  const lines: string[] = [];
  const log = createLog('test', 'info', { write: (line) => void lines.push(line) });
  const hostile = 'a\nb\r\u001b[2J\u007f\u0085\u009b\u2028\u2029\u202e\u2066\ud800"}\u0000';
  log.info({ [hostile]: hostile, nested: { text: [hostile] } }, hostile);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^[\x20-\x7e]+\n$/);
  const { msg, nested, ...rest } = JSON.parse(lines[0] ?? '');
  assert.deepEqual([msg, nested.text[0], rest[hostile]], [hostile, hostile, hostile]);
});

test('text in other scripts stays readable', () => {
  const lines: string[] = [];
  createLog('test', 'info', { write: (line) => void lines.push(line) }).info('Größe 大小 🦊');
  assert.match(lines[0] ?? '', /"msg":"Größe 大小 🦊"/);
});
