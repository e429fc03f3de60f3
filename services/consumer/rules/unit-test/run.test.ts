import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRuleFile } from '../rule-file.ts';
import { runTests } from './run.ts';
import { parseTestFile } from './test-file.ts';

const series = (metric: string, node: string, values: string, more = ''): string =>
  `{ series: '${metric}{${more}cluster="c",instance="${node}",job="node-exporter",node="${node}"}', values: '${values}' }`;

const RULES = `
groups:
  - name: g
    rules:
      - alert: LoadHigh
        expr: node_load1 > 5
        for: 1m
        labels: { severity: warning }
        annotations: { summary: '{{ $labels.instance }} at {{ $value }}' }
`;

function outcomes(tests: string, top = '') {
  const file = parseTestFile(`${top}\ntests:\n  - name: one\n${tests}`, 'x');
  return runTests(file, parseRuleFile(RULES, 'rules').rules);
}

test('alerts are those that fire at the last event up to the time, on whichever node', () => {
  const checks = outcomes(`
    input_series:
      - ${series('node_load1', 'n1', '1 9 9 9 1 1')}
      - ${series('node_load1', 'n2', '9x5')}
    alert_rule_test:
      - eval_time: 2m59s
        alertname: LoadHigh
        exp_alerts:
          - exp_labels: { cluster: c, instance: n1, job: node-exporter, node: n1, severity: warning }
            exp_annotations: { summary: n1 at 9 }
      - eval_time: 4m
        alertname: LoadHigh
        exp_alerts:
          - exp_labels: { cluster: c, instance: n2, job: node-exporter, node: n2, severity: warning, empty: '' }
            exp_annotations: { summary: n2 at 9 }
      - { eval_time: 4m, alertname: Other }
`);
  assert.deepEqual(
    checks.map(({ passed }) => passed),
    [false, true, false],
  );
  assert.deepEqual(checks[2]?.actual, ['no rule that is judged here is called Other']);
  const [first] = checks;
  assert.equal(first?.name, 'one');
  assert.equal(first?.asked, 'alertname: LoadHigh, time: 2m59s');
  assert.deepEqual(
    first?.actual,
    ['n1', 'n2'].map(
      (node) =>
        `Labels:{alertname="LoadHigh", cluster="c", instance="${node}", job="node-exporter", node="${node}", severity="warning"} Annotations:{summary="${node} at 9"}`,
    ),
  );
  assert.deepEqual(first?.expected, first?.actual.slice(0, 1));
});

test('expressions are asked of every node at the event of that time', () => {
  const checks = outcomes(`
    input_series:
      - ${series('node_load1', 'n1', '1 2 4')}
      - ${series('node_load1', 'n2', '_ _ 8')}
      - ${series('node_disk_io_now', 'n1', '3 stale _', 'device="sda",')}
    promql_expr_test:
      - expr: node_load1
        eval_time: 2m
        exp_samples:
          - { labels: 'node_load1{cluster="c",instance="n2",job="node-exporter",node="n2"}', value: 8 }
          - { labels: 'node_load1{cluster="c",instance="n1",job="node-exporter",node="n1"}', value: 4 }
      - { expr: node_disk_io_now, eval_time: 1m }
      - expr: -node_load1 / 0
        eval_time: 0s
        exp_samples: [{ labels: '{cluster="c",instance="n1",job="node-exporter",node="n1"}', value: 1 }]
`);
  assert.deepEqual(
    checks.map(({ passed }) => passed),
    [true, true, false],
  );
  assert.equal(checks[2]?.asked, 'expr: "-node_load1 / 0", time: 0s');
  assert.deepEqual(checks[2]?.actual, ['{cluster="c", instance="n1", job="node-exporter", node="n1"} -Inf']);
});

test('values are compared exactly, or but for their last digit where that is asked for', () => {
  const tests = (value: string) => `
    input_series: [${series('node_load1', 'n1', '0.1')}]
    promql_expr_test:
      - expr: node_load1 * 3
        eval_time: 0s
        exp_samples: [{ labels: '{cluster="c",instance="n1",job="node-exporter",node="n1"}', value: ${value} }]
`;
  const passes = (value: string, top?: string) => outcomes(tests(value), top)[0]?.passed;
  assert.equal(passes('0.30000000000000004'), true);
  assert.equal(passes('0.3'), false);
  assert.equal(passes('0.3', 'fuzzy_compare: true'), true);
  assert.equal(passes('0.30000000000000016', 'fuzzy_compare: true'), false);
  assert.equal(passes('-0.30000000000000004', 'fuzzy_compare: true'), false);
});

test('a node of which everything is missing sends no event: nothing is asked of it, and its alerts stay', () => {
  const checks = outcomes(`
    input_series: [${series('node_load1', 'n1', '9 9 9 _ _ 1')}]
    alert_rule_test:
      - eval_time: 4m
        alertname: LoadHigh
        exp_alerts:
          - exp_labels: { cluster: c, instance: n1, job: node-exporter, node: n1, severity: warning }
            exp_annotations: { summary: n1 at 9 }
      - { eval_time: 5m, alertname: LoadHigh }
    promql_expr_test: [{ expr: node_load1, eval_time: 3m }]
`);
  assert.deepEqual(
    checks.map(({ passed }) => passed),
    [true, true, true],
  );
});
