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

test('what stands behind a selector binds tighter than operators', () => {
  for (const [text, same] of [
    ['node_load1 + node_load5 offset 5m', 'node_load1 + (node_load5 offset 5m)'],
    ['node_load1 - node_load5 offset 5m * node_load15', 'node_load1 - ((node_load5 offset 5m) * node_load15)'],
    [
      '-node_load1 ^ 2 - node_load5 offset 1m > 1 and node_load15 offset 2m',
      '((-(node_load1 ^ 2) - (node_load5 offset 1m)) > 1) and (node_load15 offset 2m)',
    ],
    ['-node_load1 offset 5m', '-(node_load1 offset 5m)'],
    ['time() - node_boot_time_seconds offset 1m', 'time() - (node_boot_time_seconds offset 1m)'],
  ] as const) {
    assert.equal(JSON.stringify(parsed(text)), JSON.stringify(parsed(same)), text);
  }
  const outcome = parsePromql('node_load1 + node_load5 @ 5 + nope_total offset 1m');
  assert.ok('problems' in outcome);
  assert.deepEqual(
    outcome.problems.map(({ offset }) => offset),
    [24, 30],
  );
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
    ['node_load1[5m]', 0, /a range is read by a function/],
    ['avg_over_time(node_load1[5m])[5m:1m]', 0, /a range is read by a function/],
    ['rate(node_load1)', 5, /rate\(\) takes a range/],
    ['rate(node_load1[5m], 1)', 0, /takes one range/],
    ['predict_linear(node_load1[5m])', 0, /takes a range and a number/],
    ['quantile_over_time(node_load1, node_load1[5m])', 19, /takes a number here/],
    ['rate((node_load1 + 1)[5m])', 5, /a range is of one metric/],
    ['rate(node_load1[0s])', 16, /above 0/],
    ['rate(node_load1[2m+1m])', 16, /a range is one duration/],
    ['max_over_time(node_load1[5m:0s])', 28, /a step is a duration above 0/],
    ['max_over_time(node_load1[1d:1s])', 14, /more than 2000 steps/],
    ['max_over_time(5[5m:1m])', 14, /a subquery is of series/],
    ['avg_over_time(node_load1[2d])', 0, /more than a day/],
    ['max_over_time(rate(node_load1[12h])[13h:1h])', 0, /more than a day/],
    ['node_load1 offset -5m', 18, /into the future/],
    ['(node_load1 + 1) offset 5m', 17, /follows a selector or a subquery/],
    ['node_load1 @ 5', 11, /"@" is not supported/],
    ['double_exponential_smoothing(node_load1[5m], 0.5, 0.5)', 0, /is not supported by this engine/],
    ['node_load1 atan2 node_load5', 11, /"atan2" is not supported/],
    ['node_load1 and 5', 11, /is of series on both sides/],
    ['node_load1 and on (instance) group_left node_load5', 11, /takes no group_left/],
    ['node_load1 + on (instance) 5', 11, /labels are matched between series/],
    ['node_load1 + on (instance) group_left (instance) node_load5', 38, /is matched/],
    ['node_load1 + on () node_load5', 11, /meet across nodes.*"on \(instance\)"/],
    ['node_load1 + ignoring (instance, node) node_load5', 11, /meet across nodes.*take instance out of ignoring/],
    ['node_load1 or vector(0)', 11, /belongs to no node/],
    ['vector(1) unless on () node_load1', 10, /belongs to no node/],
    ['node_load1 + on () vector(1)', 11, /"\+ on \(\) group_left/],
    ['sum by (instance) (node_load1) + sum by (node) (node_load5)', 31, /keep the label "instance"/],
    ['scalar(node_load1)', 0, /all nodes/],
    ['absent(node_load1)', 0, /would look at all nodes/],
    ['absent(node_load1{instance=~"a|b"})', 0, /would look at all nodes/],
    ['absent(sum by (instance) (node_load1))', 0, /has no labels, so it speaks of no node/],
    ['absent(node_load1{instance="a"} > 1)', 0, /has no labels, so it speaks of no node/],
    ['absent_over_time(node_load1{instance="a"}[5m:1m])', 0, /has no labels, so it speaks of no node/],
    ['absent_over_time(node_load1[5m])', 0, /would look at all nodes/],
    ['abs(node_load1, 1)', 0, /takes one expression/],
    ['clamp(node_load1, 1)', 0, /one expression and 2 numbers/],
    ['clamp_max(node_load1, node_load5)', 22, /takes a number here/],
    ['abs(1)', 4, /is of series/],
    ['label_replace(node_load1, "a", "b", "c")', 0, /four strings/],
    ['label_replace(node_load1, "a", "b", "node", 5)', 44, /takes a string here/],
    ['label_replace(node_load1, "a", "b", "node", "(")', 44, /not a regular expression/],
    ['label_replace(node_load1, "1a", "b", "node", "")', 26, /no name for a label/],
    ['label_replace(node_load1, "__name__", "b", "node", "")', 26, /of __name__/],
    ['label_join(node_load1, "a")', 0, /takes an expression and strings/],
    ['sort_by_label(node_load1, "node")', 0, /is not supported/],
    ['count_values by (instance) ("v", node_load1)', 0, /count_values\(\) is not supported/],
    ['quantile by (instance) (node_load1)', 0, /a number and one expression/],
    ['topk by (instance) (node_load5, node_load1)', 20, /takes a number first/],
    ['node_load1 + bool 1', 13, /"bool" belongs to a comparison/],
    ['1 > 2', 2, /compared with "> bool"/],
    ['topk(3, node_load1)', 0, /would mix nodes/],
    ['sum(1)', 4, /is a number/],
    ['sum by (instance) (node_load1, node_load5)', 0, /takes one expression/],
    [
      'sum(node_cpu_seconds_total)',
      0,
      /would mix nodes.*"sum by \(instance\) \(…\)", or "sum without \(cpu, mode\) \(…\)"/,
    ],
    ['sum by (mode) (node_cpu_seconds_total)', 0, /would mix nodes/],
    ['max without (instance, node) (node_load1)', 0, /would mix nodes/],
    ['max by (node) (sum by (instance) (node_load1))', 0, /would mix nodes/],
    ['sum by (instance, __name__) (node_load1)', 18, /grouping or matching by __name__/],
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
  const outcome = parsePromql('node_lod1 > irate(node_load1) + node_load5{cpu="0"}');
  assert.ok('problems' in outcome);
  assert.deepEqual(
    outcome.problems.map(({ offset }) => offset),
    [0, 18, 43],
  );
});

function parsed(text: string): Expr {
  const outcome = parsePromql(text);
  assert.ok('expr' in outcome, `${text}: ${JSON.stringify(outcome)}`);
  return outcome.expr;
}
