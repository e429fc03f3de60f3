/**
 * Replicas of the consumer under a real Prometheus, relabelled as the chart does it, while they are scaled, killed and frozen:
 * what people see of it in their dashboards. Beside that it scrapes them once more without the relabelling, which says who
 * has shown what.
 */
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { nodeSeriesRelabelings } from '../../cdk8s/monitoring/relabelings.ts';
import { skipWithout } from '../debian.ts';
import { type Broker, skipWithoutKafka, startBroker } from '../kafka/broker.ts';
import { eventually } from '../programs.ts';
import { type Prometheus, startPrometheus } from '../prometheus.ts';
import { type Answer, judgeExposure } from './exposure.ts';
import { assertExposure, figuresOfExposure, owns, SESSION_MS, SLACK_MS } from './membership.ts';
import { drained, finish, Rig, type Service } from './rig.ts';

const NODES = 24;
const SCRAPE_MS = 1_000;
/** Longer than the session. */
const FROZEN_MS = 13_000;
/** The window of a rate: long against a hole of a session. */
const WINDOW_S = 60;

const skip = skipWithoutKafka() || skipWithout('prometheus', 'prometheus');

suite('replicas under Prometheus', { skip, timeout: 300_000 }, () => {
  let broker: Broker;
  let rig: Rig;
  let prometheus: Prometheus | undefined;
  before(async () => {
    broker = await startBroker();
    rig = new Rig(broker.brokers, 'prometheus');
    await rig.createTopics();
  });
  after(async () => {
    await prometheus?.stop('SIGKILL');
    await rig?.close();
    await broker?.stop();
  });

  test('scaled, killed and frozen they double no series, leave no hole much longer than a session, and rates are right', async (t) => {
    const began = Date.now();
    const replicas = new Map<string, Service>();
    const targets = join(rig.directory, 'targets.json');
    const seen = async () => {
      const groups = [...replicas].map(([pod, { url }]) => ({ targets: [new URL(url).host], labels: { pod } }));
      writeFileSync(`${targets}.new`, JSON.stringify(groups));
      renameSync(`${targets}.new`, targets);
    };
    const begin = async (pod: string) => {
      replicas.set(pod, await rig.consumer());
      await seen();
    };
    const shares = (...partitions: readonly number[]) =>
      Promise.all([...replicas.values()].map((replica, n) => owns(replica, partitions[n] ?? 0)));

    await seen();
    const scraped = { scrape_interval: `${SCRAPE_MS}ms`, file_sd_configs: [{ files: [targets] }] };
    const relabelled = { ...scraped, job_name: 'consumer', metric_relabel_configs: relabelings() };
    const raw = { ...scraped, job_name: 'raw' };
    prometheus = await startPrometheus(rig.directory, { scrape_configs: [relabelled, raw] });
    const { query, range } = prometheus;
    const all = () =>
      eventually(async () => assert.equal((await query('node_load1{job="node-exporter"}')).length, NODES));

    const fleet = await rig.fleet(NODES);
    await begin('one');
    await begin('two');
    await shares(6, 6);
    await all();
    await begin('three');
    await shares(4, 4, 4);
    await all();
    await finish(replicas.get('three') as Service);
    replicas.delete('three');
    await seen();
    await shares(6, 6);
    await replicas.get('two')?.stop('SIGKILL');
    replicas.delete('two');
    await seen();
    await shares(12);
    await all();
    await begin('four');
    await shares(6, 6);
    replicas.get('one')?.signal('SIGSTOP');
    await setTimeout(FROZEN_MS);
    replicas.get('one')?.signal('SIGCONT');
    await shares(6, 6);
    await all();
    // Until the window of a rate has been whole for a while.
    await eventually(async () => assert.ok(Date.now() - began > 1.5 * WINDOW_S * 1_000), 120_000);

    const seconds = Math.ceil((Date.now() - began) / 1_000);
    const exposure = judgeExposure(await answersOf(prometheus, seconds));
    assertExposure(exposure, NODES, SESSION_MS + SLACK_MS);

    const times = await query(`node_time_seconds{job="node-exporter"}[${seconds}s]`);
    assert.equal(times.length, NODES, 'a node has more than one series, or none');
    // A CPU has a second in each second.
    const cpu = 'node_cpu_seconds_total{job="node-exporter"}';
    assert.deepEqual(await query(`resets(${cpu}[${seconds}s]) > 0`), []);
    const rates = await range(`avg by (instance) (sum without (mode) (rate(${cpu}[${WINDOW_S}s])))`, WINDOW_S / 3, 1);
    const errors = rates.flatMap(({ points }) => points.map(([, rate]) => Math.abs(rate - 1)));
    assert.equal(rates.length, NODES);
    assert.ok(errors.length >= NODES && Math.max(...errors) < 0.3, `a rate is wrong by ${Math.max(...errors)}`);
    await drained(fleet);
    await finish(fleet, ...replicas.values());
    t.diagnostic(
      `${figuresOfExposure(exposure)}; ${errors.length} rates, wrong by at most ${(100 * Math.max(...errors)).toFixed(1)} %`,
    );
  });
});

/** As Prometheus itself writes them. */
function relabelings(): object[] {
  return nodeSeriesRelabelings('node-exporter').map(({ sourceLabels, targetLabel, regex, replacement }) => ({
    ...{ source_labels: sourceLabels, target_label: targetLabel, regex, replacement },
  }));
}

/** What each replica has answered to each scrape, in the words of the judge. */
async function answersOf({ query }: Prometheus, seconds: number): Promise<Answer[]> {
  const answers = new Map<string, Answer & { nodes: Map<string, number> }>();
  for (const { metric, points } of await query(`scrape_duration_seconds{job="raw"}[${seconds}s]`)) {
    for (const [time, duration] of points) {
      const [replica = '', start] = [metric.pod, time * 1_000];
      answers.set(`${replica} ${time}`, { replica, start, end: start + duration * 1_000, nodes: new Map() });
    }
  }
  for (const { metric, points } of await query(`node_time_seconds{job="raw"}[${seconds}s]`)) {
    for (const [time, value] of points) answers.get(`${metric.pod} ${time}`)?.nodes.set(metric.node ?? '', value);
  }
  return [...answers.values()];
}
