import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeCluster } from './fake-cluster.ts';
import { Fetcher } from './fetcher.ts';

test('each partition of a leader is asked for first in its turn', async () => {
  const cluster = new FakeCluster();
  for (const partition of [0, 1, 2]) cluster.add(partition, 'a', ['never handled']);
  const done = Promise.withResolvers<void>();
  const hooks = {
    wanted: () => new Map([0, 1, 2].map((partition) => [partition, 0])),
    fetched: async () => {
      if (cluster.fetches.length === 4) done.resolve();
    },
    failed: (error: unknown) => done.reject(error),
  };
  const fetcher = new Fetcher({ current: async () => cluster, refresh: async () => undefined }, 'topic', hooks);
  fetcher.wake();
  await done.promise;
  fetcher.stop();
  assert.deepEqual(
    cluster.fetches.slice(0, 4).map(({ partitions }) => partitions),
    [
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
      [0, 1, 2],
    ],
  );
});
