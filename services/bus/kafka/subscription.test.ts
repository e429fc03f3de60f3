import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Listener, textOf } from '../listener.ts';
import { FakeCluster } from './fake-cluster.ts';
import { KafkaSubscription } from './subscription.ts';

const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** A member of a group, and what it is told. */
function join(cluster: FakeCluster, listener = new Listener()): Listener {
  const connections = { current: async () => cluster, refresh: async () => undefined, close: async () => undefined };
  const subscription = new KafkaSubscription(connections, 'topic', 'group', listener, log);
  listener.subscription = subscription;
  subscription.start();
  return listener;
}

test('a partition is read although the leader of another one does not answer', async () => {
  const cluster = new FakeCluster();
  cluster.add(0, 'a', ['0']);
  cluster.add(1, 'frozen', ['1']);
  cluster.frozen.add('frozen');
  cluster.assign([0, 1]);
  const listener = join(cluster);
  await listener.until(() => listener.committed === 1);
  assert.deepEqual(listener.records.map(textOf), ['0']);
  await listener.close();
});

test('what has moved away is lost at once, although what has come cannot be found yet', async () => {
  const cluster = new FakeCluster();
  cluster.add(0, 'a', ['0']);
  cluster.add(1, 'frozen', ['1']);
  cluster.frozen.add('frozen');
  cluster.assign([0]);
  const listener = join(cluster);
  await listener.until(() => listener.committed === 1);
  cluster.assign([0, 1]);
  await listener.until(() => listener.owned.size === 2);
  cluster.assign([1]);
  await listener.until(() => listener.owned.size === 1);
  assert.deepEqual(listener.told, ['assigned 0', 'assigned 1', 'lost 0']);
  await listener.close();
});

test('what moves away while it is being assigned is lost when it is', async () => {
  const cluster = new FakeCluster();
  cluster.add(0, 'a');
  cluster.assign([0]);
  const listener = new Listener();
  const assigned = Promise.withResolvers<void>();
  listener.onAssigned = () => assigned.promise;
  join(cluster, listener);
  await listener.until(() => listener.owned.size === 1);
  cluster.assign([]);
  while (cluster.joined < 2) await setImmediate();
  assert.deepEqual(listener.told, ['assigned 0']);
  assigned.resolve();
  await listener.until(() => listener.told.length === 2);
  assert.deepEqual(listener.told, ['assigned 0', 'lost 0']);
  await listener.close();
});

test('what may have been another’s meanwhile is handled only after that was told, and lost only then', async () => {
  const cluster = new FakeCluster();
  cluster.add(0, 'a', ['0', '1']);
  cluster.unseen = 1;
  cluster.assign([0]);
  const told = Promise.withResolvers<void>();
  const regained: number[] = [];
  const listener = Object.assign(new Listener(), {
    regained(partitions: readonly number[]) {
      regained.push(...partitions);
      return told.promise;
    },
  });
  join(cluster, listener);
  await listener.until(() => listener.committed === 1);
  assert.deepEqual(regained, []);
  cluster.assign([0]);
  cluster.assign([0]);
  while (regained.length === 0) await setImmediate();
  cluster.unseen = 0;
  cluster.assign([]);
  while (cluster.joined < 4) await setImmediate();
  assert.deepEqual([listener.committed, listener.told], [1, ['assigned 0']]);
  cluster.assign([0]);
  while (cluster.joined < 5) await setImmediate();
  told.resolve();
  await listener.until(() => listener.committed === 2);
  assert.deepEqual([...new Set(regained)], [0]);
  await listener.close();
});

test('a partition is not current before it is read as far as others may have read it', async () => {
  const cluster = new FakeCluster();
  cluster.add(0, 'a', ['0', '1', '2']);
  cluster.unseen = 1;
  cluster.assign([0]);
  const listener = join(cluster);
  const current = () => listener.subscription?.currentAsOf(0) !== undefined;
  const fetched = async (more: number) => {
    for (const before = cluster.fetches.length; cluster.fetches.length < before + more; ) await setImmediate();
  };
  await listener.until(() => listener.committed === 2);
  await fetched(3);
  assert.equal(current(), false);
  cluster.unseen = 0;
  await listener.until(() => listener.committed === 3);
  while (!current()) await setImmediate();

  // What happens in a generation that the member has not seen may have been shown by somebody else.
  cluster.unseen = 1;
  cluster.assign([0]);
  cluster.assign([0]);
  while (cluster.joined < 3) await setImmediate();
  await fetched(3);
  assert.equal(current(), false);
  cluster.unseen = 0;
  while (!current()) await setImmediate();
  await listener.close();
});

test('where the position of the group is beyond the end, all that there is counts as not handled', async () => {
  const cluster = new FakeCluster();
  cluster.add(0, 'a', ['new 0', 'new 1'], { start: 3, committed: 1_000 });
  cluster.assign([0]);
  const recalled: unknown[] = [];
  const listener = Object.assign(new Listener(), {
    recall: { ms: 30_000, take: (records: readonly unknown[]) => void recalled.push(...records) },
  });
  join(cluster, listener);
  await listener.until(() => listener.committed === 2);
  assert.deepEqual([listener.records.map(textOf), recalled], [['new 0', 'new 1'], []]);
  await listener.close();
});
