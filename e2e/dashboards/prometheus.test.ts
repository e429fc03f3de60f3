/**
 * Every PromQL query of every panel and variable is asked of a real Prometheus that scrapes a consumer of a simulated fleet, under the
 * labels that it has in a cluster. What shows nothing is a fault, unless it is declared with a reason.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { labelValues, type Query } from '../../grafana-dashboards/checks/model.ts';
import { skipWithout } from '../debian.ts';
import { eventually, run } from '../programs.ts';
import { type Prometheus, startPrometheus } from '../prometheus.ts';
import { type Absent, dashboardQueries, needless, unanswered } from './answers.ts';
import { CLUSTER, HOST, NODE } from './names.ts';
import { prometheusConfig } from './prometheus-config.ts';

const ABSENT: Absent = [
  ['System monitoring / Pipeline / Active controllers', 'there is no Kafka here'],
  ['System monitoring / Pipeline / Partitions offline', 'there is no Kafka here'],
  ['System monitoring / Pipeline / Below minimum', 'there is no Kafka here'],
  ['System monitoring / Pipeline / Under-replicated', 'there is no Kafka here'],
  ['System monitoring / Pipeline / Kafka:', 'there is no Kafka here'],
];

const RANGE_S = 120;

async function countOf(prometheus: Prometheus, { kind, text }: Query): Promise<number> {
  if (kind === 'names') {
    const { selector, label } = labelValues(text) ?? assert.fail(`${text} is not label_values(SELECTOR, LABEL)`);
    const values = await prometheus.query(`count by (${label}) (${selector})`);
    return values.filter(({ metric }) => metric[label] !== undefined).length;
  }
  const series = kind === 'now' ? await prometheus.query(text) : await prometheus.range(text, RANGE_S, 5);
  return series.filter(({ points }) => points.some(([, value]) => !Number.isNaN(value))).length;
}

test('every query of the dashboards has data, with a simulated fleet in trouble', {
  skip: skipWithout('prometheus', 'prometheus'),
}, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'dashboards-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const pipeline = run(process.execPath, ['e2e/dashboards/pipeline.ts', directory]);
  t.after(() => pipeline.stop('SIGKILL'));
  const addressOf = async (what: string) =>
    (await pipeline.printed(new RegExp(`^${what} http://(\\S+)$`, 'm')))[1] ?? '';
  const prometheus = await startPrometheus(
    directory,
    prometheusConfig(await addressOf('consumer'), {
      [NODE]: await addressOf('simulator'),
      [HOST]: await addressOf('host'),
    }),
  );
  t.after(() => prometheus.stop('SIGKILL'));

  const queries = dashboardQueries('promql', {
    cluster: CLUSTER,
    node: NODE,
    rateInterval: '10s',
    range: `${RANGE_S}s`,
  });
  assert.ok(queries.length > 100);
  await eventually(async () => {
    const answered = new Map<Query, number>();
    for (const query of queries) answered.set(query, await countOf(prometheus, query));
    assert.deepEqual([...unanswered(answered, ABSENT), ...needless(answered, ABSENT)], []);
  }, 300_000);

  for (const { place, text } of queries.filter(({ place, kind }) => /\/ Fleet \//.test(place) && kind === 'range')) {
    const ofNodes = (await prometheus.range(text, RANGE_S, 5)).filter(({ metric }) => metric.node !== undefined);
    assert.deepEqual(ofNodes, [], `${place} draws a line for each node`);
  }
});
