import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { METRICS, type MetricDef, metricOf } from './metrics.ts';
import { NODE_STATUS_METRICS, PIPELINE_METRICS, type PipelineMetricDef } from './pipeline-metrics.ts';

const rows = Object.entries<MetricDef>(METRICS);
const ownRows = Object.entries<PipelineMetricDef>({ ...PIPELINE_METRICS, ...NODE_STATUS_METRICS });

test('every node metric has a legal name under node_, or under sysmon_node_ where node_exporter has none', () => {
  for (const [name] of rows) assert.match(name, /^(sysmon_)?node_[a-zA-Z0-9_]+\*?[a-zA-Z0-9_]*$/, name);
});

test('every metric of the pipeline has a legal name under sysmon_', () => {
  for (const [name] of ownRows) assert.match(name, /^sysmon_[a-z0-9_]+$/, name);
});

test('a name ends in _total if and only if it is a counter', () => {
  for (const [name, { type }] of [...rows, ...ownRows]) assert.equal(name.endsWith('_total'), type === 'counter', name);
});

test('a name with a base unit ends with it', () => {
  for (const [name, { unit }] of rows) {
    const stem = name.replace(/_total$/, '');
    for (const suffix of ['seconds', 'bytes', 'info'] as const) {
      assert.equal(stem.endsWith(`_${suffix}`), unit === suffix, name);
    }
  }
});

test('every help is a sentence, and no two are equal', () => {
  const helps = [...rows, ...ownRows].map(([, { help }]) => help);
  for (const help of helps) assert.match(help, /^[A-Z].+\.$/);
  assert.equal(new Set(helps).size, helps.length);
});

test('labels are legal, distinct, and leave cluster, node, job and instance to the pipeline', () => {
  for (const [name, { labels }] of rows) {
    assert.equal(new Set(labels).size, labels.length, name);
    for (const label of labels) {
      assert.match(label, /^[a-z][a-z0-9_]*$/, name);
      assert.ok(!['cluster', 'node', 'job', 'instance', 'le', 'quantile'].includes(label), `${name}: ${label}`);
    }
  }
});

test('a pattern has one * in its name and in its help, and no name of its own matches another row', () => {
  for (const [name, { help }] of rows) {
    const stars = name.split('*').length - 1;
    assert.ok(stars <= 1, name);
    if (stars === 1) assert.equal(help.split('*').length - 1, 1, name);
    else assert.equal(metricOf(name)?.help, help, name);
  }
});

test('a pattern row answers for the names that the kernel makes, with the name in its help', () => {
  assert.deepEqual(metricOf('node_memory_Active_anon_bytes'), {
    name: 'node_memory_Active_anon_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'The field Active_anon of /proc/meminfo, in bytes.',
    labels: [],
  });
});

test('names outside the catalogue have no row', () => {
  for (const name of [
    '',
    'node_memory_bytes',
    'node_memory_*_bytes',
    'node_memory_a b_bytes',
    'node_memory_a"} 1\n_bytes',
    '__proto__',
    'constructor',
    'toString',
  ]) {
    assert.equal(metricOf(name), undefined, name);
  }
});

/**
 * Labels are positions in the event, so they are wire format. A new name is added to the frozen copy by
 * `UPDATE_FROZEN=1`, which adds and never changes.
 */
test('the labels of a name never change within event version 1', () => {
  const file = new URL('testdata/labels-v1.json', import.meta.url);
  const frozen: Record<string, readonly string[]> = JSON.parse(readFileSync(file, 'utf8'));
  const now = Object.fromEntries(rows.map(([name, { labels }]) => [name, labels]));
  if (process.env.UPDATE_FROZEN === '1') {
    writeFileSync(file, `${JSON.stringify({ ...now, ...frozen }, undefined, 2)}\n`);
    return;
  }
  assert.deepEqual(now, frozen);
});
