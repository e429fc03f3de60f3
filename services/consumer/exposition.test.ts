import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Metrics, Row } from '#contract/event.ts';
import { render } from './exposition.ts';
import type { NodeView } from './state.ts';

function view(node: string, metrics: Metrics, change: Partial<NodeView> = {}): NodeView {
  const event = { v: 1, cluster: 'c', node, epoch: 'e', seq: 0, time: 0, interval: 5000, metrics } as const;
  const account = { received: 1, lost: 0, duplicated: 0, reordered: 0, conflicts: 0, completeness: 1 };
  const shown = { partition: 0, arrived: 0, skew: undefined, up: true, silentSince: undefined };
  return { cluster: 'c', node, event, ...shown, account, ...change };
}

const textOf = (nodes: readonly NodeView[], now = 0): string => [...render(nodes, now)].join('');

test('two nodes, one of them silent, read as the golden text', () => {
  const nodes = [
    view('worker-1', {
      node_load1: 0.4,
      node_memory_MemTotal_bytes: 16771735552,
      node_cpu_seconds_total: [
        ['0', 'user', 1843.21],
        ['0', 'idle', 90231.5],
      ],
      node_filesystem_avail_bytes: [['/dev/nvme0n1p2', '/', 'ext4', '', 84213760000]],
    }),
    view('worker-2', { node_load1: 2, node_cpu_seconds_total: [['0', 'user', 1e-7]] }, { skew: -1500 }),
    view(
      'worker-3',
      { node_load1: 99 },
      {
        up: false,
        arrived: -61_500,
        account: { received: 90, lost: 10, duplicated: 3, reordered: 2, conflicts: 1, completeness: 0.9 },
      },
    ),
  ];
  const file = new URL('testdata/metrics.golden', import.meta.url);
  const text = textOf(nodes, 250);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'));
});

test('what could end a label or a line is escaped, so hostile names forge no series', () => {
  const text = textOf([view('n"} 1\nnode_load1{node="x', { node_network_receive_bytes_total: [['eth\\0"\n', 7]] })]);
  const series = text.split('\n').filter((line) => line.startsWith('node_'));
  assert.deepEqual(series, [
    'node_network_receive_bytes_total{cluster="c",node="n\\"} 1\\nnode_load1{node=\\"x",device="eth\\\\0\\"\\n"} 7',
  ]);
});

test('a family stands once, with all its series together', () => {
  const nodes = Array.from({ length: 50 }, (_, i) => view(`n${i}`, { node_load1: i, node_load5: i }));
  const names = textOf(nodes)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => /^(?:# (?:HELP|TYPE) )?([a-z0-9_]+)/.exec(line)?.[1]);
  const runs = names.filter((name, i) => name !== names[i - 1]);
  assert.equal(new Set(runs).size, runs.length);
});

test('a fleet is rendered in pieces of bounded size', () => {
  const cpus: Row[] = Array.from({ length: 64 }, (_, cpu) => [String(cpu), 'idle', cpu]);
  const nodes = Array.from({ length: 200 }, (_, i) => view(`n${i}`, { node_cpu_seconds_total: cpus }));
  const sizes = [...render(nodes, 0)].map(({ length }) => length);
  assert.ok(sizes.length > 5);
  assert.ok(
    Math.max(...sizes) < 128 * 1024,
    `expected pieces of less than 128 Ki characters, got ${Math.max(...sizes)}`,
  );
});

test('without any node there are no node series, and the text is still well formed', () => {
  assert.match(textOf([]), /^# HELP sysmon_node_up .+\n# TYPE sysmon_node_up gauge\n(# HELP .+\n# TYPE .+\n)+$/);
});
