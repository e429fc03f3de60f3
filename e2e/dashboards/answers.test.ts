import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Query } from '../../grafana-dashboards/checks/model.ts';
import { dashboardQueries, needless, unanswered } from './answers.ts';

const query = (place: string): Query => ({ language: 'promql', text: 'up', kind: 'now', place });

test('what has no data is told unless it is declared, and what is declared and has data is told, too', () => {
  const answered = new Map([
    [query('Node / CPU / A'), 0],
    [query('Node / CPU / B'), 3],
    [query('Pipeline / Kafka / A'), 0],
  ]);
  const kafka = ['Pipeline / Kafka', 'there is none'] as const;
  assert.deepEqual(unanswered(answered, [kafka]), ['Node / CPU / A has no data: up']);
  assert.deepEqual(needless(answered, [kafka]), []);
  assert.deepEqual(needless(answered, [['Node / CPU / B', 'not here']]), [
    'Node / CPU / B has data, and is declared absent: not here',
  ]);
});

test('no variable of Grafana is left in a query that is asked', () => {
  const choices = { cluster: 'c', node: 'n', rateInterval: '10s', range: '60s' };
  for (const language of ['promql', 'logql'] as const) {
    const queries = dashboardQueries(language, choices);
    assert.ok(queries.length > 10);
    for (const { text, place } of queries) assert.doesNotMatch(text.replaceAll('"$1"', ''), /\$/, place);
  }
});
