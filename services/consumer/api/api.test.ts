/** The API of a whole consumer on an embedded bus: what it answers, and what it never shows. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createEmbeddedBus } from '#bus/embedded.ts';
import { encodeEvent } from '#contract/codec.ts';
import { headersOf, keyOf, type NodeEvent } from '#contract/event.ts';
import { METRICS_TOPIC } from '#contract/topic.ts';
import { loadConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import type { Step } from '#runtime/shutdown.ts';
import { startConsumer } from '../service.ts';
import { CONSUMER_SETTINGS } from '../settings.ts';
import {
  ALERT_HELP,
  ALERTS_HELP,
  type AlertsAnswer,
  FLEET_COLUMNS,
  HELLO_HELP,
  NODE_COLUMNS,
  NODE_HELP,
  NODES_HELP,
  type NodesAnswer,
  RULE_HELP,
  RULES_HELP,
  type RulesAnswer,
  SERIES_HELP,
  type SeriesAnswer,
  TICK_HELP,
  TRANSITION_HELP,
} from './shapes.ts';

const RULES = `
groups:
  - name: test
    rules:
      - alert: Loaded
        expr: node_load1 > 5
        labels: { severity: critical }
        annotations: { summary: "{{ $labels.node }} has a load of {{ $value }}" }
      - alert: Loaded
        expr: node_load1 > 2
        for: 1m
`;

async function start(t: TestContext, env: Record<string, string> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'api-'));
  const rules = join(directory, 'rules.yaml');
  writeFileSync(rules, RULES);
  const bus = createEmbeddedBus({ now: Date.now });
  const group = { fresh: true };
  const steps: Step[] = [];
  const variables = { KAFKA_BROKERS: 'unused:1', LISTEN: '127.0.0.1:0', KUBERNETES: 'off', RULES: rules, ...env };
  const consumer = await startConsumer({
    scrapePatienceMs: 0,
    config: loadConfig(CONSUMER_SETTINGS, variables),
    bus: {
      ...bus,
      async subscribe(...of) {
        const subscription = await bus.subscribe(...of);
        return {
          get fresh() {
            return group.fresh;
          },
          trouble: undefined,
          currentAsOf: (partition) => subscription.currentAsOf(partition),
          partitionOf: (key) => subscription.partitionOf(key),
          lag: (partition) => subscription.lag(partition),
          inTurn: (action) => subscription.inTurn(action),
          rewind: (partition, offset) => subscription.rewind(partition, offset),
          close: () => subscription.close(),
        };
      },
    },
    log: createLog('test', 'error', { write: () => undefined }),
    started: (step) => steps.push(step),
    fail: (error) => assert.fail(error),
  });
  const stop = async () => {
    for (const step of steps.splice(0).toReversed()) await step.stop();
    await bus.close();
  };
  t.after(async () => {
    await stop();
    rmSync(directory, { recursive: true });
  });
  const { url } = consumer;
  while ((await fetch(`${url}/readyz`)).status !== 200) await setImmediate();
  let sent = 0;
  /** Publishes events and waits until they are applied. */
  const publish = async (...events: readonly NodeEvent[]) => {
    const records = events.map((of) => ({ key: keyOf(of), value: encodeEvent(of), headers: headersOf(of, of.time) }));
    await bus.publish(METRICS_TOPIC.name, records);
    sent += events.length;
    const all = new RegExp(`^sysmon_events_total ${sent}$`, 'm');
    while (!all.test(await (await fetch(`${url}/metrics`)).text())) await setImmediate();
  };
  const ask = async <Answer>(path: string) => (await (await fetch(`${url}/api/${path}`)).json()) as Answer;
  return { url, group, publish, ask, stop, state: consumer.state };
}

const START = Date.now() - 60_000;

function event(node: string, seq: number, load: number): NodeEvent {
  return {
    ...{ v: 1, cluster: 'c', node, epoch: 'e', seq, time: START + seq * 5000, interval: 5000 },
    metrics: { node_load1: load, node_network_receive_bytes_total: [['eth0', seq * 50_000]] },
  };
}

/** Reads a stream's messages, as they come. */
async function stream(t: TestContext, url: string, headers: Record<string, string> = {}) {
  const response = await new Promise<IncomingMessage>((resolve) => get(`${url}/api/stream`, { headers }, resolve));
  t.after(() => response.destroy());
  const messages: { event: string; id: string | undefined; data: Record<string, unknown> }[] = [];
  let rest = '';
  response.setEncoding('utf8').on('data', (text: string) => {
    const parts = `${rest}${text}`.split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(part)?.[1];
      const event = field('event');
      if (event !== undefined) messages.push({ event, id: field('id'), data: JSON.parse(field('data') ?? '') });
    }
  });
  const next = async (event: string, where: (data: Record<string, unknown>) => boolean = () => true) => {
    for (;;) {
      const found = messages.find((message) => message.event === event && where(message.data));
      if (found !== undefined) return found;
      await setImmediate();
    }
  };
  return { response, messages, next };
}

const keysOf = (...of: readonly object[]) => Object.keys(Object.assign({}, ...of)).sort();

test('each answer has the fields that are documented, and no other', async (t) => {
  const { publish, ask, url } = await start(t);
  await publish(event('a', 0, 1), event('a', 1, 6));
  const nodes = await ask<NodesAnswer>('nodes');
  assert.deepEqual(keysOf(nodes), keysOf(NODES_HELP));
  // What this node does not have is absent.
  const absent = /^(cpu|memory|disk|ioP|networkT|diskM)/;
  assert.deepEqual(
    keysOf(...nodes.nodes),
    keysOf(NODE_HELP).filter((name) => !absent.test(name)),
  );
  const alerts = await ask<AlertsAnswer>('alerts');
  assert.deepEqual(keysOf(alerts), keysOf(ALERTS_HELP));
  assert.deepEqual(keysOf(...alerts.active), keysOf(ALERT_HELP));
  // It says when it fired in another row, and nothing here ended before its time.
  const others = keysOf(TRANSITION_HELP).filter((name) => name !== 'firedMs' && name !== 'reason');
  assert.deepEqual(keysOf(...alerts.recent), others);
  const rules = await ask<RulesAnswer>('rules');
  assert.deepEqual(keysOf(rules), keysOf(RULES_HELP));
  assert.deepEqual(keysOf(...rules.rules), keysOf(RULE_HELP));
  const series = await ask<SeriesAnswer>('series?cluster=c&node=a');
  assert.deepEqual(keysOf(series), keysOf(SERIES_HELP));
  assert.deepEqual(keysOf(series.series), keysOf(NODE_COLUMNS));
  assert.deepEqual(keysOf((await ask<SeriesAnswer>('series')).series), keysOf(FLEET_COLUMNS));
  const { next } = await stream(t, url);
  assert.deepEqual(keysOf((await next('hello')).data), keysOf(HELLO_HELP));
  assert.deepEqual(keysOf((await next('nodes')).data, { fleet: 0 }), keysOf(TICK_HELP));
});

test('a node is as its last event, with figures computed; its series has each event', async (t) => {
  const { publish, ask } = await start(t);
  await publish(event('a', 0, 1), event('a', 1, 6), event('b', 0, 3));
  const { nodes } = await ask<NodesAnswer>('nodes');
  const of = (name: string) => nodes.find(({ node }) => node === name);
  const { load1, networkReceiveBytesPerSecond, alertsFiring, alertsPending, worstSeverity, up } = of('a') ?? {};
  assert.deepEqual(
    { load1, networkReceiveBytesPerSecond, alertsFiring, alertsPending, worstSeverity, up },
    {
      load1: 6,
      networkReceiveBytesPerSecond: 10_000,
      alertsFiring: 1,
      alertsPending: 1,
      worstSeverity: 'critical',
      up: true,
    },
  );
  assert.equal(of('b')?.networkReceiveBytesPerSecond, undefined);
  const { times, series } = await ask<SeriesAnswer>('series?cluster=c&node=a&metric=load1&metric=alertsFiring');
  assert.deepEqual(
    { times, series },
    { times: [START, START + 5000], series: { load1: [1, 6], alertsFiring: [0, 1] } },
  );
  const later = await ask<SeriesAnswer>(`series?cluster=c&node=a&metric=load1&since=${START + 1}`);
  assert.deepEqual(later.series, { load1: [6] });
});

test('alerts are all that are active and what has changed; rules say how many each has', async (t) => {
  const { publish, ask } = await start(t);
  await publish(event('a', 0, 6), event('b', 0, 6), event('b', 1, 1));
  const { active, recent } = await ask<AlertsAnswer>('alerts');
  const shown = (rows: AlertsAnswer['active']) =>
    rows.filter(({ node }) => node !== '').map(({ node, severity, state }) => [node, severity, state].join(' '));
  assert.deepEqual(shown(active), ['a critical firing', 'a warning pending']);
  assert.deepEqual(shown(recent).sort(), [
    'a critical firing',
    'a warning pending',
    'b critical firing',
    'b critical resolved',
    'b warning pending',
    'b warning resolved',
  ]);
  assert.equal(active[0]?.annotations.summary, 'a has a load of 6');
  const some = await ask<AlertsAnswer>('alerts?state=resolved&severity=critical&node=b&cluster=c');
  assert.deepEqual([some.active.length, shown(some.recent)], [0, ['b critical resolved']]);
  const { rules } = await ask<RulesAnswer>('rules');
  assert.deepEqual(
    rules.map(({ alertname, severity, forSeconds, pending, firing }) => ({
      alertname,
      severity,
      forSeconds,
      pending,
      firing,
    })),
    [
      { alertname: 'Loaded', severity: 'critical', forSeconds: 0, pending: 0, firing: 1 },
      { alertname: 'Loaded', severity: 'warning', forSeconds: 60, pending: 1, firing: 0 },
    ],
  );
});

test('a mistake in a request is told; nothing but reading is answered', async (t) => {
  const { url, publish } = await start(t);
  await publish(event('a', 0, 1));
  const mistakes = {
    'nodes?limit=5': [400, /unknown parameter "limit"; expected none/],
    'series?since=yesterday': [400, /since="yesterday": expected milliseconds/],
    'series?node=a': [400, /expected cluster and node together/],
    'series?cluster=c&node=a&metric=cpu': [400, /metric="cpu": expected one of cpuPercent/],
    'series?since=1&since=2': [400, /since: given more than once/],
    'series?cluster=c&node=b': [404, /no such node/],
    'alerts?state=burning': [400, /state="burning": expected one of pending/],
  } as const;
  for (const [path, [status, message]] of Object.entries(mistakes)) {
    const response = await fetch(`${url}/api/${path}`);
    const { error } = (await response.json()) as { error: string };
    assert.equal(response.status, status, path);
    assert.match(error, message);
  }
  assert.equal((await fetch(`${url}/api`)).status, 404);
  for (const path of ['/', '/api/nodes', '/api/stream']) {
    assert.equal((await fetch(`${url}${path}`, { method: 'POST' })).status, 405, path);
    const head = await fetch(`${url}${path}`, { method: 'HEAD' });
    assert.deepEqual([head.status, await head.text()], [200, ''], path);
  }
});

test('while it is not certain whose nodes they are, none is shown, and the stream says so', async (t) => {
  const { url, group, publish } = await start(t);
  await publish(event('a', 0, 6));
  const open = await stream(t, url);
  assert.equal(((await open.next('nodes')).data.nodes as object[]).length, 1);
  group.fresh = false;
  for (const path of ['nodes', 'series', 'series?cluster=c&node=a', 'alerts', 'rules']) {
    const response = await fetch(`${url}/api/${path}`);
    const text = await response.text();
    assert.equal(response.status, 503, path);
    assert.match(text, /^\{"error":"it is not certain/);
    assert.doesNotMatch(text, /"a"/);
  }
  await open.next('tick', ({ fresh }) => fresh === false);
  const another = await stream(t, url);
  assert.deepEqual((await another.next('nodes')).data.nodes, []);
  group.fresh = true;
  const { nodes } = (await open.next('tick', ({ fresh, nodes }) => fresh === true && (nodes as []).length > 0)).data;
  assert.equal((nodes as object[]).length, 1, 'all are told again');
});

test('a node that leaves takes with it all that was kept of it', async (t) => {
  const { url, publish, state, ask } = await start(t);
  await publish(event('a', 0, 6), event('b', 0, 6));
  const open = await stream(t, url);
  await open.next('nodes');
  state.forget({ cluster: 'c', node: 'a' });
  assert.deepEqual((await open.next('tick', ({ gone }) => (gone as []).length > 0)).data.gone, [
    { cluster: 'c', node: 'a' },
  ]);
  const { recent } = await ask<AlertsAnswer>('alerts');
  assert.deepEqual(new Set(recent.map(({ node }) => node).filter((node) => node !== '')), new Set(['b']));
  assert.equal((await fetch(`${url}/api/series?cluster=c&node=a`)).status, 404);
});

test('the stream tells what changes; who comes again is told what was missed', async (t) => {
  const { url, publish } = await start(t);
  await publish(event('a', 0, 1));
  const first = await stream(t, url);
  const { id, data } = await first.next('hello');
  assert.equal(data.resumed, false);
  await publish(event('a', 1, 6));
  const { nodes } = (await first.next('tick', ({ nodes }) => (nodes as []).length > 0)).data;
  assert.equal((nodes as { load1: number }[])[0]?.load1, 6);
  const fires = await first.next('transition', ({ severity, state }) => severity === 'critical' && state === 'firing');
  first.response.destroy();
  await publish(event('a', 2, 1));

  const missed = await stream(t, url, { 'last-event-id': fires.id ?? '' });
  await missed.next('transition', ({ severity, state }) => severity === 'critical' && state === 'resolved');
  await missed.next('nodes');
  const own = missed.messages.filter(({ event, data }) => event === 'transition' && data.severity === 'critical');
  const states = own.map(({ data }) => data.state);
  assert.ok(!states.includes('firing'), 'what was seen is not told again');
  assert.equal((await missed.next('hello')).data.resumed, true);
  const all = await stream(t, url, { 'last-event-id': id ?? '' });
  await all.next('transition', ({ state }) => state === 'firing');
  const other = await stream(t, url, { 'last-event-id': 'another-run-7' });
  assert.equal((await other.next('hello')).data.resumed, false);
});

test('there is a bound on readers, and those there are do not keep the consumer from its end', async (t) => {
  const { url, stop } = await start(t);
  const { MOST_READERS } = await import('./stream.ts');
  const readers = await Promise.all(Array.from({ length: MOST_READERS }, () => stream(t, url)));
  for (const reader of readers) await reader.next('hello');
  const refused = await stream(t, url);
  assert.equal(refused.response.statusCode, 503);
  readers[0]?.response.destroy();
  for (;;) {
    const again = await stream(t, url);
    if (again.response.statusCode === 200) break;
    again.response.destroy();
    await setImmediate();
  }
  await stop();
});

test('without history the present is there all the same', async (t) => {
  const { publish, ask } = await start(t, { PAGE_HISTORY_BYTES: '0' });
  await publish(event('a', 0, 1), event('a', 1, 2));
  assert.deepEqual((await ask<SeriesAnswer>('series?cluster=c&node=a')).times, []);
  assert.equal((await ask<NodesAnswer>('nodes')).nodes[0]?.networkReceiveBytesPerSecond, 10_000);
});
