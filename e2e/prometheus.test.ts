/** A real Prometheus scrapes the consumer, as it would in a cluster. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipWithout } from './debian.ts';
import { eventually, run } from './programs.ts';
import { startPrometheus } from './prometheus.ts';

test("Prometheus scrapes the nodes' series, computes rates from them, and finds them stale when the consumer ends", {
  skip: skipWithout('prometheus', 'prometheus'),
}, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'prometheus-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const local = run(process.execPath, ['services/local/main.ts'], {
    LISTEN: '127.0.0.1:0',
    INTERVAL: '1s',
    NODE_NAME: 'laptop',
    ALERT_LOG: join(directory, 'alerts.log'),
    KAFKA_BROKERS: '',
  });
  t.after(() => local.stop('SIGKILL'));
  const [, target] = await local.printed(/metrics +http:\/\/(\S+)\/metrics/);
  const scraped = { job_name: 'consumer', scrape_interval: '1s', static_configs: [{ targets: [target] }] };
  const { query, url, stop } = await startPrometheus(directory, { scrape_configs: [scraped] });
  t.after(() => stop('SIGKILL'));

  await eventually(async () => assert.equal((await query('up == 1')).length, 1));
  // Its modes together are all of a CPU's time: 1 second a second, once there are enough samples to tell.
  await eventually(async () => {
    const rates = await query('sum without (mode) (rate(node_cpu_seconds_total{node="laptop"}[10s]))');
    assert.ok(rates.length > 0);
    for (const { metric, points } of rates) {
      const rate = points[0]?.[1] ?? 0;
      assert.ok(Math.abs(rate - 1) < 0.2, `cpu ${metric.cpu}: ${rate}`);
    }
  });
  assert.deepEqual(await query('scrape_samples_scraped - scrape_samples_post_metric_relabeling != 0'), []);
  const types = await fetch(`${url}/api/v1/metadata?metric=node_cpu_seconds_total`);
  assert.match(await types.text(), /"type":"counter"/);

  assert.equal((await local.stop('SIGTERM')).code, 0);
  await eventually(async () => assert.deepEqual(await query('node_load1'), []));
});
