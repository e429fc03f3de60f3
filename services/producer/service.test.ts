import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { NewRecord } from '#bus/bus.ts';
import { decodeEvent } from '#contract/codec.ts';
import { loadConfig } from '#runtime/config.ts';
import { PipelineError } from '#runtime/errors.ts';
import { createLog } from '#runtime/log.ts';
import type { Step } from '#runtime/shutdown.ts';
import { createFakeClock, type FakeClock, settle } from './fake-clock.ts';
import { startProducer } from './service.ts';
import { PRODUCER_SETTINGS } from './settings.ts';

const SKIP = process.platform !== 'linux' && 'the producer runs on Linux';
const NOON = Date.UTC(2026, 0, 2, 12);

interface Running {
  readonly url: string;
  readonly clock: FakeClock;
  readonly records: NewRecord[];
  readonly bus: { away: boolean };
  stop(): Promise<void>;
}

async function start(t: TestContext, env: Record<string, string> = {}): Promise<Running> {
  const config = loadConfig(PRODUCER_SETTINGS, {
    KAFKA_BROKERS: 'unused:1',
    NODE_NAME: 'node-1',
    HOST_ROOT: fileURLToPath(new URL('testdata/small/step0', import.meta.url)),
    LISTEN: '127.0.0.1:0',
    COLLECTORS: 'cpu,loadavg,meminfo,pressure,diskstats,filesystem,netdev,uname',
    ...env,
  });
  const clock = createFakeClock(NOON);
  const records: NewRecord[] = [];
  const bus = {
    away: false,
    async publish(_topic: string, batch: readonly NewRecord[]) {
      if (bus.away) throw new PipelineError('BUS_UNAVAILABLE', 'no broker answers');
      records.push(...batch);
    },
  };
  const steps: Step[] = [];
  const log = createLog('test', 'debug', { write: () => undefined });
  const fail = (error: Error) => assert.fail(error);
  const options = { config, bus, log, clock, fail, drainWithinMs: 0 };
  const { url } = await startProducer({ ...options, started: (step) => steps.push(step) });
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    for (const step of steps.toReversed()) {
      const stopped = step.stop();
      await clock.advance(0);
      await stopped;
    }
  };
  t.after(() => (stopped ??= stop()));
  return { url, clock, records, bus, stop: () => (stopped ??= stop()) };
}

async function get(url: string): Promise<[status: number, body: string]> {
  const response = await fetch(url, { headers: { connection: 'close' } });
  return [response.status, await response.text()];
}

test('each interval an event of the node is published, which a decoder takes', { skip: SKIP }, async (t) => {
  const { clock, records } = await start(t);
  await clock.advance(10_000);
  const events = records.map((record) => {
    const headers = Object.fromEntries(
      Object.entries(record.headers).map(([name, value]) => [name, Buffer.from(String(value))]),
    );
    const decoded = decodeEvent({ key: Buffer.from(record.key ?? ''), value: record.value, headers });
    assert.ok('event' in decoded && decoded.unknownMetrics === 0 && decoded.samples > 40);
    return decoded.event;
  });
  assert.deepEqual(
    events.map(({ cluster, node, seq, time, interval }) => [cluster, node, seq, time - NOON, interval]),
    [
      ['default', 'node-1', 0, 5000, 5000],
      ['default', 'node-1', 1, 10_000, 5000],
    ],
  );
  assert.equal(events[0]?.epoch, events[1]?.epoch);
  assert.equal(events[0]?.metrics.node_load15, 0.05);
  assert.deepEqual(
    events[0]?.metrics.node_scrape_collector_success,
    // File systems and interfaces are left out: a folder of files is not proven to be a host.
    ['cpu', 'loadavg', 'meminfo', 'pressure', 'diskstats', 'uname'].map((name) => [name, 1]),
  );
});

test('it is ready once an event is published, and not while the bus is away, which is no reason to end it', {
  skip: SKIP,
}, async (t) => {
  const { url, clock, bus } = await start(t);
  assert.deepEqual(await get(`${url}/readyz`), [503, 'nothing has been published yet\n']);
  await clock.advance(5000);
  assert.deepEqual(await get(`${url}/readyz`), [200, 'ok\n']);
  bus.away = true;
  await clock.advance(60_000);
  assert.deepEqual(await get(`${url}/readyz`), [503, 'the last attempt to publish failed: no broker answers\n']);
  assert.deepEqual(await get(`${url}/livez`), [200, 'ok\n']);
  bus.away = false;
  await clock.advance(10_000);
  assert.deepEqual(await get(`${url}/readyz`), [200, 'ok\n']);
});

test('it is not alive when the node has not been measured for three intervals and a little', {
  skip: SKIP,
}, async (t) => {
  const { url, clock } = await start(t);
  await clock.advance(5000);
  clock.spend(20_000);
  assert.deepEqual(await get(`${url}/livez`), [200, 'ok\n']);
  clock.spend(1);
  assert.deepEqual(await get(`${url}/livez`), [503, 'the node has not been measured for too long\n']);
});

test('its own metrics tell of ticks, events and the spool', { skip: SKIP }, async (t) => {
  const { url, clock, bus } = await start(t);
  await clock.advance(10_000);
  bus.away = true;
  await clock.advance(15_000);
  const [, body] = await get(`${url}/metrics`);
  for (const line of [
    'sysmon_producer_ticks_total 5',
    'sysmon_producer_ticks_skipped_total 0',
    'sysmon_producer_events_published_total 2',
    'sysmon_producer_spool_events 3',
    'sysmon_producer_spool_max_bytes 16777216',
    'sysmon_producer_spool_oldest_seconds 10',
    'sysmon_producer_spool_max_age_seconds 86400',
    'sysmon_producer_events_dropped_total{reason="full"} 0',
    'sysmon_producer_spool_failures_total{code="ENOSPC"} 0',
    'sysmon_producer_collector_failures_total{collector="cpu"} 0',
  ]) {
    assert.ok(body.split('\n').includes(line), line);
  }
  assert.match(body, /^sysmon_build_info\{component="producer",version="[^"]+",node_version="v\d+[^"]*"\} 1$/m);
  assert.match(body, /^sysmon_producer_publish_failures_total\{code="BUS_UNAVAILABLE"\} \d+$/m);
  assert.doesNotMatch(body, /sysmon_producer_spool_disk_ok/);
});

test('the stop ends the ticks, publishes what is left and lets go of the port', { skip: SKIP }, async (t) => {
  const { url, clock, records, stop } = await start(t);
  await clock.advance(5000);
  await stop();
  await clock.advance(60_000);
  await settle();
  assert.equal(records.length, 2);
  assert.deepEqual(clock.waits(), []);
  await assert.rejects(fetch(`${url}/livez`));
});

test('with a directory for it, what one start could not publish the next one does, before its own', {
  skip: SKIP,
}, async (t) => {
  const SPOOL_DIR = join(mkdtempSync(join(tmpdir(), 'spool-')), 'made', 'when', 'needed');
  const first = await start(t, { SPOOL_DIR });
  first.bus.away = true;
  await first.clock.advance(15_000);
  assert.match((await get(`${first.url}/metrics`))[1], /^sysmon_producer_spool_disk_ok 1$/m);
  await first.stop();
  assert.equal(first.records.length, 0);
  const second = await start(t, { SPOOL_DIR });
  await second.clock.advance(5000);
  const events = second.records.map(({ value }) => JSON.parse(Buffer.from(value ?? []).toString()));
  assert.deepEqual(
    events.map(({ seq }) => seq),
    [0, 1, 2, 3, 0],
  );
  assert.equal(new Set(events.map(({ epoch }) => epoch)).size, 2);
});

test('a directory that another process has is refused, and one that cannot be written is not', {
  skip: SKIP,
}, async (t) => {
  const SPOOL_DIR = mkdtempSync(join(tmpdir(), 'spool-'));
  await start(t, { SPOOL_DIR });
  await assert.rejects(start(t, { SPOOL_DIR }), {
    code: 'CONFIG',
    message: `SPOOL_DIR=${SPOOL_DIR}: expected it for this process alone, another one has it`,
  });
  const { clock, records, url } = await start(t, { SPOOL_DIR: '/proc/self/nowhere' });
  await clock.advance(10_000);
  assert.equal(records.length, 2);
  assert.match((await get(`${url}/metrics`))[1], /^sysmon_producer_spool_disk_ok 0$/m);
});

test('a root without the host below it is refused at the start', { skip: SKIP }, async (t) => {
  await assert.rejects(start(t, { HOST_ROOT: '/nowhere' }), {
    code: 'CONFIG',
    message: "HOST_ROOT=/nowhere: expected the host's root directory, found no proc/stat below it",
  });
});

test('a simulated fleet takes the place of the machine, on the very same way', async (t) => {
  const { clock, records, url } = await start(t, {
    HOST_ROOT: '/nowhere',
    SIMULATE: '3',
    SCENARIOS: 'reboot@node-0001+6s/5s',
    COLLECTORS: 'cpu,loadavg,buddyinfo',
  });
  await clock.advance(15_000);
  const events = records.map(({ key, value }) => ({
    key: String(key),
    ...JSON.parse(String(Buffer.from(value ?? []))),
  }));
  assert.deepEqual(
    events.map(({ key, seq, time }) => [key, seq, time - NOON]),
    [
      ['default/node-0000', 0, 0],
      ['default/node-0001', 0, 1666],
      ['default/node-0002', 0, 3333],
      ['default/node-0000', 1, 5000],
      ['default/node-0002', 1, 8333],
      ['default/node-0000', 2, 10_000],
      ['default/node-0001', 0, 11_666],
      ['default/node-0002', 2, 13_333],
      ['default/node-0000', 3, 15_000],
    ],
  );
  assert.equal(new Set(events.map(({ epoch }) => epoch)).size, 4);
  for (const { metrics } of events) {
    assert.deepEqual(metrics.node_scrape_collector_success, [
      ['cpu', 1],
      ['loadavg', 1],
    ]);
  }
  const [, body] = await get(`${url}/metrics`);
  assert.match(body, /^sysmon_producer_ticks_total 9$/m);
});

test('a queue of a fleet has room for some events of each node', async (t) => {
  const { url } = await start(t, { SIMULATE: '1000' });
  const [, body] = await get(`${url}/metrics`);
  assert.match(body, /^sysmon_producer_spool_max_bytes 131072000$/m);
});
