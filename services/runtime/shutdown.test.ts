import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from './log.ts';
import { shutDown } from './shutdown.ts';

function logTo(lines: string[]) {
  return createLog('test', 'debug', { write: (line) => void lines.push(line) });
}

test('what was started last is stopped first, one after another', async () => {
  const order: string[] = [];
  const step = (name: string) => ({
    name,
    stop: async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
    },
  });
  assert.equal(await shutDown([step('bus'), step('agent')], 60_000, logTo([])), true);
  assert.deepEqual(order, ['agent begins', 'agent ends', 'bus begins', 'bus ends']);
});

test('a step that fails is named and does not keep the others from their turn', async () => {
  const lines: string[] = [];
  let stopped = false;
  const steps = [
    {
      name: 'bus',
      stop: async () => {
        stopped = true;
      },
    },
    { name: 'agent', stop: () => Promise.reject(new Error('no')) },
  ];
  assert.equal(await shutDown(steps, 60_000, logTo(lines)), false);
  assert.equal(stopped, true);
  assert.equal(lines.length, 1);
  const { level, step, error, msg } = JSON.parse(lines[0] ?? '');
  assert.deepEqual({ level, step, error, msg }, { level: 'error', step: 'agent', error: 'no', msg: 'stop failed' });
});

test('a step that hangs ends at the deadline, and the others still get their turn', async () => {
  const lines: string[] = [];
  let stopped = false;
  const steps = [
    {
      name: 'bus',
      stop: async () => {
        stopped = true;
      },
    },
    { name: 'agent', stop: () => new Promise<never>(() => undefined) },
  ];
  assert.equal(await shutDown(steps, 1, logTo(lines)), false);
  assert.equal(stopped, true);
  assert.match(lines[0] ?? '', /"step":"agent".*not finished 1 ms after/);
});
