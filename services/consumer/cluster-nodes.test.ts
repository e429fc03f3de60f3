import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createLog } from '#runtime/log.ts';
import { apiServerOf, watchClusterNodes } from './cluster-nodes.ts';

/** An API server that is this test: each request waits to be answered by it, in turn. */
async function cluster(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'cluster-'));
  const tokenFile = join(directory, 'token');
  writeFileSync(tokenFile, 'first\n');
  const requests: [IncomingMessage, ServerResponse][] = [];
  const server = createServer((request, response) => {
    requests.push([request, response]);
    server.emit('asked');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const deleted: string[] = [];
  const waits: number[] = [];
  const logged: string[] = [];
  const nodes = watchClusterNodes({
    server: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tokenFile, caFile: 'unused' },
    selector: 'os=linux',
    now: () => 0,
    deleted: (node) => deleted.push(node),
    log: createLog('test', 'info', { write: (line) => void logged.push(JSON.parse(line).msg) }),
    wait: async (ms) => void waits.push(ms),
  });
  t.after(async () => {
    await nodes.close();
    server.closeAllConnections();
    server.close();
    rmSync(directory, { recursive: true });
  });

  async function asked(path: RegExp): Promise<ServerResponse> {
    while (requests.length === 0) await once(server, 'asked');
    const [request, response] = requests.shift() as [IncomingMessage, ServerResponse];
    assert.match(request.url ?? '', path);
    last.headers = request.headers;
    return response;
  }
  const last = { headers: {} as IncomingMessage['headers'] };
  const answerList = async (path: RegExp, names: readonly string[], metadata: object = { resourceVersion: '7' }) => {
    const items = names.map((name) => ({ metadata: { name } }));
    (await asked(path)).end(JSON.stringify({ metadata, items }));
  };
  return { asked, answerList, deleted, waits, logged, last, tokenFile };
}

const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;
const node = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } });
const LIST = /^\/api\/v1\/nodes\?labelSelector=os%3Dlinux&limit=500$/;
const WATCH = (from: string) =>
  new RegExp(`^/api/v1/nodes\\?labelSelector=os%3Dlinux&watch=1&.*resourceVersion=${from}$`);

test('a node that is deleted is told, one that comes or changes is not', async (t) => {
  const { asked, answerList, deleted, last } = await cluster(t);
  await answerList(LIST, ['a', 'b']);
  assert.equal(last.headers.authorization, 'Bearer first');
  assert.match(last.headers.accept ?? '', /PartialObjectMetadataList/);
  const watch = await asked(WATCH('7'));
  watch.write(line('ADDED', node('c', '8')) + line('MODIFIED', node('a', '9')));
  watch.end(line('DELETED', node('c', '10')) + line('DELETED', node('never-seen', '11')));
  await asked(WATCH('11'));
  assert.deepEqual(deleted, ['c']);
});

test('a list comes in pages, and a watch goes on where the last one ended', async (t) => {
  const { asked, answerList, deleted, waits } = await cluster(t);
  await answerList(LIST, ['a'], { resourceVersion: '7', continue: 'more' });
  await answerList(/limit=500&continue=more$/, ['b']);
  (await asked(WATCH('7'))).end(line('BOOKMARK', { metadata: { resourceVersion: '20' } }));
  const watch = await asked(WATCH('20'));
  watch.end(line('DELETED', node('a', '21')) + line('DELETED', node('b', '22')));
  await asked(WATCH('22'));
  assert.deepEqual(
    [deleted, waits],
    [
      ['a', 'b'],
      [1000, 1000],
    ],
  );
});

test('what was deleted while nobody watched is found when all is listed again', async (t) => {
  const { asked, answerList, deleted, waits, logged } = await cluster(t);
  await answerList(LIST, ['a', 'b']);
  (await asked(WATCH('7'))).end(line('ERROR', { code: 410, message: 'too old resource version' }));
  await answerList(LIST, ['b', 'c'], { resourceVersion: '99' });
  await asked(WATCH('99'));
  assert.deepEqual([deleted, waits, logged], [['a'], [1000], []]);
});

test('missing rights are told once and asked for again slowly, with the token as it is by then', async (t) => {
  const { asked, answerList, deleted, waits, logged, last, tokenFile } = await cluster(t);
  for (let time = 0; time < 3; time++) (await asked(LIST)).writeHead(403).end();
  const third = await asked(LIST);
  writeFileSync(tokenFile, 'second\n');
  third.writeHead(401).end();
  await answerList(LIST, ['a']);
  assert.equal(last.headers.authorization, 'Bearer second');
  await asked(WATCH('7'));
  assert.deepEqual([waits, deleted], [[30_000, 30_000, 30_000, 30_000], []]);
  assert.deepEqual(logged, [
    "the cluster's nodes cannot be followed; it is tried again",
    "the cluster's nodes are known again",
  ]);
});

test('a request that fails and an answer that is none are met by listing again, a watch that breaks by another', async (t) => {
  const { asked, answerList, deleted, waits } = await cluster(t);
  await answerList(LIST, ['a', 'b', 'c']);
  (await asked(WATCH('7'))).socket?.destroy();
  (await asked(LIST)).end('no JSON');
  await answerList(LIST, ['a', 'b', 'c']);
  (await asked(WATCH('7'))).end(line('ERROR', { code: 500, message: 'no' }));
  await answerList(LIST, ['b', 'c']);
  (await asked(WATCH('7'))).end('{"type":\n');
  await answerList(LIST, ['b', 'c']);
  assert.deepEqual([deleted, waits], [['a'], [30_000, 30_000, 30_000, 30_000]]);
  const watch = await asked(WATCH('7'));
  watch.write(`${line('DELETED', node('b', '8'))}{"type":"DEL`, () => watch.socket?.destroy());
  await asked(WATCH('8'));
  assert.deepEqual([deleted, waits.at(-1)], [['a', 'b'], 1000]);
});

test('there is an API server to ask where the environment names one and a service account is there', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'cluster-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };
  assert.equal(apiServerOf(env, directory), undefined);
  writeFileSync(join(directory, 'token'), 'x');
  assert.deepEqual(apiServerOf(env, directory), {
    url: 'https://10.0.0.1:6443',
    tokenFile: join(directory, 'token'),
    caFile: join(directory, 'ca.crt'),
  });
  assert.equal(apiServerOf({ KUBERNETES_SERVICE_HOST: 'fd00::1' }, directory)?.url, 'https://[fd00::1]:443');
  assert.equal(apiServerOf({}, directory), undefined);
});
