/** Prometheus' own parser reads what hostile nodes call themselves and theirs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row } from '#contract/event.ts';
import { promtoolFindings, skipWithout } from '../../e2e/debian.ts';
import { render } from './exposition.ts';
import { createState } from './state.ts';

const NAMES = [
  '__proto__',
  '\u2028',
  '\u001b[2J',
  '"',
  '\\',
  '\\"',
  '\n',
  '\r',
  '\0',
  '\ufffd',
  '🦊',
  '{}',
  ' ',
  'a="b",',
];

test('names with anything in them make text that Prometheus reads', {
  skip: skipWithout('promtool', 'prometheus'),
}, () => {
  const state = createState();
  const rows = NAMES.map((name, i): Row => [name, i]);
  for (const node of NAMES) {
    const metrics = { node_load1: 1, node_network_receive_bytes_total: rows };
    const same = { v: 1, cluster: 'c', epoch: 'e', seq: 0, time: 0, interval: 5000 } as const;
    assert.equal(
      state.take({ event: { ...same, node, metrics }, samples: 15, bytes: 500, partition: 0, now: 0 }),
      'applied',
    );
  }
  const text = [...render(state.nodes(), 0)].join('');
  assert.deepEqual(promtoolFindings(text), []);
  assert.equal(text.match(/^node_network_receive_bytes_total\{/gm)?.length, NAMES.length ** 2);
});
