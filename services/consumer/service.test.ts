/** The whole consumer on an embedded bus: what it shows while it may, and what anybody could write to the topic. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { BusRecord, NewRecord, Subscription } from '#bus/bus.ts';
import { createEmbeddedBus } from '#bus/embedded.ts';
import { encodeEvent } from '#contract/codec.ts';
import { headersOf, keyOf, type NodeEvent } from '#contract/event.ts';
import { DEAD_LETTER_TOPIC, METRICS_TOPIC } from '#contract/topic.ts';
import { loadConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import type { Step } from '#runtime/shutdown.ts';
import { startConsumer } from './service.ts';
import { CONSUMER_SETTINGS } from './settings.ts';

const TOPIC = METRICS_TOPIC.name;

async function start(t: TestContext, env: Record<string, string> = {}, scrapePatienceMs = 0) {
  const bus = createEmbeddedBus({ now: Date.now, maxBytesPerPartition: 2 ** 30 });
  /** What the group confirms, asked by asked. */
  const group: Group = { isFresh: () => true };
  const clock = { now: 0 };
  /** As long as it is there, nothing is published before it is fulfilled. */
  const held: { until?: Promise<void> } = {};
  const steps: Step[] = [];
  const logged: string[] = [];
  const consumer = await startConsumer({
    scrapePatienceMs,
    config: loadConfig(CONSUMER_SETTINGS, {
      KAFKA_BROKERS: 'unused:1',
      LISTEN: '127.0.0.1:0',
      KUBERNETES: 'off',
      ...env,
    }),
    bus: {
      ...bus,
      subscribe: async (...of) => confirmedBy(group, await bus.subscribe(...of)),
      publish: async (...of) => {
        await held.until;
        return bus.publish(...of);
      },
    },
    monotonic: () => clock.now,
    log: createLog('test', 'info', { write: (line) => void logged.push(line) }),
    started: (step) => steps.push(step),
    fail: (error) => assert.fail(error),
  });
  t.after(async () => {
    for (const step of steps.toReversed()) await step.stop();
    await bus.close();
  });
  const metrics = async () => (await fetch(`${consumer.url}/metrics`)).text();
  const letters = async () => {
    const found: BusRecord[] = [];
    await bus.readAll(DEAD_LETTER_TOPIC.name, (record) => found.push(record));
    return found;
  };
  /** Waits until as many records were decoded, whatever became of them, and tells what did. */
  const accounted = async (records: number) => {
    for (let _turn = 0; ; _turn++) {
      const names = [
        'events_total',
        'events_duplicate_total',
        'events_reordered_total',
        'overflow_total',
        'gaps_total',
      ];
      const text = await metrics();
      const sum = [...names, 'dead_letters_total'].reduce((sum, name) => sum + countIn(text, `sysmon_${name}`), 0);
      if (sum >= records) return { sum, text };
      for (let turns = 0; turns < 200; turns++) await setImmediate();
    }
  };
  while ((await fetch(`${consumer.url}/readyz`)).status !== 200) await setImmediate();
  return { bus, group, clock, held, url: consumer.url, letters, accounted, logged };
}

interface Group {
  isFresh: () => boolean;
  /** As of when everything has been read, in the place of what the bus says. */
  asOf?: number;
}

function confirmedBy(group: Group, subscription: Subscription): Subscription {
  return {
    get fresh() {
      return group.isFresh();
    },
    trouble: undefined,
    currentAsOf: (partition) => group.asOf ?? subscription.currentAsOf(partition),
    lag: (partition) => subscription.lag(partition),
    partitionOf: (key) => subscription.partitionOf(key),
    inTurn: (action) => subscription.inTurn(action),
    rewind: (partition, offset) => subscription.rewind(partition, offset),
    close: () => subscription.close(),
  };
}

/** The sum of a counter's series. */
function countIn(text: string, name: string): number {
  const values = [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

function event(node: string, seq: number, load = 1): NodeEvent {
  return {
    ...{ v: 1, cluster: 'c', node, epoch: 'e', seq, time: 1e12 + seq, interval: 5000 },
    metrics: { node_load1: load, node_network_receive_bytes_total: [['eth0', seq]] },
  };
}

function recordOf(of: NodeEvent): NewRecord {
  return { key: keyOf(of), value: encodeEvent(of), headers: headersOf({ ...of, cluster: 'c', node: 'n' }, of.time) };
}

const bytes = fc.uint8Array({ maxLength: 40 });
const good = fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.nat(400)).map(([node, seq]) => event(node, seq));
const hostileName = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', '\u2028', '\u001b[2J', '"} 1\n', '\ud800', 'a/b', ''),
  fc.string({ unit: 'binary', maxLength: 300 }),
);
/** An event that is changed in one way; some remain events. */
const mutated: fc.Arbitrary<NewRecord> = fc.oneof(
  // Bytes that are others, or missing.
  fc.tuple(good, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })).map(([of, flips]) => {
    const value = Uint8Array.from(encodeEvent(of));
    for (const [at, byte] of flips) value[at % value.length] = byte;
    return { ...recordOf(of), value };
  }),
  fc.tuple(good, fc.nat()).map(([of, at]) => {
    const { value, ...record } = recordOf(of);
    return { ...record, value: value?.subarray(0, at % value.length) ?? null };
  }),
  // Fields of any type, names of any content.
  fc
    .tuple(good, fc.constantFrom('v', 'epoch', 'seq', 'time', 'interval', 'metrics'), fc.jsonValue())
    .map(([of, field, value]) => ({ ...recordOf(of), value: Buffer.from(JSON.stringify({ ...of, [field]: value })) })),
  fc.tuple(good, hostileName, hostileName).map(([of, node, device]) => {
    const named = { ...of, node, metrics: { node_network_receive_bytes_total: [[device, 1]] as [string, number][] } };
    return recordOf(named);
  }),
  fc.tuple(good, hostileName).map(([of, name]) => {
    const metrics = `{"node_load1":1,${JSON.stringify(name)}:{"polluted":1}}`;
    return { ...recordOf(of), value: Buffer.from(JSON.stringify(of).replace(/"metrics":.*/, `"metrics":${metrics}}`)) };
  }),
  // Keys, headers and whole records of anything.
  fc.tuple(good, fc.option(bytes)).map(([of, key]) => ({ ...recordOf(of), key })),
  fc.tuple(good, hostileName, bytes).map(([of, name, value]) => ({ ...recordOf(of), headers: { [name]: value } })),
  fc
    .tuple(good, fc.constantFrom('ce_type', 'content-type', 'sent'), bytes)
    .map(([of, name, value]) => ({ ...recordOf(of), headers: { ...headersOf(of, 0), [name]: value } })),
  fc.tuple(bytes, fc.option(bytes)).map(([key, value]) => ({ key, value, headers: {} })),
  good.map(recordOf),
);

test('while the group does not confirm what it owns, a replica shows no node, says so, and is alive', async (t) => {
  const { bus, group, url, accounted } = await start(t);
  await bus.publish(TOPIC, [recordOf(event('a', 0))]);
  await accounted(1);
  const look = async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    const ready = await fetch(`${url}/readyz`);
    const live = await fetch(`${url}/livez`);
    const nodes = text.match(/^(node_|sysmon_node_)\w+\{/gm)?.length ?? 0;
    const own = /^sysmon_ownership_fresh (.)$/m.exec(text)?.[1];
    return [nodes, own, ready.status, live.status];
  };
  assert.deepEqual(await look(), [11, '1', 200, 200]);
  group.isFresh = () => false;
  assert.deepEqual(await look(), [0, '0', 503, 200]);
  group.isFresh = () => true;
  assert.deepEqual(await look(), [11, '1', 200, 200]);
});

test('an Alertmanager is told what fires, and `/metrics` shows it', async (t) => {
  const told = Promise.withResolvers<string>();
  const server = createServer(async (request, response) => {
    told.resolve(await text(request));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const directory = mkdtempSync(join(tmpdir(), 'service-'));
  t.after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(directory, { recursive: true });
  });
  const RULES = join(directory, 'rules.yaml');
  writeFileSync(RULES, 'groups: [{ name: g, rules: [{ alert: Loaded, expr: node_load1 > 5 }] }]');
  const ALERTMANAGER_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { bus, url } = await start(t, { RULES, ALERTMANAGER_URL });
  await bus.publish(TOPIC, [recordOf(event('calm', 0)), recordOf(event('busy', 0, 10))]);
  const alerts = JSON.parse(await told.promise) as { labels: Record<string, string> }[];
  assert.deepEqual(
    alerts.map(({ labels }) => [labels.alertname, labels.node]),
    [['Loaded', 'busy']],
  );
  const sent = `sysmon_notifications_sent_total{alertmanager="${ALERTMANAGER_URL}"} 1`;
  let shown = '';
  while (!shown.includes(sent)) {
    await setImmediate();
    shown = await (await fetch(`${url}/metrics`)).text();
  }
  const [, labels = ''] = /^sysmon_alerts\{(alertname="Loaded".*)\} 1$/m.exec(shown) ?? [];
  assert.equal(labels, 'alertname="Loaded",severity="warning",state="firing",cluster="c",node="busy"');
});

test('a consumer that reads no more is not alive, whatever the wall clock shows; one that waits for the bus is', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { bus, group, clock, held, url } = await start(t);
  /** Whether it is alive after so many looks, one a second. */
  const aliveAfter = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.now += 1000;
      t.mock.timers.tick(1000);
    }
    return (await fetch(`${url}/livez`)).ok;
  };
  const wall = Date.now();
  assert.equal(await aliveAfter(1), true);
  group.asOf = 5;
  for (const step of [7_200_000, -30 * 86_400_000]) t.mock.method(Date, 'now', () => wall + step);
  assert.equal(await aliveAfter(60), true);
  assert.equal(await aliveAfter(2), false);
  group.asOf = 6;
  assert.equal(await aliveAfter(1), true);
  group.isFresh = () => false;
  assert.equal(await aliveAfter(600), true);
  group.isFresh = () => true;

  const { promise, resolve } = Promise.withResolvers<void>();
  held.until = promise;
  await bus.publish(TOPIC, [{ key: 'k', value: Buffer.from('garbage'), headers: {} }]);
  for (let turns = 0; turns < 200; turns++) await setImmediate();
  assert.equal(await aliveAfter(600), true, 'its dead letter waits for the bus');
  resolve();
});

test('what has no room is counted and told once, and so is who is claimed by two', async (t) => {
  const { bus, accounted, logged } = await start(t, { MAX_HISTORY_BYTES: '1Mi' });
  const disks = Array.from({ length: 4000 }, (_, i): [string, number] => [`disk-${i}`, 1]);
  const many = (seq: number) => ({ ...event('n', seq), metrics: { node_disk_io_time_weighted_seconds_total: disks } });
  const records = [many(0), { ...event('n', 0), epoch: 'other' }, many(1), many(2)];
  await bus.publish(TOPIC, records.map(recordOf));
  for (let text = ''; !/^sysmon_events_total 4$/m.test(text); ) ({ text } = await accounted(0));
  const { text } = await accounted(4);
  const refused = Number(/^sysmon_overflow_total\{reason="history"\} (\d+)$/m.exec(text)?.[1]);
  assert.ok(refused > 1000, `${refused} refused`);
  assert.match(text, /^sysmon_overflow_total\{reason="alerts"\} 0$/m);
  assert.match(text, /^sysmon_rule_failures_total\{alertname="DiskSaturated"\} 0$/m);
  assert.match(text, /^sysmon_node_conflicts_total\{cluster="c",node="n"\} 1$/m);
  const warned = logged.map((line) => JSON.parse(line)).filter(({ level }) => level === 'error' || level === 'warn');
  assert.deepEqual(
    warned.map(({ msg, node, reason }) => [msg, node ?? reason]),
    [
      ['rules do not see all of the past that they read: there is no room for more', 'history'],
      ['two producers claim to be one node, or its events are forged or repeated', 'n'],
    ],
  );
});

test('a scrape waits for the group to say again who owns what, as in each rebalance', async (t) => {
  const { bus, group, url, accounted } = await start(t, {}, 60_000);
  await bus.publish(TOPIC, [recordOf(event('a', 0))]);
  await accounted(1);
  let asked = 0;
  group.isFresh = () => ++asked > 3;
  assert.match(await (await fetch(`${url}/metrics`)).text(), /^node_load1\{cluster="c",node="a"\} 1$/m);
});

test('an answer that is under way when a replica loses touch with the group is cut off', async (t) => {
  const { bus, group, url, accounted } = await start(t);
  await bus.publish(TOPIC, [recordOf(event('a', 0))]);
  await accounted(1);
  let asked = 0;
  group.isFresh = () => asked++ === 0;
  await assert.rejects(async () => (await fetch(`${url}/metrics`)).text());
  group.isFresh = () => true;
  assert.equal(countIn(await (await fetch(`${url}/metrics`)).text(), 'sysmon_scrapes_aborted_total'), 1);
});

test('of 10,000 records that are nearly events every one is accounted for, and the neighbours are served', async (t) => {
  const { bus, accounted, letters, logged } = await start(t);
  const hostile = fc.sample(mutated, { numRuns: 10_000, seed: 1 });
  for (let i = 0; i < hostile.length; i += 100) {
    await bus.publish(TOPIC, [recordOf(event('neighbour', i / 100, i)), ...hostile.slice(i, i + 100)]);
  }
  const { sum, text } = await accounted(10_100);
  assert.equal(sum, 10_100);
  assert.match(text, /^node_load1\{cluster="c",node="neighbour"\} 9900$/m);
  assert.match(text, /^sysmon_node_events_received_total\{cluster="c",node="neighbour"\} 100$/m);
  assert.match(text, /^sysmon_node_completeness_ratio\{cluster="c",node="neighbour"\} 1$/m);

  const kept = await letters();
  assert.ok(kept.length > 3000 && kept.length < 9000, `${kept.length} of 10,000 are no events`);
  for (const { headers } of kept) assert.ok(headers.dlq_reason && headers.dlq_offset && headers.dlq_partition);
  const hexOf = (value: Uint8Array | null) => (value === null ? 'tombstone' : Buffer.from(value).toString('hex'));
  const raw = new Set(hostile.map(({ value }) => hexOf(value)));
  for (const { value } of kept) assert.ok(raw.has(hexOf(value)), 'a letter is raw');

  assert.deepEqual(Object.keys(Object.prototype), []);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  for (const line of logged) assert.doesNotMatch(line.slice(0, -1), /[^\P{Cc}]|[\u2028\u2029]/u);
});

test('nodes that somebody makes up cost what the bound allows, and leave those that are known alone', async (t) => {
  const { bus, url, accounted } = await start(t, { MAX_NODES: '500' });
  const bare = (node: string, seq = 0) => recordOf({ ...event(node, seq), metrics: { node_load1: seq } });
  await bus.publish(TOPIC, [bare('neighbour')]);
  await accounted(1);
  const madeUp = Array.from({ length: 10_000 }, (_, i) => bare(`made-up-${i}`));
  await bus.publish(TOPIC, [...madeUp, bare('neighbour', 1)]);
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  const { text } = await accounted(10_002);
  assert.equal(countIn(text, 'sysmon_overflow_total'), 9501);
  assert.equal(countIn(text, 'sysmon_node_up'), 500);
  assert.match(text, /^node_load1\{cluster="c",node="neighbour"\} 1$/m);
});
