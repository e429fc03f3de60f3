import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Storms } from './storm.ts';
import type { Transition } from './transition.ts';

function transition(node: string, change: Partial<Transition> = {}): Transition {
  return {
    ...{ alertId: `id-${node}`, alertname: 'Busy', state: 'firing', cluster: 'c', node, severity: 'warning' },
    ...{ since: 0, time: 5000, value: 1, wasFiring: true, reason: undefined, late: false, labels: {}, annotations: {} },
    evidence: { group: 'g', expr: 'x', forMs: 0, keepFiringForMs: 0, windowMs: undefined, threshold: undefined },
    ...change,
  } as Transition;
}

test('of 500 nodes at once ten are told one by one and the others together, when the minute is over', () => {
  const storms = new Storms();
  const told = Array.from({ length: 500 }, (_, i) => storms.admit(transition(`n${i}`, { time: 5000 + i }), i)).filter(
    Boolean,
  );
  assert.equal(told.length, 10);
  assert.deepEqual(storms.end(59_999), []);
  const [group, ...others] = storms.end(60_000);
  assert.deepEqual(others, []);
  const { nodes, ...rest } = group ?? assert.fail();
  assert.deepEqual(rest, {
    ...{ alertname: 'Busy', severity: 'warning', state: 'firing', cluster: 'c', count: 490, from: 5010, to: 5499 },
  });
  assert.deepEqual([nodes.length, nodes[0], nodes.at(-1)], [20, 'n10', 'n29']);
});

test('a node that is told by itself stays so, however much it has to say, and another minute begins anew', () => {
  const storms = new Storms();
  for (let i = 0; i < 50; i++) assert.ok(storms.admit(transition('n', { labels: { device: `${i}` } }), i));
  assert.deepEqual(storms.end(60_000), []);
  for (let i = 0; i < 10; i++) assert.ok(storms.admit(transition(`n${i}`), 60_001));
  assert.ok(!storms.admit(transition('n10'), 60_002));
});

test('rules, severities, states and clusters are told apart', () => {
  const storms = new Storms();
  for (let i = 0; i < 10; i++) storms.admit(transition(`n${i}`), 0);
  assert.ok(!storms.admit(transition('n'), 0));
  for (const change of [{ alertname: 'B' }, { severity: 'info' }, { state: 'resolved' }, { cluster: 'd' }] as const) {
    assert.ok(storms.admit(transition('n', change), 0));
  }
});

test('what is told by itself and what is told together is all there was', () => {
  const step = fc.record({ node: fc.nat(40), state: fc.constantFrom('firing', 'resolved'), after: fc.nat(20_000) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const storms = new Storms();
      let [now, told] = [0, 0];
      for (const { node, state, after } of steps) {
        now += after;
        for (const { count } of storms.end(now)) told += count;
        if (storms.admit(transition(`n${node}`, { state: state as Transition['state'] }), now)) told++;
      }
      for (const { count } of storms.end()) told += count;
      assert.equal(told, steps.length);
      assert.deepEqual(storms.end(), []);
    }),
  );
});
