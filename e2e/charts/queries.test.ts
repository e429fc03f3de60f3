import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { CASES, type Case, ruleGroupsOf, title } from './charts.ts';
import { queriesIn, queryProblems } from './queries.ts';

const CHARTS = join(import.meta.dirname, '../../charts');

test('names and labels that nobody exposes, and what does not parse, are told', () => {
  const cases: readonly (readonly [string, RegExp | undefined])[] = [
    ['sum by (node) (rate(node_cpu_seconds_total{mode="idle",node=~"$node"}[$__rate_interval]))', undefined],
    ['node_cpu_second_total', /node_cpu_second_total is no name/],
    ['node_load1{mode="idle"}', /node_load1 has no label mode/],
    ['sysmon_partition_lag{partition="0"} > 5 and on () up == 1', undefined],
    ['rate(sysmon_event_delay_seconds_bucket{le="1"}[5m])', undefined],
    ['sysmon_event_delay_seconds', /is no name/],
    ['{job="x"}', /is no name/],
    ['job:mine:sum', undefined],
    ['job:other:sum', /is no name/],
    ['sum by (node', /does not parse/],
  ];
  for (const [text, expected] of cases) {
    const problems = queryProblems({ language: 'promql', text }, new Set(['job:mine:sum'])).join('\n');
    if (expected === undefined) assert.equal(problems, '');
    else assert.match(problems, expected);
  }
  const log = (text: string) => queryProblems({ language: 'logql', text });
  assert.deepEqual(log('{event="alert"} | json | node=~"$node"'), []);
  assert.match(log('{event="alert"} | jsn').join(), /does not parse/);
});

test('queries are found where data sources and log shippers have them', () => {
  const dashboard = {
    panels: [{ datasource: { type: 'loki' }, targets: [{ expr: '{a="b"}' }] }, { targets: [{ expr: 'up' }] }],
  };
  const panes = encodeURIComponent(
    JSON.stringify({ one: { queries: [{ expr: '{a="c"}', datasource: { uid: 'loki' } }] } }),
  );
  const values = { stages: [], selector: '{a="d"}', link: { url: `/explore?panes=${panes}` } };
  const alloy = { content: 'loki.process "x" {\n  stage.match {\n    selector = "{a=\\"e\\"}"\n  }\n}' };
  assert.deepEqual(
    queriesIn([dashboard, values, alloy]).map(({ language, text }) => `${language} ${text}`),
    ['logql {a="b"}', 'promql up', 'logql {a="d"}', 'logql {a="c"}', 'logql {a="e"}'],
  );
});

function recordedBy(...cases: readonly Case[]): ReadonlySet<string> {
  const rules = cases.flatMap(ruleGroupsOf).flatMap((group) => group.rules);
  return new Set(rules.flatMap(({ record }) => record ?? []));
}

for (const each of CASES.filter((each) => ruleGroupsOf(each).length > 0)) {
  test(`${title(each)}: rules ask for what is exposed`, () => {
    const rules = ruleGroupsOf(each).flatMap((group) => group.rules);
    const queries = queriesIn(rules);
    assert.equal(queries.length, rules.length);
    const problems = queries.flatMap((query) => queryProblems(query, recordedBy(each)));
    assert.deepEqual(problems, []);
  });
}

test('queries in the values of third-party charts parse, and ask for what is exposed', () => {
  const folder = join(CHARTS, 'values');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'));
  const queries = files.flatMap((file) => queriesIn(parse(readFileSync(join(folder, file), 'utf8'))));
  const languages = new Set(queries.map(({ language }) => language));
  assert.deepEqual([...languages].toSorted(), ['logql', 'promql']);
  assert.deepEqual(
    queries.flatMap((query) => queryProblems(query)),
    [],
  );
});
