import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultValues } from '../helm/values.ts';
import { CI_VALUES } from './ci.ts';
import { VALUES } from './values.ts';

const { topics } = defaultValues(VALUES) as {
  topics: Record<string, { partitions: number; config: Record<string, unknown> }>;
};

test('alerts have as many partitions as events, by default and in every set of values', () => {
  assert.equal(topics.alerts?.partitions, topics.metrics?.partitions);
  for (const [name, { values }] of Object.entries(CI_VALUES)) {
    if ('topics' in values) assert.equal(values.topics.alerts.partitions, values.topics.metrics.partitions, name);
  }
});

test('segments are closed several times within the retention, which can only delete closed ones', () => {
  for (const [name, { config }] of Object.entries(topics)) {
    const retention = Number(config['retention.ms'] ?? Infinity);
    assert.ok(Number(config['segment.ms']) * 4 <= retention, name);
  }
});
