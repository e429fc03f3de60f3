import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PipelineError } from '#runtime/errors.ts';
import { parseRuleFile } from './rule-file.ts';

const testdata = new URL('testdata/', import.meta.url);

test('rules that say what job their series have load where that is what they have', () => {
  const text = `groups: [{ name: g, rules: [{ alert: A, expr: 'node_load1{job="node"} > 1' }] }]`;
  assert.equal(parseRuleFile(text, 'a.yaml', 'node').rules.length, 1);
  assert.match(
    parseRuleFile(text, 'a.yaml').refused[0] ?? '',
    /^a\.yaml:1:\d+: .*job is always "node-exporter" here, so this never matches: .*JOB_LABEL/,
  );
});

test('a rule file gives its rules in order, with everything worked out', () => {
  const { rules } = parseRuleFile(
    `
groups:
  - name: cpu
    interval: 30s
    labels: { team: infra, severity: info }
    rules:
      - alert: CpuBusy
        expr: >
          rate(node_pressure_cpu_waiting_seconds_total[2m])
          > 0.5
        for: 1m30s
        keep_firing_for: 2m
        labels: { severity: critical, rank: 1 }
        annotations: { summary: 'busy: {{ $value }}' }
      - alert: Load
        expr: node_load1 > 4
  - name: empty
    rules:
`,
    'a.yaml',
  );
  const shown = rules.map(({ query, labels, annotations, ...rule }) => ({
    ...rule,
    query: query.kind,
    labels: labels.map(([name, { constant }]) => `${name}=${constant}`),
    annotations: annotations.map(([name]) => name),
  }));
  assert.deepEqual(shown, [
    {
      file: 'a.yaml',
      group: 'cpu',
      alert: 'CpuBusy',
      expr: 'rate(node_pressure_cpu_waiting_seconds_total[2m]) > 0.5',
      query: 'binary',
      forMs: 90_000,
      keepFiringForMs: 120_000,
      labels: ['team=infra', 'severity=critical', 'rank=1'],
      annotations: ['summary'],
    },
    {
      file: 'a.yaml',
      group: 'cpu',
      alert: 'Load',
      expr: 'node_load1 > 4',
      query: 'binary',
      forMs: 0,
      keepFiringForMs: 0,
      labels: ['team=infra', 'severity=info'],
      annotations: [],
    },
  ]);
});

test('a file that says nothing has no rules', () => {
  for (const text of ['', '# nothing yet\n', 'groups:\n', 'groups: []\n']) {
    assert.deepEqual(parseRuleFile(text, 'a.yaml'), { rules: [], refused: [], written: 0 }, JSON.stringify(text));
  }
});

test('every problem of a file is told at once, each with its place and what to do', () => {
  const expected = readFileSync(new URL('broken.txt', testdata), 'utf8');
  assert.equal(
    `${problemsOf(readFileSync(new URL('broken.rules.yaml', testdata), 'utf8'), 'broken.rules.yaml')}\n`,
    expected,
  );
});

test('what Prometheus takes and this engine does not judge costs its rule, with its place and what to do instead', () => {
  const file = readFileSync(new URL('refused.rules.yaml', testdata), 'utf8');
  const { rules, refused, written } = parseRuleFile(file, 'refused.rules.yaml');
  assert.ok(written > rules.length);
  assert.deepEqual(
    rules.map(({ alert }) => alert),
    ['Judged'],
  );
  assert.equal(`${refused.join('\n')}\n`, readFileSync(new URL('refused.txt', testdata), 'utf8'));
});

test('what is not YAML, or not a mapping, is told with its place', () => {
  for (const [text, expected] of [
    ['groups: [', /^a\.yaml:\d+:\d+: not YAML: /],
    ['groups: []\n---\ngroups: []\n', /^a\.yaml:2:1: not YAML: .*multiple documents/],
    ['groups: {}\ngroups: {}\n', /^a\.yaml:2:1: not YAML: Map keys must be unique/],
    ['- a\n', /^a\.yaml:1:1: a rule file: expected "key: value" lines$/],
    ['groups: 5\n', /^a\.yaml:1:9: groups: expected a list/],
    ['\u0000', /^a\.yaml:1:1: /],
  ] as const) {
    assert.match(problemsOf(text, 'a.yaml'), expected, JSON.stringify(text));
  }
});

test('aliases stand for what they name', () => {
  const { rules } = parseRuleFile(
    `
groups:
  - name: a
    labels: &labels { severity: critical }
    rules: [{ alert: A, expr: node_load1, labels: *labels }]
`,
    'a.yaml',
  );
  assert.equal(rules[0]?.labels[0]?.[1].constant, 'critical');
});

function problemsOf(text: string, file: string): string {
  try {
    parseRuleFile(text, file);
  } catch (error) {
    assert.ok(error instanceof PipelineError);
    assert.equal(error.code, 'RULES');
    return error.message;
  }
  assert.fail('the file was taken');
}

test('rules may stand in a PrometheusRule', () => {
  const resource = (kind: string) => `
apiVersion: monitoring.coreos.com/v1
kind: ${kind}
metadata: { name: x, labels: { role: alert-rules } }
spec:
  groups:
    - name: a
      rules:
        - { alert: A, expr: node_load1 > 1 }
        - { alert: B, expr: up == 0 }
`;
  const { rules, refused, written } = parseRuleFile(resource('PrometheusRule'), 'a.yaml');
  assert.deepEqual([rules.map(({ alert }) => alert), refused.length, written], [['A'], 1, 2]);
  assert.match(refused[0] ?? '', /^a\.yaml:10:29: B: expr: no node publishes "up"/);
  assert.equal(
    problemsOf(resource('ConfigMap'), 'a.yaml'),
    'a.yaml:3:7: kind: expected PrometheusRule, got "ConfigMap"',
  );
});
