import assert from 'node:assert/strict';
import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { PipelineError } from './errors.ts';
import { type HttpOptions, serve } from './http.ts';
import { createLog } from './log.ts';

async function server(t: TestContext, change: Partial<HttpOptions> = {}): Promise<{ url: string; lines: string[] }> {
  const lines: string[] = [];
  const { url, close } = await serve({
    listen: { host: '127.0.0.1', port: 0 },
    routes: {},
    live: () => undefined,
    ready: () => undefined,
    log: createLog('test', 'warn', { write: (line) => void lines.push(line) }),
    ...change,
  });
  t.after(close);
  return { url, lines };
}

test('a probe answers 200, or 503 with the reason', async (t) => {
  const { url } = await server(t, { ready: () => 'waiting for the broker' });
  const live = await fetch(`${url}/livez`);
  const ready = await fetch(`${url}/readyz`);
  assert.deepEqual([live.status, await live.text()], [200, 'ok\n']);
  assert.deepEqual([ready.status, await ready.text()], [503, 'waiting for the broker\n']);
});

test('a path is found whatever its query', async (t) => {
  const { url } = await server(t, { routes: { '/hello': (_request, response) => void response.end('hello') } });
  assert.equal(await (await fetch(`${url}/hello?who=me`)).text(), 'hello');
});

test('an unknown path is 404 and names those there are', async (t) => {
  const { url } = await server(t);
  const response = await fetch(`${url}/nowhere`);
  assert.deepEqual([response.status, await response.text()], [404, 'no such page; there are /livez /readyz\n']);
});

test('methods that write are refused', async (t) => {
  const { url } = await server(t);
  const response = await fetch(`${url}/livez`, { method: 'POST' });
  assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD']);
});

test('a route that throws answers 500, logs why, and the server goes on', async (t) => {
  const { url, lines } = await server(t, { routes: { '/bad': () => Promise.reject(new Error('broken')) } });
  assert.equal((await fetch(`${url}/bad`)).status, 500);
  assert.match(lines[0] ?? '', /"error":"broken"/);
  assert.equal((await fetch(`${url}/livez`)).status, 200);
});

test('a client that asks without end on one connection does not keep the server from closing', async () => {
  const asked = Promise.withResolvers<void>();
  const { url, close } = await serve({
    listen: { host: '127.0.0.1', port: 0 },
    routes: {
      '/slow': async (_request, response) => {
        asked.resolve();
        await setImmediate();
        response.end('done');
      },
    },
    live: () => undefined,
    ready: () => undefined,
    log: createLog('test', 'error'),
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers: string[] = [];
  const asking = (async () => {
    for (;;) answers.push(await textOf(`${url}/slow`, agent));
  })();
  await asked.promise;
  await Promise.all([close(), assert.rejects(asking)]);
  assert.ok(answers.every((answer) => answer === 'done'));
  agent.destroy();
});

function textOf(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => text(response).then(resolve, reject)).on('error', reject);
  });
}

test('an address that is taken is a clear error', async (t) => {
  const { url } = await server(t);
  const port = Number(new URL(url).port);
  await assert.rejects(
    server(t, { listen: { host: '127.0.0.1', port } }),
    (error) =>
      error instanceof PipelineError &&
      error.code === 'LISTEN' &&
      error.message === `LISTEN=127.0.0.1:${port}: another program listens there; expected a free address`,
  );
});
