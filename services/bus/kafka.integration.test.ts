/** The bus on a real Kafka: the contract, and what only a broker can do to its clients. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { type Broker, skipWithoutKafka, startBroker } from '../../e2e/kafka/broker.ts';
import type { Bus, NewRecord } from './bus.ts';
import { busContract } from './contract.ts';
import { type BusLog, createKafkaBus } from './kafka.ts';
import { Listener, textOf } from './listener.ts';

const skip = skipWithoutKafka();
/** Bounds a failure; a broker that was killed needs some seconds to start, and its groups ten more. */
const TIMEOUT_MS = 120_000;

const quiet = () => undefined;
const log: BusLog = { debug: quiet, info: quiet, warn: quiet, error: quiet };

suite('Kafka', { skip, timeout: 10 * TIMEOUT_MS }, () => {
  let broker: Broker;
  before(async () => {
    // The log cleaner looks for work often, so that tests of compaction need not wait for it.
    broker = await startBroker({ settings: { 'log.cleaner.backoff.ms': '100' } });
  });
  after(() => broker?.stop());

  const options = { timeout: TIMEOUT_MS };
  const newBus = (brokers = broker.brokers): Bus => createKafkaBus({ brokers, clientId: 'test', log });

  busContract('Kafka', () => newBus());

  test(
    'nothing is lost or reordered over the death of the broker, if what failed is tried again',
    options,
    async () => {
      const bus = newBus();
      await bus.ensureTopics([{ name: 'death', partitions: 1, config: {} }]);
      const expected = Array.from({ length: 300 }, (_, n) => String(n));
      let restarted: Promise<void> | undefined;
      for (const value of expected) {
        if (value === '100') restarted = broker.kill('SIGKILL').then(() => broker.start());
        await persist(bus, 'death', record(value));
      }
      await restarted;
      const values: (string | undefined)[] = [];
      await bus.readAll('death', (each) => values.push(textOf(each)));
      assert.deepEqual([...new Set(values)], expected);
      await bus.close();
    },
  );

  test('a member reads on after the death of the broker and keeps its partitions', options, async () => {
    const bus = newBus();
    await bus.ensureTopics([{ name: 'survivor', partitions: 2, config: {} }]);
    const listener = new Listener();
    await listener.join(bus, 'survivor', 'survivor');
    await bus.publish('survivor', [record('before')]);
    await listener.until(() => listener.committed === 1);
    await broker.kill('SIGKILL');
    await broker.start();
    await persist(bus, 'survivor', record('after'));
    await listener.until(() => listener.textsOf('after').length > 0);
    assert.deepEqual(listener.told, ['assigned 0,1']);
    assert.deepEqual(listener.textsOf('before').length, 1);
    await bus.close();
  });

  test('a broker that cannot be reached is told in time', options, async () => {
    const bus = newBus(['127.0.0.1:1']);
    const unavailable = { code: 'BUS_UNAVAILABLE', retryable: true };
    const started = performance.now();
    await assert.rejects(bus.publish('any', [record('1')]), unavailable);
    await assert.rejects(bus.subscribe('any', 'any', new Listener()), unavailable);
    await assert.rejects(bus.ensureTopics([{ name: 'any', partitions: 1, config: {} }]), unavailable);
    await assert.rejects(
      bus.readAll('any', () => undefined),
      unavailable,
    );
    assert.ok(performance.now() - started < 60_000);
    await bus.close();
  });

  test('a record that is too large is refused, and the next one is not', options, async () => {
    const bus = createKafkaBus({ brokers: broker.brokers, clientId: 'test', compression: 'none', log });
    await bus.ensureTopics([{ name: 'large', partitions: 1, config: {} }]);
    const large = { ...record(''), value: Buffer.alloc(1_100_000) };
    await assert.rejects(bus.publish('large', [large]), { code: 'BUS_REFUSED', retryable: false });
    await bus.publish('large', [record('small')]);
    await bus.close();
  });

  test('publishing twice at a time to one topic is an error of the caller', options, async () => {
    const bus = newBus();
    await bus.ensureTopics([{ name: 'twice', partitions: 1, config: {} }]);
    const first = bus.publish('twice', [record('1')]);
    await assert.rejects(bus.publish('twice', [record('2')]), /before the last call had settled/);
    await first;
    await bus.close();
  });

  test('a topic that somebody else creates at the same time is no error', options, async () => {
    const buses = [newBus(), newBus(), newBus()];
    await Promise.all(buses.map((bus) => bus.ensureTopics([{ name: 'race', partitions: 1, config: {} }])));
    await Promise.all(buses.map((bus) => bus.close()));
  });

  test('what was aborted is not read, and markers of transactions at the end are no obstacle', options, async () => {
    const bus = newBus();
    await bus.ensureTopics([{ name: 'transactions', partitions: 1, config: {} }]);
    const kafka = new Kafka({ brokers: [...broker.brokers], logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ transactionalId: 'test', maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    for (const value of ['committed', 'aborted']) {
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'transactions', messages: [{ value }] });
      await (value === 'committed' ? transaction.commit() : transaction.abort());
    }
    await producer.disconnect();

    const values: (string | undefined)[] = [];
    await bus.readAll('transactions', (each) => values.push(textOf(each)));
    assert.deepEqual(values, ['committed']);
    const listener = new Listener();
    await listener.join(bus, 'transactions', 'transactions');
    await listener.until(() => listener.records.length > 0);
    await bus.publish('transactions', [record('plain')]);
    await listener.until(() => listener.records.length > 1);
    assert.deepEqual(listener.records.map(textOf), ['committed', 'plain']);
    await bus.close();
  });

  test('a topic whose records have all been deleted is read as empty', options, async () => {
    const bus = newBus();
    await bus.ensureTopics([{ name: 'deleted', partitions: 1, config: {} }]);
    await bus.publish('deleted', [record('1'), record('2')]);
    const admin = new Kafka({ brokers: [...broker.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.fetchTopicOffsets('deleted'); // or kafkajs knows no leader to send the deletion to
    await admin.deleteTopicRecords({ topic: 'deleted', partitions: [{ partition: 0, offset: '2' }] });
    await admin.disconnect();
    await bus.readAll('deleted', () => assert.fail('nothing is left'));
    await bus.close();
  });

  test('a topic is read to its end after compaction', options, async () => {
    const bus = newBus();
    const config = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.001', 'segment.ms': '1' };
    await bus.ensureTopics([{ name: 'compacted', partitions: 1, config }]);
    const values: (string | undefined)[] = [];
    let published = 0;
    // Each record rolls the segment of those before, which may then be compacted, all in the cleaner's own time.
    while (published < 20 || values.length === published) {
      const batch = [record(`${published}`), record(`${published + 1}`)];
      await bus.publish('compacted', batch);
      published += batch.length;
      values.length = 0;
      await bus.readAll('compacted', (each) => values.push(textOf(each)));
      assert.equal(values.at(-1), String(published - 1));
    }
    await bus.close();
  });
});

/** As the services do: the same records again until they are taken. */
async function persist(bus: Bus, topic: string, ...records: NewRecord[]): Promise<void> {
  for (;;) {
    try {
      return await bus.publish(topic, records);
    } catch (error) {
      if (!(error instanceof Error && 'retryable' in error && error.retryable === true)) throw error;
    }
  }
}

function record(value: string): NewRecord {
  return { key: 'k', value: Buffer.from(value), headers: {} };
}
