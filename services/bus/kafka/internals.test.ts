/** What is replaced inside of kafkajs is in effect, from its sources as well as from a bundle. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import fetchApi from 'kafkajs/src/protocol/requests/fetch/index.js';
import { decodeFetchResponse } from './fetch-response.ts';

const directory = mkdtempSync(join(tmpdir(), 'bundle-'));
after(() => rmSync(directory, { recursive: true, force: true }));

/** An answer without partitions, which kafkajs' own reader tells apart by `responses` and `throttleTime`. */
const EMPTY_ANSWER = Buffer.alloc(14);

test('the newest answer to a fetch that kafkajs knows is the one that is read here', async () => {
  assert.equal(Math.max(...fetchApi.versions.map(Number)), 11);
  const { response } = fetchApi.protocol({ version: 11 })({ topics: [] });
  assert.deepEqual(await response.decode(EMPTY_ANSWER), decodeFetchResponse(EMPTY_ANSWER));
});

test('in a bundle of the bus, kafkajs calls what replaces its own', { timeout: 60_000 }, async () => {
  const outfile = join(directory, 'bundle.mjs');
  const probe = `
    import './kafka.ts';
    import fetchApi from 'kafkajs/src/protocol/requests/fetch/index.js';
    import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
    import Connection from 'kafkajs/src/network/connection.js';
    const { response } = fetchApi.protocol({ version: 11 })({ topics: [] });
    export const answer = await response.decode(Buffer.alloc(14));
    const idle = Object.create(RequestQueue.prototype);
    Object.assign(idle, { pending: [], throttledUntil: -1, throttleCheckTimeoutId: null });
    idle.scheduleCheckPendingRequests();
    export const idleTimer = idle.throttleCheckTimeoutId;
    export const connect = Connection.prototype.connect.name;
  `;
  await build({
    stdin: { contents: probe, resolveDir: join(import.meta.dirname, '..') },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  const bundle = await import(pathToFileURL(outfile).href);
  assert.deepEqual(bundle.answer, decodeFetchResponse(EMPTY_ANSWER));
  assert.equal(bundle.idleTimer, null);
  assert.equal(bundle.connect, 'connectOnce');
});
