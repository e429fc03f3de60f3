import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kafkaRules } from './rules.ts';

const rules = kafkaRules({ name: 'metrics', namespace: 'n', orNone: ' or vector(0)' }, { team: 'x' }).flatMap(
  (group) => group.rules,
);

test('each alert about Kafka has a case for promtool', () => {
  const cases = readFileSync(new URL('rules.test.yaml', import.meta.url), 'utf8');
  const untested = rules.map(({ alert }) => alert).filter((alert) => !cases.includes(`alertname: ${alert}\n`));
  assert.deepEqual(untested, []);
});

test('each alert speaks of this cluster alone', () => {
  for (const { alert, expr } of rules) {
    assert.match(expr, /namespace="n"/, alert);
    assert.match(expr, /cluster="metrics"|-metrics-/, alert);
  }
});

test('labels of every alert stand beside its own', () => {
  for (const { alert, labels } of rules) {
    assert.equal(labels.team, 'x', alert);
    assert.match(labels.severity ?? '', /^(warning|critical)$/, alert);
  }
});
