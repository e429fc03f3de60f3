/** Producer, Kafka and consumer as three processes, the node's kernel a folder that the test writes. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { BusRecord } from '#bus/bus.ts';
import { createKafkaBus } from '#bus/kafka.ts';
import { DEAD_LETTER_TOPIC, METRICS_TOPIC } from '#contract/topic.ts';
import { createLog } from '#runtime/log.ts';
import { skipWithoutKafka, startBroker } from './kafka/broker.ts';
import { eventually, type Running, run, textOf } from './programs.ts';

const RULES = `
groups:
  - name: test
    rules:
      - alert: Overloaded
        expr: node_load1 > 10
        for: 2s
        labels: { severity: warning }
        annotations: { summary: "load {{ $value }}" }
`;

async function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'pipeline-'));
  const host = join(directory, 'host');
  const rules = join(directory, 'rules.yaml');
  const alertLog = join(directory, 'alerts.log');
  const broker = await startBroker();
  const bus = createKafkaBus({ brokers: broker.brokers, clientId: 'test', log: createLog('test', 'error') });
  t.after(async () => {
    await bus.close();
    await broker.stop();
    rmSync(directory, { recursive: true });
  });
  writeFileSync(rules, RULES);

  mkdirSync(join(host, 'proc'), { recursive: true });
  writeFileSync(join(host, 'proc/stat'), 'cpu0 1 2 3 4 5 6 7 8 9 10\n');
  const loadavg = join(host, 'proc/loadavg');
  // Over what is there and as long as it, as the kernel would: the producer keeps the file open.
  const setLoad = (load: number) =>
    writeFileSync(loadavg, `${load.toFixed(2).padStart(5)} 1.00 1.00 1/100 1000\n`, { flag: 'r+' });
  writeFileSync(loadavg, '');
  setLoad(0.5);

  const common = { KAFKA_BROKERS: broker.brokers.join(','), LISTEN: '127.0.0.1:0', LOG_LEVEL: 'info' };
  const start = (service: string, env: NodeJS.ProcessEnv): Running => {
    const program = run(process.execPath, [`services/${service}/main.ts`], { ...common, ...env });
    t.after(() => program.stop('SIGKILL'));
    return program;
  };
  const startConsumer = async () => {
    const program = start('consumer', { RULES: rules, ALERT_LOG: alertLog });
    const [, url = ''] = await program.printed(/"url":"(http:[^"]+)"/);
    return { ...program, url };
  };
  const startProducer = () => start('producer', { HOST_ROOT: host, NODE_NAME: 'worker-1', INTERVAL: '1s' });
  const alerts = (): Record<string, unknown>[] =>
    readFileSync(alertLog, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .filter(({ alert }) => alert !== 'Watchdog');
  const states = () => alerts().map(({ state }) => state);
  const metric = async (url: string, pattern: RegExp) => {
    const text = await textOf(`${url}/metrics`);
    const [, value] = pattern.exec(text) ?? [];
    assert.ok(value !== undefined, `no ${pattern} in\n${text}`);
    return Number(value);
  };
  return { broker, bus, setLoad, startConsumer, startProducer, alerts, states, metric };
}

test('a node under load raises an alert that resolves after, garbage on the topic stops nothing, a killed consumer continues', {
  skip: skipWithoutKafka(),
}, async (t) => {
  const { bus, setLoad, startConsumer, startProducer, alerts, states, metric } = await setUp(t);
  let consumer = await startConsumer();
  const producer = startProducer();
  await eventually(async () =>
    assert.equal(await metric(consumer.url, /^node_load1\{.*node="worker-1"\} (.+)$/m), 0.5),
  );

  setLoad(42);
  await eventually(() => assert.deepEqual(states(), ['pending', 'firing']));
  setLoad(0.5);
  await eventually(() => assert.deepEqual(states(), ['pending', 'firing', 'resolved']));
  assert.deepEqual([...new Set(alerts().map(({ alertId }) => alertId))].length, 1);
  assert.deepEqual(
    alerts().map(({ level, alert, node, severity }) => ({ level, alert, node, severity })),
    [
      { level: 'info', alert: 'Overloaded', node: 'worker-1', severity: 'warning' },
      { level: 'warn', alert: 'Overloaded', node: 'worker-1', severity: 'warning' },
      { level: 'info', alert: 'Overloaded', node: 'worker-1', severity: 'warning' },
    ],
  );

  const garbage = ['hello', '', '[1', '{"v":99}', '\u0000\ufffd', '{"v":1,"node":"__proto__"}'];
  await bus.publish(
    METRICS_TOPIC.name,
    garbage.flatMap((value) =>
      Array.from({ length: METRICS_TOPIC.partitions }, (_, partition) => ({
        key: 'worker-1',
        value: Buffer.from(value),
        headers: {},
        partition,
      })),
    ),
  );
  const letters = garbage.length * METRICS_TOPIC.partitions;
  const kept = await eventually(async () => {
    const found: BusRecord[] = [];
    await bus.readAll(DEAD_LETTER_TOPIC.name, (record) => found.push(record));
    assert.equal(found.length, letters);
    return found;
  });
  assert.equal(kept.filter(({ value }) => value?.toString() === 'hello').length, METRICS_TOPIC.partitions);
  assert.ok(kept.every(({ headers }) => headers.dlq_reason !== undefined && headers.dlq_offset !== undefined));
  setLoad(1.5);
  await eventually(async () => assert.equal(await metric(consumer.url, /^node_load1\{.*\} (.+)$/m), 1.5));

  await consumer.stop('SIGKILL');
  setLoad(2.5);
  consumer = await startConsumer();
  await eventually(async () => assert.equal(await metric(consumer.url, /^node_load1\{.*\} (.+)$/m), 2.5));
  assert.equal(await metric(consumer.url, /^sysmon_partitions_owned (.+)$/m), METRICS_TOPIC.partitions);

  assert.equal((await producer.stop('SIGTERM')).code, 0);
  assert.equal((await consumer.stop('SIGTERM')).code, 0);
});

test('services that are started before their broker wait for it, alive and not ready', {
  skip: skipWithoutKafka(),
}, async (t) => {
  const { broker, startConsumer, startProducer, metric } = await setUp(t);
  await broker.kill('SIGKILL');
  const consumer = await startConsumer();
  const producer = startProducer();
  const [, producerUrl] = await producer.printed(/"url":"(http:[^"]+)"/);
  assert.equal((await fetch(`${consumer.url}/livez`)).status, 200);
  assert.equal((await fetch(`${consumer.url}/readyz`)).status, 503);
  assert.equal((await fetch(`${producerUrl}/livez`)).status, 200);
  assert.equal((await fetch(`${producerUrl}/readyz`)).status, 503);
  await broker.start();
  await eventually(async () => assert.equal(await metric(consumer.url, /^node_load1\{.*\} (.+)$/m), 0.5), 120_000);
  assert.equal((await fetch(`${consumer.url}/readyz`)).status, 200);
  await eventually(async () => assert.equal((await fetch(`${producerUrl}/readyz`)).status, 200));
});
