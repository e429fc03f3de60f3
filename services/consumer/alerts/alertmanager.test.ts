import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { Counter } from 'prom-client';
import { createLog } from '#runtime/log.ts';
import { httpServers } from '#runtime/settings.ts';
import { createAlertmanager } from './alertmanager.ts';
import type { FiringAlert, PostableAlert } from './postable-alert.ts';
import type { Transition } from './transition.ts';

const START = Date.UTC(2026, 0, 1);

interface Request {
  readonly message: IncomingMessage;
  readonly alerts: readonly PostableAlert[];
  answer(status?: number, text?: string): void;
}

/** An Alertmanager that is this test: each request waits to be answered by it, in turn. */
async function server(t: TestContext) {
  const requests: Request[] = [];
  const server = createServer(async (message: IncomingMessage, response: ServerResponse) => {
    const alerts = JSON.parse(await text(message)) as PostableAlert[];
    requests.push({ message, alerts, answer: (status = 200, text = '') => void response.writeHead(status).end(text) });
    server.emit('asked');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    async asked(): Promise<Request> {
      while (requests.length === 0) await once(server, 'asked');
      return requests.shift() as Request;
    },
    waiting: () => requests.length,
  };
}

/** Time passes when the test says so. */
function clock() {
  let now = 0;
  let waits: { until: number; end: () => void }[] = [];
  const events = new EventEmitter();
  const passTo = (moment: number) => {
    now = moment;
    const due = waits.filter(({ until }) => until <= now);
    for (const { end } of due) end();
  };
  return {
    monotonic: () => now,
    wait: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        const end = () => {
          waits = waits.filter((other) => other !== waiting);
          resolve();
        };
        const waiting = { until: now + ms, end };
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', end, { once: true });
        waits.push(waiting);
        events.emit('wait');
      }),
    /** When everybody waits for something: after how many milliseconds the first goes on. */
    async idle(loops = 1): Promise<number> {
      while (waits.length < loops) await once(events, 'wait');
      return Math.min(...waits.map(({ until }) => until)) - now;
    },
    pass: (ms: number) => passTo(now + ms),
  };
}

interface Given {
  readonly url?: string;
  readonly timeoutMs?: number;
  readonly generatorUrl?: string;
}

function setUp(t: TestContext, url: string, given: Given = {}) {
  const time = clock();
  const firing = new Map<string, FiringAlert>();
  const owned = { fresh: true };
  const logged: Record<string, string>[] = [];
  const labelNames = ['alertmanager'] as const;
  const notificationsSent = new Counter({ name: 'sent_total', help: 'x', labelNames, registers: [] });
  const notificationsFailed = new Counter({ name: 'failed_total', help: 'x', labelNames, registers: [] });
  const alertmanager = createAlertmanager({
    servers: httpServers.parse(url) ?? [],
    fresh: () => owned.fresh,
    firing: () => firing.values(),
    metrics: { notificationsSent, notificationsFailed },
    log: createLog('test', 'info', { write: (line) => void logged.push(JSON.parse(line)) }),
    now: () => START + time.monotonic(),
    monotonic: time.monotonic,
    wait: time.wait,
    // No request fails because this test is slow to answer it.
    timeoutMs: 2 ** 31 - 1,
    ...given,
  });
  t.after(alertmanager.close);
  const transition = (node: string, state: Transition['state'], wasFiring = true): Transition => ({
    ...{ alertId: node, alertname: 'Busy', cluster: 'c', node, severity: 'warning', value: 1, state, wasFiring },
    ...{ reason: undefined, late: false },
    ...{ since: START - 60_000, time: START + time.monotonic(), labels: labelsOf(node), annotations: {} },
    evidence: { group: 'g', expr: 'x', forMs: 0, keepFiringForMs: 0, windowMs: undefined, threshold: undefined },
  });
  const fire = (node: string, labels: Record<string, string> = labelsOf(node)) => {
    firing.set(node, { labels, annotations: { summary: 'busy' }, firedAt: START + time.monotonic() });
    alertmanager.tell(transition(node, 'firing'), coordinates(0));
  };
  const resolve = (node: string, partition = 0) => {
    firing.delete(node);
    alertmanager.tell(transition(node, 'resolved'), coordinates(partition));
  };
  const count = async (counter: Counter) => (await counter.get()).values.map(({ value }) => value);
  return {
    ...{ alertmanager, time, firing, owned, logged, fire, resolve, transition },
    messages: () => logged.map(({ msg }) => msg),
    sent: () => count(notificationsSent),
    failed: () => count(notificationsFailed),
    counters: async () => [...(await notificationsSent.get()).values, ...(await notificationsFailed.get()).values],
  };
}

/** One Alertmanager, and what it is told. */
async function pair(t: TestContext, given: Given = {}) {
  const { port, asked, waiting } = await server(t);
  return { asked, waiting, port, ...setUp(t, given.url ?? `http://127.0.0.1:${port}`, given) };
}

function labelsOf(node: string) {
  return { alertname: 'Busy', severity: 'warning', cluster: 'c', node, instance: node };
}
const coordinates = (partition: number) => ({ topic: 'system.metrics', partition, offset: 7 });
const nodesOf = ({ alerts }: Request) => alerts.map(({ labels }) => labels.node);
/** Seconds after the start. */
const secondsOf = (time: string | undefined) => (Date.parse(time ?? '') - START) / 1000;
const iso = (seconds: number) => new Date(START + seconds * 1000).toISOString();

test('an alert that fires is told soon, with all that Alertmanager takes', async (t) => {
  const { time, fire, asked } = await pair(t, { generatorUrl: 'https://consumer.example/' });
  await time.idle();
  time.pass(10_000);
  fire('a');
  const soon = await time.idle();
  assert.ok(soon <= 1000, `within ${soon} ms`);
  time.pass(soon);
  const { message, alerts, answer } = await asked();
  answer();
  assert.deepEqual([message.method, message.url], ['POST', '/api/v2/alerts']);
  assert.equal(message.headers['content-type'], 'application/json');
  assert.deepEqual(alerts, [
    {
      labels: labelsOf('a'),
      annotations: { summary: 'busy' },
      startsAt: iso(10),
      endsAt: iso((10_000 + soon) / 1000 + 120),
      generatorURL: 'https://consumer.example/',
    },
  ]);
});

test('alerts that change together are told together, and only what is new', async (t) => {
  const { time, fire, asked } = await pair(t);
  fire('a');
  time.pass(await time.idle());
  (await asked()).answer();
  await time.idle();
  fire('b');
  const soon = await time.idle();
  time.pass(soon / 2);
  fire('c');
  time.pass(soon / 2);
  const request = await asked();
  request.answer();
  assert.deepEqual(nodesOf(request), ['b', 'c']);
  assert.equal(await time.idle(), 30_000 - 2 * soon, 'the next round is when it would have been');
});

test('all that fires is told again in each round, with annotations as they are then and a later end', async (t) => {
  const { time, firing, fire, asked } = await pair(t);
  firing.set('a', { labels: labelsOf('a'), annotations: { summary: '90 %' }, firedAt: START });
  fire('b');
  time.pass(await time.idle());
  const first = await asked();
  first.answer();
  firing.set('a', { labels: labelsOf('a'), annotations: { summary: '95 %' }, firedAt: START });
  time.pass(await time.idle());
  const second = await asked();
  second.answer();
  assert.deepEqual(
    [nodesOf(first), nodesOf(second)],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
  );
  assert.deepEqual(second.alerts[0]?.annotations, { summary: '95 %' });
  assert.equal(second.alerts[0]?.startsAt, first.alerts[0]?.startsAt);
  assert.equal(secondsOf(second.alerts[0]?.endsAt), 150);
});

test('an alert that has resolved is told with its end for a quarter of an hour, then no more', async (t) => {
  const { time, fire, resolve, asked, waiting } = await pair(t);
  fire('a');
  time.pass(await time.idle());
  (await asked()).answer();
  await time.idle();
  time.pass(5000);
  const ended = time.monotonic() / 1000;
  resolve('a');
  time.pass(await time.idle());
  let rounds = 0;
  for (; time.monotonic() / 1000 - ended <= 900; rounds++) {
    const { alerts, answer } = await asked();
    answer();
    assert.deepEqual(
      alerts.map(({ labels, startsAt, endsAt }) => [labels.node, secondsOf(startsAt), secondsOf(endsAt)]),
      [['a', 0, ended]],
    );
    time.pass(await time.idle());
  }
  assert.equal(rounds, 31, 'once soon, then in each round');
  time.pass(await time.idle());
  await time.idle();
  assert.equal(waiting(), 0);
});

test('an alert that resolves before it could be told as firing is told as resolved', async (t) => {
  const { time, fire, resolve, asked } = await pair(t);
  fire('a');
  resolve('a');
  time.pass(await time.idle());
  const { alerts, answer } = await asked();
  answer();
  assert.equal(secondsOf(alerts[0]?.startsAt), -60, 'since its condition held');
  assert.equal(secondsOf(alerts[0]?.endsAt), 0);
});

test('an alert that never fired is not told when its condition ends', async (t) => {
  const { time, alertmanager, transition, waiting } = await pair(t);
  await time.idle();
  alertmanager.tell(transition('a', 'pending', false), coordinates(0));
  alertmanager.tell(transition('a', 'resolved', false), coordinates(0));
  assert.equal(await time.idle(), 30_000, 'and makes nobody hurry');
  time.pass(30_000);
  await time.idle();
  assert.equal(waiting(), 0);
});

test('an alert that fires again is not told as resolved any more', async (t) => {
  const { time, fire, resolve, asked } = await pair(t);
  fire('a');
  resolve('a');
  time.pass(await time.idle());
  (await asked()).answer();
  await time.idle();
  fire('a');
  const ends: number[] = [];
  for (let i = 0; i < 2; i++) {
    time.pass(await time.idle());
    const { alerts, answer } = await asked();
    answer();
    ends.push(...alerts.map(({ endsAt }) => secondsOf(endsAt) - time.monotonic() / 1000));
    await time.idle();
  }
  assert.deepEqual(ends, [120, 120]);
});

test('of more that resolve than there is room for, the last are told', async (t) => {
  const { time, resolve, asked } = await pair(t);
  for (let i = 0; i < 20_100; i++) resolve(`n${i}`);
  time.pass(await time.idle());
  const told: string[] = [];
  while (told.length < 20_000) {
    const request = await asked();
    request.answer();
    told.push(...(nodesOf(request) as string[]));
  }
  assert.deepEqual([told[0], told.at(-1), told.length], ['n100', 'n20099', 20_000]);
});

test('nothing is said any more of a partition that is lost, of others it is', async (t) => {
  const { time, firing, fire, resolve, alertmanager, asked, waiting } = await pair(t);
  fire('stays');
  fire('moves');
  resolve('moved', 1);
  resolve('ended', 2);
  time.pass(await time.idle());
  const before = await asked();
  before.answer();
  assert.deepEqual(nodesOf(before), ['stays', 'moves', 'moved', 'ended']);
  await time.idle();
  firing.delete('moves');
  alertmanager.lost([1]);
  time.pass(await time.idle());
  const after = await asked();
  after.answer();
  assert.deepEqual(nodesOf(after), ['stays', 'ended']);
  assert.equal(waiting(), 0);
});

test('while it is not certain who owns what nothing is said, and soon after it is, all of it', async (t) => {
  const { time, owned, fire, resolve, asked, waiting } = await pair(t);
  owned.fresh = false;
  fire('a');
  resolve('b');
  for (let passed = 0; passed < 60_000; passed += 500) {
    time.pass(await time.idle());
    await time.idle();
  }
  assert.equal(waiting(), 0);
  owned.fresh = true;
  const soon = await time.idle();
  assert.ok(soon <= 1000);
  time.pass(soon);
  const request = await asked();
  request.answer();
  assert.deepEqual(nodesOf(request), ['a', 'b']);
});

test('many alerts go in several requests, and a process that was frozen between two leaves the rest', async (t) => {
  const { time, owned, fire, asked, waiting, sent } = await pair(t);
  for (let i = 0; i < 1000; i++) fire(`n${i}`);
  time.pass(await time.idle());
  const first = await asked();
  assert.equal(first.alerts.length, 256);
  owned.fresh = false;
  first.answer();
  await time.idle();
  assert.equal(waiting(), 0);
  assert.deepEqual(await sent(), [256]);
  owned.fresh = true;
  time.pass(await time.idle());
  const rest: string[] = [];
  while (rest.length < 744) {
    const request = await asked();
    request.answer();
    rest.push(...(nodesOf(request) as string[]));
  }
  assert.deepEqual([rest[0], rest.at(-1), rest.length], ['n256', 'n999', 744], 'and what was told is not told again');
  await time.idle();
  assert.deepEqual(await sent(), [1000]);
});

test('what was to be told of a partition that moves between two requests is not', async (t) => {
  const { time, firing, fire, alertmanager, asked } = await pair(t);
  for (let i = 0; i < 300; i++) fire(`n${i}`);
  time.pass(await time.idle());
  const first = await asked();
  firing.delete('n299');
  alertmanager.lost([0]);
  first.answer();
  time.pass(await time.idle());
  const second = await asked();
  second.answer();
  assert.deepEqual([nodesOf(second).length, nodesOf(second).at(-1)], [300 - 256 - 1, 'n298']);
});

test('a request that fails is made again, less and less often, at most a round later, and told once', async (t) => {
  const { time, fire, asked, messages, sent, failed } = await pair(t);
  fire('a');
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    time.pass(await time.idle());
    (await asked()).answer(503, 'not now');
    waits.push(await time.idle());
  }
  assert.deepEqual(
    waits,
    [1, 2, 4, 8, 16, 30, 30, 30].map((seconds) => seconds * 1000),
  );
  assert.deepEqual(messages(), ['Alertmanager is not reached; it is tried again']);
  assert.deepEqual([await sent(), await failed()], [[0], [8]]);
  time.pass(await time.idle());
  const { alerts, answer } = await asked();
  answer();
  assert.equal(secondsOf(alerts[0]?.endsAt), time.monotonic() / 1000 + 120, 'as things are by then');
  await time.idle();
  assert.deepEqual(messages(), ['Alertmanager is not reached; it is tried again', 'Alertmanager takes alerts again']);
  assert.deepEqual([await sent(), await failed()], [[1], [8]]);
});

test('what resolves while an Alertmanager is away it is told as resolved', async (t) => {
  const { time, fire, resolve, asked } = await pair(t);
  fire('a');
  time.pass(await time.idle());
  (await asked()).answer(502);
  await time.idle();
  time.pass(500);
  resolve('a');
  time.pass(await time.idle());
  const { alerts, answer } = await asked();
  answer();
  assert.deepEqual(
    alerts.map(({ endsAt }) => secondsOf(endsAt)),
    [1],
  );
});

test('an Alertmanager that is not there, or does not answer, is a failure with its reason', async (t) => {
  const { port } = await server(t);
  const silent = setUp(t, `http://127.0.0.1:${port}`, { timeoutMs: 20 });
  silent.fire('a');
  silent.time.pass(await silent.time.idle());
  await silent.time.idle();
  assert.match(silent.logged[0]?.error ?? '', /timeout/);
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const absent = setUp(t, `http://127.0.0.1:${(gone.address() as AddressInfo).port}`);
  await once(gone.close(), 'close');
  absent.fire('a');
  absent.time.pass(await absent.time.idle());
  await absent.time.idle();
  assert.match(absent.logged[0]?.error ?? '', /ECONNREFUSED/);
});

test('each instance is told, and one that fails holds up no other', async (t) => {
  const [one, other] = [await server(t), await server(t)];
  const urls = [`http://127.0.0.1:${one.port}`, `http://127.0.0.1:${other.port}/prefix`];
  const { time, fire, counters } = setUp(t, urls.join(','));
  fire('a');
  time.pass(await time.idle(2));
  const [held, { message, answer }] = [await one.asked(), await other.asked()];
  assert.equal(message.url, '/prefix/api/v2/alerts');
  answer();
  await time.idle();
  fire('b');
  time.pass(await time.idle());
  const request = await other.asked();
  request.answer();
  assert.deepEqual(nodesOf(request), ['b']);
  held.answer(500);
  await time.idle(2);
  assert.deepEqual(
    (await counters()).map(({ labels, value }) => [labels.alertmanager, value]),
    [
      [urls[0], 0],
      [urls[1], 2],
      [urls[0], 1],
      [urls[1], 0],
    ],
  );
});

test('alerts that are refused are told with the answer, once, and not before the next round again', async (t) => {
  const { time, fire, asked, logged, messages, failed } = await pair(t);
  fire('bad');
  time.pass(await time.idle());
  (await asked()).answer(400, `invalid label name "ü"${'!'.repeat(10_000)}`);
  assert.equal(await time.idle(), 29_500);
  const { level, answer: text } = logged[0] ?? {};
  assert.equal(level, 'error');
  assert.match(text ?? '', /^HTTP 400: invalid label name "ü"!{400,500}$/);
  fire('good');
  time.pass(await time.idle());
  const between = await asked();
  between.answer();
  assert.deepEqual(nodesOf(between), ['good']);
  time.pass(await time.idle());
  (await asked()).answer(400, 'invalid label name');
  await time.idle();
  assert.deepEqual([messages(), await failed()], [['Alertmanager refuses alerts'], [2]]);
  time.pass(await time.idle());
  (await asked()).answer();
  await time.idle();
  assert.deepEqual(messages(), ['Alertmanager refuses alerts', 'Alertmanager takes alerts again']);
});

test('a redirection is not followed: what it leads to would be asked, not told', async (t) => {
  const { time, fire, asked, logged } = await pair(t);
  fire('a');
  time.pass(await time.idle());
  (await asked()).answer(302, 'log in first');
  await time.idle();
  assert.equal(logged[0]?.answer, 'HTTP 302: log in first');
});

test('credentials of the URL log in, and stand in no log line and no metric', async (t) => {
  const { port, asked } = await server(t);
  const { time, fire, logged, counters } = setUp(t, `http://me:s%3Acret@127.0.0.1:${port}/`);
  fire('a');
  time.pass(await time.idle());
  const { message, answer } = await asked();
  answer(401);
  assert.equal(message.headers.authorization, `Basic ${btoa('me:s:cret')}`);
  await time.idle();
  assert.equal(logged[0]?.alertmanager, `http://127.0.0.1:${port}`);
  assert.doesNotMatch(JSON.stringify([logged, await counters()]), /cret|me:|Basic/);
});

test('hostile labels arrive as they are, and two rules that say the same are one alert', async (t) => {
  const { time, fire, asked } = await pair(t);
  const labels = { ...labelsOf('a'), device: '"},{"labels":{}}\n\u2028\u001b[2J\u202e', __proto: '', '\u00fc': 'x' };
  fire('a', labels);
  fire('same', { ...labels });
  time.pass(await time.idle());
  const { alerts, answer } = await asked();
  answer();
  const { __proto, ...expected } = labels;
  assert.deepEqual(
    alerts.map(({ labels }) => labels),
    [expected],
  );
});

test('at the end a request that is under way is given up, and nothing is told as resolved', async (t) => {
  const { time, fire, alertmanager, asked, waiting, messages } = await pair(t);
  fire('a');
  time.pass(await time.idle());
  const { message } = await asked();
  const gone = once(message.socket, 'close');
  await alertmanager.close();
  await gone;
  assert.deepEqual([waiting(), messages()], [0, []]);
});
