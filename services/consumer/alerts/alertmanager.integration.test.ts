/** A real Alertmanager is told what fires: what it makes of it, and what becomes of it when it is away. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Counter } from 'prom-client';
import { createLog } from '#runtime/log.ts';
import { type Notification, startAlertmanager, startReceiver } from '../../../e2e/alertmanager.ts';
import { skipWithout } from '../../../e2e/debian.ts';
import { eventually } from '../../../e2e/programs.ts';
import { createAlertmanager } from './alertmanager.ts';
import type { FiringAlert } from './postable-alert.ts';

const skip = skipWithout('prometheus-alertmanager', 'prometheus-alertmanager');

/** A round takes a second and a half, and a quarter of an hour three quarters of a minute. */
const SPEED = 20;

async function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'alertmanager-'));
  const receiver = await startReceiver();
  const config = {
    route: {
      receiver: 'webhook',
      group_by: ['alertname'],
      group_wait: '1s',
      group_interval: '200ms',
      repeat_interval: '1h',
    },
    receivers: [{ name: 'webhook', webhook_configs: [{ url: receiver.url, send_resolved: true }] }],
    inhibit_rules: [
      { source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: ['node'] },
    ],
  };
  let program = await startAlertmanager(directory, config);
  const firing = new Map<string, FiringAlert>();
  const metric = (name: string) => new Counter({ name, help: 'x', labelNames: ['alertmanager'], registers: [] });
  const logged: string[] = [];
  const alertmanager = createAlertmanager({
    servers: [{ url: program.url, authorization: undefined }],
    fresh: () => true,
    firing: () => firing.values(),
    metrics: { notificationsSent: metric('sent_total'), notificationsFailed: metric('failed_total') },
    log: createLog('test', 'error', { write: (line) => void logged.push(line) }),
    now: Date.now,
    monotonic: () => performance.now() * SPEED,
    wait: (ms, signal) => setTimeout(ms / SPEED, undefined, { signal }).catch(() => undefined),
  });
  t.after(async () => {
    await alertmanager.close();
    await program.stop();
    receiver.close();
    rmSync(directory, { recursive: true, force: true });
    assert.deepEqual(logged, [], 'nothing was refused');
  });

  function tell(state: 'firing' | 'resolved', labels: Record<string, string>): void {
    const [time, cluster, node] = [Date.now(), 'c', labels.node ?? ''];
    const key = JSON.stringify(labels);
    const annotations = { summary: `${labels.alertname} on ${node}` };
    if (state === 'firing') firing.set(key, { labels, annotations, firedAt: time });
    else firing.delete(key);
    const evidence = { expr: 'x', forMs: 0, keepFiringForMs: 0, windowMs: undefined, threshold: undefined };
    alertmanager.tell(
      {
        ...{ alertId: key, alertname: '', cluster, node, severity: '', since: time, time, value: 1, wasFiring: true },
        ...{ reason: undefined, late: false },
        ...{ state, labels, annotations, evidence: { group: 'g', ...evidence } },
      },
      { topic: 'system.metrics', partition: 0, offset: 0 },
    );
  }

  return {
    fire: (labels: Record<string, string>) => tell('firing', labels),
    resolve: (labels: Record<string, string>) => tell('resolved', labels),
    receiver,
    alerts: () => program.alerts(),
    silence: (name: string, value: string) => program.silence(name, value),
    stop: () => program.stop(),
    async start() {
      program = await startAlertmanager(directory, config, program.port);
    },
    /** The first notification that is so, when there is one. */
    notified: (is: (notification: Notification) => boolean) =>
      eventually(() => receiver.notifications.find(is) ?? assert.fail(JSON.stringify(receiver.notifications))),
  };
}

function labelsOf(node: string, over: Record<string, string> = {}): Record<string, string> {
  return { alertname: 'Busy', severity: 'warning', cluster: 'c', node, instance: node, ...over };
}
const namesOf = ({ alerts }: Notification) => alerts.map(({ labels }) => labels.node).sort();

test('an alert of 20 nodes is one notification, and what has resolved is notified', { skip }, async (t) => {
  const { fire, resolve, notified, receiver } = await setUp(t);
  const nodes = Array.from({ length: 20 }, (_, i) => `node-${i}`).sort();
  for (const node of nodes) fire(labelsOf(node));
  const first = await notified(({ status }) => status === 'firing');
  assert.deepEqual([first.groupLabels, namesOf(first)], [{ alertname: 'Busy' }, nodes]);
  const [alert] = first.alerts;
  assert.deepEqual(alert?.labels, labelsOf(alert?.labels.node ?? ''));
  assert.deepEqual(alert?.annotations, { summary: `Busy on ${alert?.labels.node}` });
  for (const node of nodes) resolve(labelsOf(node));
  // A group is looked at every 200 ms, so they may resolve in two.
  const resolved = await eventually(() => {
    const alerts = receiver.notifications.flatMap(({ alerts }) => alerts).filter(({ status }) => status === 'resolved');
    assert.equal(alerts.length, nodes.length);
    return alerts;
  });
  assert.deepEqual(resolved.map(({ labels }) => labels.node).sort(), nodes);
  for (const { startsAt, endsAt } of resolved) assert.ok(Date.parse(startsAt) < Date.parse(endsAt));
});

test('labels that a node makes up arrive as they are', { skip }, async (t) => {
  const { fire, notified } = await setUp(t);
  const labels = labelsOf('a', { mountpoint: '"},{\n\u2028\u001b[2J\u202e ü', device: '' });
  fire(labels);
  const { alerts } = await notified(() => true);
  const { device, ...expected } = labels;
  assert.deepEqual(
    alerts.map(({ labels }) => labels),
    [expected],
  );
});

test('a critical alert inhibits warnings of its node, as long as it fires', { skip }, async (t) => {
  const { fire, resolve, notified, alerts, receiver } = await setUp(t);
  const critical = labelsOf('a', { alertname: 'Down', severity: 'critical' });
  fire(critical);
  fire(labelsOf('a'));
  fire(labelsOf('b'));
  await notified(({ groupLabels }) => groupLabels.alertname === 'Down');
  const busy = await notified(({ groupLabels }) => groupLabels.alertname === 'Busy');
  assert.deepEqual(namesOf(busy), ['b']);
  const inhibited = (await alerts()).filter(({ status }) => status.inhibitedBy.length > 0);
  assert.deepEqual(
    inhibited.map(({ labels }) => labels),
    [labelsOf('a')],
  );
  assert.ok(
    !receiver.notifications.some((each) => each.groupLabels.alertname === 'Busy' && namesOf(each).includes('a')),
  );
  resolve(critical);
  await notified((each) => each.groupLabels.alertname === 'Busy' && namesOf(each).includes('a'));
});

test('a silence mutes what it is about', { skip }, async (t) => {
  const { fire, notified, alerts, silence } = await setUp(t);
  await silence('node', 'a');
  fire(labelsOf('a'));
  fire(labelsOf('b'));
  assert.deepEqual(namesOf(await notified(() => true)), ['b']);
  const silenced = (await alerts()).filter(({ status }) => status.silencedBy.length > 0);
  assert.deepEqual(
    silenced.map(({ labels }) => labels),
    [labelsOf('a')],
  );
});

test('an Alertmanager that was away learns what has resolved, and what fires', { skip }, async (t) => {
  const { fire, resolve, notified, stop, start } = await setUp(t);
  fire(labelsOf('a'));
  await notified(({ status }) => status === 'firing');
  await stop();
  resolve(labelsOf('a'));
  fire(labelsOf('b', { alertname: 'Full' }));
  await start();
  assert.deepEqual(namesOf(await notified(({ status }) => status === 'resolved')), ['a']);
  assert.deepEqual(namesOf(await notified(({ groupLabels }) => groupLabels.alertname === 'Full')), ['b']);
});

test('an Alertmanager that starts anew knows what fires, and notifies nobody again', { skip }, async (t) => {
  const { fire, resolve, notified, alerts, receiver, stop, start } = await setUp(t);
  fire(labelsOf('a'));
  const { startsAt } = (await notified(() => true)).alerts[0] ?? {};
  await stop();
  await start();
  const known = await eventually(
    async () => (await alerts()).find(({ status }) => status.state === 'active') ?? assert.fail(),
  );
  assert.deepEqual([known.labels, Date.parse(known.startsAt)], [labelsOf('a'), Date.parse(startsAt ?? '')]);
  resolve(labelsOf('a'));
  await notified(({ status }) => status === 'resolved');
  assert.deepEqual(
    receiver.notifications.map(({ status }) => status),
    ['firing', 'resolved'],
  );
});
