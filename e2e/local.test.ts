/** `make run` as a person sees it: this machine's own metrics, on a laptop with nothing but Node. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promtoolFindings, skipWithout, startNodeExporter } from './debian.ts';
import { eventually, type Running, run, textOf } from './programs.ts';

const ALWAYS = `
groups:
  - name: test
    rules:
      - alert: HasMemory
        expr: node_memory_MemTotal_bytes > 0
        labels: { severity: critical }
        annotations: { summary: "{{ $labels.node }} has {{ $value | humanize1024 }}B" }
`;

interface Local extends Running {
  readonly url: string;
  readonly producerUrl: string;
  readonly alertLog: string;
}

async function startLocal(t: TestContext, env: NodeJS.ProcessEnv = {}): Promise<Local> {
  const directory = mkdtempSync(join(tmpdir(), 'local-'));
  const rules = join(directory, 'rules.yaml');
  const alertLog = join(directory, 'alerts.log');
  writeFileSync(rules, ALWAYS);
  const program = run(process.execPath, ['services/local/main.ts'], {
    LISTEN: '127.0.0.1:0',
    INTERVAL: '1s',
    NODE_NAME: 'laptop',
    RULES: rules,
    ALERT_LOG: alertLog,
    KAFKA_BROKERS: '',
    ...env,
  });
  t.after(async () => {
    await program.stop('SIGKILL');
    rmSync(directory, { recursive: true });
  });
  const [, url = ''] = await program.printed(/metrics +(http:\S+)\/metrics/);
  const [, producerUrl = ''] = await program.printed(/producer +(http:\S+)\/metrics/);
  return { ...program, url, producerUrl, alertLog };
}

const nodeMetrics = (url: string): Promise<string> =>
  eventually(async () => {
    const text = await textOf(`${url}/metrics`);
    assert.match(text, /^node_load1\{/m);
    return text;
  });

test("this machine's figures are on /metrics, a rule's alert is in the log, and Ctrl-C ends it within two seconds", async (t) => {
  const local = await startLocal(t);
  const text = await nodeMetrics(local.url);
  const [, totalKb] = /^MemTotal: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
  assert.match(
    text,
    new RegExp(`^node_memory_MemTotal_bytes\\{cluster="default",node="laptop"\\} ${Number(totalKb) * 1024}$`, 'm'),
  );
  const view = await textOf(`${local.producerUrl}/metrics`);
  const isHost = !/^sysmon_host_view_ok\{.*\} 0$/m.test(view);
  // In a container what is the container's is not published; then there are no interfaces and no file systems.
  for (const collector of [
    'cpu',
    'loadavg',
    'meminfo',
    'diskstats',
    'uname',
    ...(isHost ? ['filesystem', 'netdev'] : []),
  ]) {
    assert.match(text, new RegExp(`^node_scrape_collector_success\\{.*collector="${collector}"\\} 1$`, 'm'));
  }
  assert.match(text, /^sysmon_node_up\{cluster="default",node="laptop"\} 1$/m);
  await eventually(async () => assert.match(await textOf(`${local.url}/readyz`), /^ok/));
  await eventually(async () => assert.match(await textOf(`${local.producerUrl}/readyz`), /^ok/));
  assert.match(await textOf(`${local.producerUrl}/metrics`), /^sysmon_producer_events_published_total [1-9]/m);

  const [line = ''] = await eventually(() => {
    const lines = readFileSync(local.alertLog, 'utf8').split('\n');
    const own = lines.filter((line) => line !== '' && JSON.parse(line).alert !== 'Watchdog');
    assert.notEqual(own.length, 0);
    return own;
  });
  const { level, alert, state, node } = JSON.parse(line);
  assert.deepEqual(
    { level, alert, state, node },
    { level: 'error', alert: 'HasMemory', state: 'firing', node: 'laptop' },
  );
  assert.ok(local.stdout().includes(line), 'the same line is on standard output');

  const { code, ms } = await local.stop('SIGINT');
  assert.equal(code, 0, local.stderr());
  assert.ok(ms < 2000, `expected an end within 2 s, it took ${ms} ms`);
});

test('a scraper that takes gzip gets the same text, compressed', async (t) => {
  const { url } = await startLocal(t);
  await nodeMetrics(url);
  const plain = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': 'identity' } });
  const gzip = await fetch(`${url}/metrics`, { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(plain.headers.get('content-encoding'), null);
  assert.equal(gzip.headers.get('content-encoding'), 'gzip');
  assert.equal(gzip.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const names = (text: string) => text.match(/^# TYPE \S+/gm);
  assert.deepEqual(names(await gzip.text()), names(await plain.text()));
});

test("promtool finds nothing in our text that it does not find in node_exporter's", {
  skip: skipWithout('promtool', 'prometheus') || skipWithout('prometheus-node-exporter', 'prometheus-node-exporter'),
}, async (t) => {
  const { url, producerUrl } = await startLocal(t);
  const exporter = await startNodeExporter();
  t.after(() => exporter.stop());
  const kind = (finding: string) => finding.replace(/^\S+ /, '');
  const allowed = new Set(promtoolFindings(await textOf(`${exporter.url}/metrics`)).map(kind));
  for (const text of [await nodeMetrics(url), await textOf(`${producerUrl}/metrics`)]) {
    assert.deepEqual(
      promtoolFindings(text).filter((finding) => !allowed.has(kind(finding))),
      [],
    );
  }
});

test('a configuration that is wrong is refused with every mistake, by exit code 2', async () => {
  const program = run(process.execPath, ['services/local/main.ts'], { INTERVAL: 'soon', LISTEN: 'here' });
  await program.printed(/INTERVAL="soon": expected a duration from .*\n(.*\n)*?LISTEN="here": expected host:port/);
  assert.equal((await program.end()).code, 2);
});

test('a port that is taken ends the start with a clear line', async (t) => {
  const { url } = await startLocal(t);
  const program = run(process.execPath, ['services/local/main.ts'], {
    LISTEN: new URL(url).host,
    ALERT_LOG: '/dev/null',
  });
  await program.printed(/another program listens there/);
  assert.equal((await program.end()).code, 1);
});

for (const service of ['producer', 'consumer', 'local']) {
  test(`the ${service} tells its environment by --help`, async () => {
    const program = run(process.execPath, [`services/${service}/main.ts`, '--help']);
    await program.printed(/KAFKA_BROKERS(.|\n)*LISTEN(.|\n)*LOG_LEVEL/);
    assert.equal((await program.end()).code, 0);
  });
}
