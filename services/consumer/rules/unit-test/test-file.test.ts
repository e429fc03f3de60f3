import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipelineError } from '#runtime/errors.ts';
import { parseTestFile } from './test-file.ts';

const N1 = 'cluster="c",instance="n1",job="node-exporter",node="n1"';

function problemsOf(text: string): string[] {
  try {
    parseTestFile(text, 'x.test.yaml');
  } catch (error) {
    assert.ok(error instanceof PipelineError && error.code === 'RULES');
    return error.message.split('\n').map((line) => line.replace(/^x\.test\.yaml:/, ''));
  }
  return [];
}

test('everything of the format is read', () => {
  const file = parseTestFile(
    `
rule_files: [a.yaml, 'b/*.yaml']
evaluation_interval: 30s
group_eval_order: [one, two]
fuzzy_compare: true
tests:
  - name: first
    interval: 30s
    start_timestamp: 2026-01-02T03:04:05Z
    external_labels: {region: x}
    external_url: http://example.org
    input_series:
      - series: node_load1{${N1}}
        values: 1+1x4
    alert_rule_test:
      - eval_time: 1m10s
        alertname: A
        exp_alerts:
          - exp_labels: {severity: page}
            exp_annotations: {summary: text}
    promql_expr_test:
      - expr: node_load1 > 1
        eval_time: 1m
        exp_samples:
          - {labels: 'node_load1{${N1}}', value: -.inf}
  - {}
`,
    'x',
  );
  assert.deepEqual(file.ruleFiles, ['a.yaml', 'b/*.yaml']);
  assert.equal(file.fuzzy, true);
  const [first, second] = file.tests;
  assert.equal(first?.startMs, Date.UTC(2026, 0, 2, 3, 4, 5));
  assert.deepEqual(first?.nodes[0]?.series[0]?.values, [1, 2, 3, 4, 5]);
  assert.deepEqual(first?.nodes[0]?.heard, [true, true, true]);
  const [alert] = first?.alerts ?? [];
  assert.deepEqual([alert?.place, alert?.evalMs, alert?.alertname], ['16:9', 70_000, 'A']);
  assert.deepEqual(alert?.expected, [{ labels: { severity: 'page' }, annotations: { summary: 'text' } }]);
  assert.equal(first?.exprs[0]?.text, 'node_load1 > 1');
  assert.equal(first?.exprs[0]?.expected[0]?.value, -Infinity);
  assert.equal(second?.name, 'unnamed#1');
  assert.equal(second?.intervalMs, 30_000);
  assert.equal(parseTestFile('tests: [{}]', 'x').tests[0]?.intervalMs, 60_000);
  assert.equal(parseTestFile('tests: [{start_timestamp: 1700000000.5}]', 'x').tests[0]?.startMs, 1_700_000_000_500);
  assert.deepEqual(parseTestFile('', 'x').tests, []);
});

test('every mistake is told with its place and what was expected', () => {
  const problems = problemsOf(`
rule_file: [a.yaml]
evaluation_interval: 1m
tests:
  - interval: 30s
    start_timestamp: today
    input_series:
      - series: node_load1{${N1}}
        values: 1 2y
      - series: node_load1{cluster="c"}
        values: '1'
      - series: up{${N1}}
        values: '1'
      - series: node_load1{${N1},device="sda"}
        values: '1'
      - series: node_load1{${N1}
        values: '1'
      - series: node_load5{${N1}}
  - input_series:
      - series: node_load1{${N1}}
        values: 1 2 _ 3
      - series: node_load1{${N1}}
        values: 1x9
      - series: node_load5{${N1}}
        values: 1x9
    alert_rule_test:
      - eval_time: 5 minutes
        alertname: A
      - eval_time: 5m
      - eval_time: 5m
        alertname: A
    promql_expr_test:
      - expr: node_load1 +
        eval_time: 1m
      - expr: node_lod1
        eval_time: 1m30s
        exp_samples:
          - {labels: 'node_load1{a=b}', value: 1}
          - {labels: '{}', value: one}
          - {labels: '{}', histogram: '{{sum:1}}'}
`);
  const expected: readonly [place: string, message: RegExp][] = [
    ['2:1', /^a file of unit tests has no field "rule_file".*did you mean "rule_files"\?$/],
    ['5:15', /^interval: rules are judged at each event here: expected the same as evaluation_interval, 1m$/],
    ['6:22', /^start_timestamp: expected seconds since 1970/],
    ['9:19', /^values: "2y": expected values such as/],
    ['10:17', /^series: expected the labels that a node's series have here: node="n1", instance="n1" \(the same\)/],
    ['12:17', /^series: no node publishes "up"/],
    ['14:17', /^series: node_load1 has no label "device", only cluster, node, instance, job$/],
    ['16:83', /^series: expected label="value" or "}" here$/],
    ['18:9', /^a series needs the field "values"$/],
    ['21:17', /^values: missing at step 2.*has to be "stale" there$/],
    ['22:17', /^series: it is there already, with the same labels$/],
    ['27:20', /^eval_time: expected a duration such as/],
    ['29:9', /^an alert_rule_test needs the field "alertname"$/],
    ['33:27', /^expr: not PromQL: it ends too early$/],
    ['35:9', /^eval_time: events come at multiples of the interval: expected one, got 1m30s$/],
    ['35:15', /^expr: no node publishes "node_lod1"/],
    ['38:34', /^labels: expected label="value" or "}" here$/],
    ['39:35', /^value: "one" is no number$/],
    ['40:39', /^histogram: histograms are not supported/],
  ];
  assert.deepEqual(
    problems.map((problem) => /^\d+:\d+/.exec(problem)?.[0]),
    expected.map(([place]) => place),
    problems.join('\n'),
  );
  for (const [i, [place, message]] of expected.entries())
    assert.match(problems[i]?.slice(place.length + 2) ?? '', message);
});
