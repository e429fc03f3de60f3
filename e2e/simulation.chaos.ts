/** A day of a calm fleet before the default rules. Takes minutes; of a smaller one simulation.test.ts has a day. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR, START, watchFleet } from './simulation.ts';

test('200 calm nodes raise no alert in 24 hours', (t) => {
  const begin = process.cpuUsage();
  const { lives, nodes } = watchFleet({ nodes: 200, seed: 3, interval: 30_000, from: START }, 24 * HOUR);
  const { user, system } = process.cpuUsage(begin);
  t.diagnostic(`${nodes.size * 2880} events in ${((user + system) / 1e6).toFixed(0)} s of CPU`);
  assert.deepEqual(lives, []);
});
