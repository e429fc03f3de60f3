import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { ConsumerMetrics } from './metrics.ts';
import { scrapeRoute } from './scrape.ts';
import { createState } from './state.ts';

/** One node is shown; what `own` does happens after its series were written and before the answer ends. */
async function serve(t: TestContext, own: () => void) {
  const group = { fresh: true };
  let aborted = 0;
  const metrics = {
    registry: {
      metrics: async () => {
        own();
        return 'own 1\n';
      },
    },
    scrapeDuration: { startTimer: () => () => undefined },
    scrapeSize: { set: () => undefined },
    scrapesAborted: { inc: () => void aborted++ },
  } as unknown as ConsumerMetrics;
  const state = createState();
  state.listen(0, 1);
  state.take({
    ...{ partition: 0, samples: 1, bytes: 100, now: 1 },
    event: { v: 1, cluster: 'c', node: 'n', epoch: 'e', seq: 0, time: 1, interval: 1000, metrics: { node_load1: 1 } },
  });
  const route = scrapeRoute(
    { state, fresh: () => group.fresh },
    metrics,
    () => true,
    () => 1,
    0,
  );
  const server = createServer((request, response) => void route(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { group, scrape: async () => (await fetch(url)).text(), aborted: () => aborted };
}

test('an answer is whole as long as it is certain whose the nodes are', async (t) => {
  const { scrape, aborted } = await serve(t, () => undefined);
  assert.match(await scrape(), /^node_load1\{.*\} 1$[\s\S]*^own 1$/m);
  assert.equal(aborted(), 0);
});

test('an answer that a frozen process would end too late has no end', async (t) => {
  const { group, scrape, aborted } = await serve(t, () => {
    group.fresh = false;
  });
  await assert.rejects(scrape());
  assert.equal(aborted(), 1);
});

test('an answer without nodes is whole in any case', async (t) => {
  const { group, scrape } = await serve(t, () => undefined);
  group.fresh = false;
  assert.equal(await scrape(), 'own 1\n');
});
