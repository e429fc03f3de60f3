import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Expr } from './ast.ts';
import { parsePromql } from './parse.ts';

test('precedence and associativity are those of Prometheus', () => {
  for (const [text, expected] of [
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['2 ^ 3 ^ 2', 512],
    ['-1 ^ 2', -1],
    ['2 ^ -1', 0.5],
    ['2 ^ -1 ^ 2', 0.5],
    ['-2 ^ 2 * 3', -12],
    ['- 2 ^ 2', -4],
    ['(-2) ^ 2', 4],
    ['10 - 4 - 3', 3],
    ['2 * 3 % 4', 2],
    ['-7 % 3', -1],
    ['1 - -1', 2],
    ['+5', 5],
    ['1 + 1 == bool 2', 1],
    ['3 > bool 2 > bool 1', 0],
    ['1 / 0', Number.POSITIVE_INFINITY],
    ['0 / 0', Number.NaN],
    ['NaN == bool NaN', 0],
    ['1 ^ NaN', 1],
    ['(-1) ^ Inf', 1],
    ['5m', 300],
    ['1_000', 1000],
    ['010 + 08', 16],
    ['-0x10', -16],
  ] as const) {
    assert.deepEqual(parsed(text), { kind: 'number', value: expected }, text);
  }
});

test('comments and white space mean nothing', () => {
  assert.deepEqual(parsed('# first\n 1 # one\n + # and\n\t2 # two'), { kind: 'number', value: 3 });
});

test('a selector may be written in each of the ways of Prometheus', () => {
  for (const text of [
    'node_disk_io_now{device="sda"}',
    "node_disk_io_now{device='sda',}",
    'node_disk_io_now{device=`sda`}',
    '{__name__="node_disk_io_now", device="sda"}',
    '{"node_disk_io_now", "device"="s\\u0064\\x61"}',
  ]) {
    const selector = parsed(text);
    assert.ok(selector.kind === 'selector', text);
    assert.equal(selector.metric.name, 'node_disk_io_now');
    assert.deepEqual(
      ['sda', 'sdb', ''].map((device) => selector.matchers[0]?.matches(device)),
      [true, false, false],
      text,
    );
  }
});

test('an aggregation is taken as long as each node keeps to itself', () => {
  for (const text of [
    'sum by (instance) (node_cpu_seconds_total)',
    'SUM(node_cpu_seconds_total) BY (mode, node,)',
    'avg without (cpu) (node_cpu_seconds_total)',
    'max without (instance) (node_cpu_seconds_total)',
    'min by (instance) (sum without (cpu) (node_cpu_seconds_total))',
    'count by (instance) (node_load1 / sum without (cpu, mode) (node_cpu_seconds_total))',
  ]) {
    assert.ok(parsed(text), text);
  }
});

test('what this engine does not know is refused at its place', () => {
  for (const [text, offset, message] of [
    ['', 0, /^expected an expression$/],
    ['  # nothing', 11, /^expected an expression$/],
    ['node_load1 >', 12, /ends too early/],
    ['(node_load1 > 1', 15, /ends before its "\)"/],
    ['rate(node_load1[5m)', 18, /unexpected "\)"/],
    ['node_load1 node_load5', 11, /unexpected "node_load5"/],
    ['node_load1 > "a', 13, /does not end/],
    ['1 + nope(2)', 4, /"nope" is no function/],
    ['"text"', 0, /a string is no value/],
    ['node_load1[5m]', 0, /a range is read by rate\(\) only/],
    ['rate(node_load1)', 5, /rate\(\) takes a range/],
    ['rate(node_load1[5m], 1)', 0, /takes one range/],
    ['rate((node_load1 + 1)[5m])', 5, /a range is of one metric/],
    ['rate(node_load1[0s])', 16, /above 0/],
    ['rate(node_load1[5m:1m])', 5, /subquery is not supported/],
    ['rate(node_load1[5m] offset 1h)', 20, /"offset" is not supported/],
    ['node_load1 @ 5', 11, /"@" is not supported/],
    ['irate(node_load1[5m])', 0, /irate\(\) is not supported by this engine/],
    ['node_load1 or node_load5', 11, /"or" is not supported/],
    ['node_load1 unless node_load5', 11, /"unless" is not supported/],
    ['node_load1 atan2 node_load5', 11, /"atan2" is not supported/],
    ['node_load1 + on (node) node_load5', 13, /"on" is not supported/],
    ['node_load1 + ignoring (node) group_left node_load5', 13, /"ignoring" is not supported/],
    ['node_load1 + bool 1', 13, /"bool" belongs to a comparison/],
    ['1 > 2', 2, /compared with "> bool"/],
    ['topk(3, node_load1)', 0, /topk\(\) is not supported/],
    ['sum(1)', 0, /is a number/],
    ['sum by (instance) (node_load1, node_load5)', 0, /takes one expression/],
    [
      'sum(node_cpu_seconds_total)',
      0,
      /would mix nodes.*"sum by \(instance\) \(…\)", or "sum without \(cpu, mode\) \(…\)"/,
    ],
    ['sum by (mode) (node_cpu_seconds_total)', 0, /would mix nodes/],
    ['max without (instance, node) (node_load1)', 0, /would mix nodes/],
    ['max by (node) (sum by (instance) (node_load1))', 0, /would mix nodes/],
    ['sum by (instance, __name__) (node_load1)', 18, /grouping by __name__/],
    ['{job="node-exporter"}', 0, /needs the name of a metric/],
    ['node_load1{__name__="node_load5"}', 11, /already has the name/],
    ['{__name__=~"node_load.*"}', 1, /one metric per selector/],
    ['up == 0', 0, /no node publishes "up"/],
    ['node_memory_MemFree_byte', 0, /no node publishes/],
    ['node_disk_io_no', 0, /did you mean "node_disk_io_now"\?/],
    ['node_load1{cpu="0"}', 11, /has no label "cpu", only cluster, node, instance, job/],
    ['node_load1{job="prometheus"}', 11, /never matches/],
    ['node_load1{node=~"a(?=b)"}', 11, /character 2 of the pattern/],
    ['node_load1{node="\\q"}', 16, /no escape/],
    [`${'('.repeat(150)}1${')'.repeat(150)}`, 101, /nested more than 100 deep/],
  ] as const) {
    const outcome = parsePromql(text);
    assert.ok('problems' in outcome, text);
    assert.match(outcome.problems[0].message, message, text);
    assert.equal(outcome.problems[0].offset, offset, `${text}: ${outcome.problems[0].message}`);
  }
});

test('several problems of one expression are told together', () => {
  const outcome = parsePromql('node_lod1 > irate(node_load1[5m]) + node_load5{cpu="0"}');
  assert.ok('problems' in outcome);
  assert.deepEqual(
    outcome.problems.map(({ offset }) => offset),
    [0, 12, 47],
  );
});

function parsed(text: string): Expr {
  const outcome = parsePromql(text);
  assert.ok('expr' in outcome, `${text}: ${JSON.stringify(outcome)}`);
  return outcome.expr;
}
