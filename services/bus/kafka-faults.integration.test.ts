/** What Kafka does to its clients on a bad day: three real brokers, and members as processes that can be frozen. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { type BrokerCluster, skipWithoutKafka, startCluster } from '../../e2e/kafka/broker.ts';
import type { Bus, NewRecord } from './bus.ts';
import { bomb, crowd, produceBatch } from './kafka/raw-batches.ts';
import { type BusLog, createKafkaBus } from './kafka.ts';
import { Listener, textOf } from './listener.ts';
import { MemberProcess } from './member-process.ts';

const TIMEOUT_MS = 90_000;
const quiet = () => undefined;
const log: BusLog = { debug: quiet, info: quiet, warn: quiet, error: quiet };

suite('Kafka on a bad day', { skip: skipWithoutKafka(), timeout: 8 * TIMEOUT_MS }, () => {
  let cluster: BrokerCluster;
  let admin: Admin;
  const processes: MemberProcess[] = [];
  const buses: Bus[] = [];
  before(async () => {
    cluster = await startCluster(3);
    admin = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
  });
  after(async () => {
    await Promise.all(processes.map((each) => each.stop('SIGKILL')));
    await Promise.all(buses.map((each) => each.close()));
    await admin?.disconnect();
    await cluster?.stop();
  });

  const options = { timeout: TIMEOUT_MS };
  const newBus = (): Bus => {
    const bus = createKafkaBus({ brokers: cluster.brokers, clientId: 'test', log });
    buses.push(bus);
    return bus;
  };
  const spawn = (topic: string, group: string) => {
    const member = new MemberProcess(cluster.brokers[0] ?? '', topic, group);
    processes.push(member);
    return member;
  };

  /** The broker that leads the only partition of a topic. */
  async function leaderOf(topic: string): Promise<{ node: BrokerCluster['nodes'][number]; broker: string }> {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const index = (topics[0]?.partitions[0]?.leader ?? 0) - 1;
    const node = cluster.nodes[index];
    assert.ok(node, `no leader of ${topic}`);
    return { node, broker: node.brokers[0] ?? '' };
  }

  test(
    'records that are deleted before they were read are told, and reading goes on behind them',
    options,
    async () => {
      const bus = newBus();
      await bus.ensureTopics([{ name: 'retained', partitions: 1, config: {} }]);
      await bus.publish('retained', [0, 1, 2].map(record));
      const first = new Listener();
      await first.join(bus, 'retained', 'slow');
      await first.until(() => first.committed === 3);
      await first.close();
      await bus.publish('retained', [3, 4, 5, 6, 7, 8].map(record));
      await admin.fetchTopicOffsets('retained'); // or kafkajs knows no leader to send the deletion to
      await admin.deleteTopicRecords({ topic: 'retained', partitions: [{ partition: 0, offset: '7' }] });
      const second = new Listener();
      await second.join(bus, 'retained', 'slow');
      await second.until(() => second.records.length === 2);
      assert.deepEqual(second.told, ['assigned 0', 'skipped 0: 3 to 7']);
      assert.deepEqual(second.records.map(textOf), ['7', '8']);
      await bus.close();
    },
  );

  test(
    'a topic that is deleted is waited for, and read from its beginning when it is there again',
    options,
    async () => {
      const bus = newBus();
      const topic = { name: 'again', partitions: 1, config: {} };
      await bus.ensureTopics([topic]);
      await bus.publish('again', [0, 1, 2, 3, 4].map(record));
      const listener = new Listener();
      await listener.join(bus, 'again', 'again');
      await listener.until(() => listener.committed === 5);
      assert.equal(listener.subscription?.trouble, undefined);
      await admin.deleteTopics({ topics: ['again'] });
      await until(() => listener.subscription?.trouble !== undefined);
      assert.match(listener.subscription?.trouble ?? '', /fetch from again: .*topic-partition/);
      await persist(() => bus.ensureTopics([topic]));
      await persist(() => bus.publish('again', [record('new')]));
      await listener.until(() => listener.textsOf('new').length === 1);
      await until(() => listener.subscription?.trouble === undefined);
      assert.deepEqual(listener.failures, []);
      await bus.close();
    },
  );

  test(
    'a bomb and a crowd of records are each one refused record, cost little, and what is beside them is read',
    options,
    async () => {
      const bus = newBus();
      const config = { 'max.message.bytes': '2000000' };
      await bus.ensureTopics([{ name: 'hostile', partitions: 1, config }]);
      const member = spawn('hostile', 'hostile');
      await bus.publish('hostile', [record('before')]);
      await member.until(({ committed }) => committed === true);
      const { maxRss: idle = 0 } = await member.until(({ maxRss }) => maxRss !== undefined, member.lines.length);
      const { broker } = await leaderOf('hostile');
      for (const batch of [bomb(1_000_000_000), crowd(400_000), bomb(100_000_000)]) {
        await produceBatch(broker, 'hostile', 0, batch);
      }
      await bus.publish('hostile', [record('after')]);
      const started = performance.now();
      await member.until(({ batch }) => batch?.some(({ value }) => value === 'after') ?? false);
      assert.ok(performance.now() - started < 10_000);

      const read = member.lines.flatMap(({ batch = [] }) => batch);
      assert.deepEqual(
        read.map(({ offset, lastOffset, value }) => value ?? [offset, lastOffset]),
        ['before', [1, 1], [2, 400_001], [400_002, 400_002], 'after'],
      );
      assert.match(read[1]?.refused ?? '', /decompresses/);
      assert.match(read[2]?.refused ?? '', /400000 records/);
      const most = Math.max(...member.lines.map(({ maxRss = 0 }) => maxRss));
      assert.ok(idle > 0 && most - idle < 200_000_000, `${most - idle} bytes more`);
      await Promise.all([member.stop(), bus.close()]);
    },
  );

  test('a member that joins or leaves moves its share and nothing else', options, async () => {
    const bus = newBus();
    await bus.ensureTopics([{ name: 'sticky', partitions: 6, config: {} }]);
    const members: Listener[] = [];
    for (const size of [6, 3, 2]) {
      const member = new Listener();
      members.push(member);
      await member.join(bus, 'sticky', 'sticky');
      await Promise.all(members.map((each) => each.until(() => each.owned.size === size)));
    }
    const [first, second, third] = members;
    assert.ok(first && second && third);
    // Nobody was given anything but by joining.
    for (const member of members) assert.equal(member.told.filter((what) => what.startsWith('assigned')).length, 1);
    const before = [first, third].map((owner) => ({ owner, owned: [...owner.owned] }));
    await second.close();
    await Promise.all([first, third].map((each) => each.until(() => each.owned.size === 3)));
    assert.ok(before.every(({ owner, owned }) => owned.every((partition) => owner.owned.has(partition))));
    await bus.close();
  });

  test('a member that ends hands over within a second', options, async () => {
    const bus = newBus();
    await bus.ensureTopics([{ name: 'handover', partitions: 2, config: {} }]);
    const staying = new Listener();
    await staying.join(bus, 'handover', 'handover');
    const took: number[] = [];
    for (let round = 0; round < 3; round++) {
      const leaving = spawn('handover', 'handover-handover');
      await leaving.until(({ assigned }) => assigned?.length === 1);
      const moving = [0, 1].find((partition) => !staying.owned.has(partition)) ?? 0;
      const started = performance.now();
      const left = leaving.stop();
      await leaving.until(({ lost }) => lost !== undefined);
      await bus.publish('handover', [{ ...record(`round ${round}`), partition: moving }]);
      await staying.until(
        () => staying.textsOf(`round ${round}`).length === 1 || leaving.values.includes(`round ${round}`),
      );
      await staying.until(() => staying.owned.size === 2);
      took.push(performance.now() - started);
      await left;
    }
    assert.ok(Math.min(...took) < 1_000, `${took}`); // the machine may be busy with something else
    await bus.close();
  });

  suite('over longer than a session', { concurrency: 2 }, () => {
    test(
      'a member that wakes up from a frost longer than its session knows that it is out of date',
      options,
      async () => {
        const bus = newBus();
        await bus.ensureTopics([{ name: 'frost', partitions: 1, config: {} }]);
        const frozen = spawn('frost', 'frost');
        await bus.publish('frost', [record('before')]);
        await frozen.until(({ committed }) => committed === true);
        const other = spawn('frost', 'frost');
        await other.until(({ assigned }) => assigned?.length === 0);
        await frozen.until(({ fresh }) => fresh === true, frozen.lines.length);
        frozen.signal('SIGSTOP');
        await other.until(({ assigned }) => assigned?.length === 1);
        await bus.publish('frost', [record('meanwhile')]);
        await other.until(({ committed }) => committed === true);
        const woken = Date.now();
        frozen.signal('SIGCONT');
        await frozen.until(({ lost }) => lost?.length === 1);
        const last = frozen.lines.findLast(({ at = woken }) => at < woken);
        const first = frozen.lines.find(({ at = 0 }) => at >= woken);
        assert.deepEqual([last?.fresh, first?.fresh], [true, false]);
        assert.deepEqual(frozen.values, ['before']);
        await bus.publish('frost', [record('after')]);
        await other.until(({ batch }) => batch?.[0]?.value === 'after');
        assert.deepEqual(other.values, ['meanwhile', 'after']);
        await Promise.all([frozen.stop(), other.stop(), bus.close()]);
      },
    );

    test(
      'a handler that takes longer than the session, busy or waiting, keeps its partition and commits',
      options,
      async () => {
        const bus = newBus();
        await bus.ensureTopics([{ name: 'slow', partitions: 1, config: {} }]);
        await bus.publish('slow', [record('long')]);
        const listener = new Listener();
        const stale: number[] = [];
        listener.onBatch = async () => {
          for (const begin = performance.now(); performance.now() < begin + 12_000; ) {
            const busyUntil = performance.now() + 50;
            while (performance.now() < busyUntil);
            await new Promise((resolve) => setTimeout(resolve, 200));
            if (listener.subscription?.fresh !== true) stale.push(performance.now() - begin);
          }
        };
        await listener.join(bus, 'slow', 'slow');
        await listener.until(() => listener.committed === 1);
        assert.deepEqual(stale, []);
        await listener.close();
        await bus.publish('slow', [record('next')]);
        const next = new Listener();
        await next.join(bus, 'slow', 'slow');
        await next.until(() => next.records.length > 0);
        assert.deepEqual(next.records.map(textOf), ['next']);
        await bus.close();
      },
    );
  });

  test(
    'brokers that are rolled, and the death of a leader, lose and reorder nothing and move no partition',
    options,
    async () => {
      const bus = newBus();
      await bus.ensureTopics([{ name: 'rolled', partitions: 1, config: {} }]);
      const listener = new Listener();
      await listener.join(bus, 'rolled', 'rolled');
      await listener.until(() => listener.owned.size === 1);
      const published: string[] = [];
      let rolling = true;
      const publishing = (async () => {
        while (rolling) {
          const value = String(published.length);
          await persist(() => bus.publish('rolled', [record(value)]));
          published.push(value);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })();
      for (const node of cluster.nodes) {
        await node.kill('SIGTERM');
        await node.start();
      }
      const { node } = await leaderOf('rolled');
      await node.kill('SIGKILL');
      const count = published.length;
      await until(() => published.length > count + 10);
      await node.start();
      rolling = false;
      await publishing;
      await listener.until(() => new Set(listener.records.map(textOf)).size === published.length);
      const values = [...new Set(listener.records.map(textOf))];
      assert.deepEqual(values, published);
      assert.deepEqual(listener.told, ['assigned 0']);
      await bus.close();
    },
  );
});

/** As the services do: again until it works. */
async function persist(step: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof Error && 'retryable' in error && error.retryable === true)) throw error;
    }
  }
}

/** For what nobody tells. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function record(value: string | number): NewRecord {
  return { key: 'k', value: Buffer.from(String(value)), headers: {} };
}
