/**
 * What every bus does, as tests: the precise meaning of the port. Each implementation runs this suite
 * (`embedded.test.ts`, `kafka.integration.test.ts`); what holds for one of them only is tested there.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { PipelineError } from '#runtime/errors.ts';
import type { Batch, Bus, BusRecord, NewRecord } from './bus.ts';
import { deferred, Listener, textOf } from './listener.ts';

/** Bounds a failure; nothing depends on it otherwise. */
const TIMEOUT_MS = 60_000;

/**
 * Where the Java client's murmur2 puts these keys among twelve partitions. The hashes behind the
 * numbers are those of Kafka's own unit test.
 */
const PARTITION_OF_KEY: Readonly<Record<string, number>> = {
  '21': 0,
  foobar: 6,
  'a-little-bit-long-string': 8,
  'a-little-bit-longer-string': 11,
};

export function busContract(name: string, makeBus: () => Bus): void {
  suite(`${name} keeps the contract of a bus`, { timeout: 10 * TIMEOUT_MS }, () => {
    let bus: Bus;
    before(() => {
      bus = makeBus();
    });
    after(() => bus.close());

    const options = { timeout: TIMEOUT_MS };

    async function createTopic(partitions: number, config: Record<string, string> = {}): Promise<string> {
      const topic = `topic-${randomUUID()}`;
      await bus.ensureTopics([
        { name: topic, partitions, config: { 'message.timestamp.type': 'LogAppendTime', ...config } },
      ]);
      return topic;
    }

    /** From the beginning again as long as that may help: the leader of a new partition may not know of it yet. */
    async function contentOf(topic: string, partitions?: readonly number[]): Promise<BusRecord[]> {
      for (;;) {
        const records: BusRecord[] = [];
        try {
          await bus.readAll(topic, (record) => records.push(record), partitions);
          return records;
        } catch (error) {
          if (!(error instanceof PipelineError && error.retryable)) throw error;
        }
      }
    }

    async function subscribe(topic: string, group: string, listener = new Listener()): Promise<Listener> {
      await listener.join(bus, topic, group);
      return listener;
    }

    test('records of a partition come in the order in which they were published', options, async () => {
      const topic = await createTopic(1);
      for (const value of ['0', '1', '2']) await bus.publish(topic, [record('a', value), record('b', `${value}+`)]);
      const listener = await subscribe(topic, 'order');
      await listener.until(() => listener.records.length === 6);
      assert.deepEqual(listener.records.map(textOf), ['0', '0+', '1', '1+', '2', '2+']);
      assert.deepEqual(
        listener.records.map(({ offset }) => offset),
        [0, 1, 2, 3, 4, 5],
      );
      await listener.close();
    });

    test("a key goes to the partition of the Java client's choice", options, async () => {
      const topic = await createTopic(12);
      await bus.publish(
        topic,
        Object.keys(PARTITION_OF_KEY).map((key) => record(key, key)),
      );
      const partitions = (await contentOf(topic)).map(({ key, partition }) => [String(key), partition]);
      assert.deepEqual(Object.fromEntries(partitions), PARTITION_OF_KEY);
    });

    test('a partition that is named overrides the choice of the key', options, async () => {
      const topic = await createTopic(3);
      await bus.publish(
        topic,
        [2, 0, 1].map((partition) => ({ ...record('same', String(partition)), partition })),
      );
      for (const { partition, value } of await contentOf(topic)) assert.equal(String(value), String(partition));
    });

    test('a record for a partition that does not exist is refused and no record is written', options, async () => {
      const topic = await createTopic(2);
      const records = [record('a', '1'), { ...record('b', '2'), partition: 7 }];
      await assert.rejects(bus.publish(topic, records), { code: 'BUS_REFUSED', retryable: false });
      assert.deepEqual(await contentOf(topic), []);
      await bus.publish(topic, [record('a', '3')]);
      assert.deepEqual((await contentOf(topic)).map(textOf), ['3']);
    });

    test('publishing to a topic that does not exist may be tried again', options, async () => {
      const missing = `missing-${randomUUID()}`;
      await assert.rejects(bus.publish(missing, [record('a', '1')]), { code: 'BUS_UNAVAILABLE', retryable: true });
      await bus.ensureTopics([{ name: missing, partitions: 1, config: {} }]);
      await bus.publish(missing, [record('a', '1')]);
      assert.equal((await contentOf(missing)).length, 1);
    });

    test('publishing nothing does nothing', options, async () => {
      const topic = await createTopic(1);
      await bus.publish(topic, []);
      assert.deepEqual(await contentOf(topic), []);
    });

    test('binary values, tombstones, headers and missing keys arrive as they were', options, async () => {
      const topic = await createTopic(1);
      const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await bus.publish(topic, [
        { key: 'bytes', value: everyByte, headers: { 'content-type': 'x', constructor: 'näme', raw: everyByte } },
        { key: 'tombstone', value: null, headers: {} },
        { key: null, value: new Uint8Array(), headers: {} },
        { key: everyByte, value: everyByte.subarray(10, 20), headers: {} },
      ]);
      const [bytes, tombstone, keyless, byKey] = await contentOf(topic);
      assert.deepEqual(bytes?.value, Buffer.from(everyByte));
      assert.deepEqual(bytes?.headers, {
        'content-type': Buffer.from('x'),
        constructor: Buffer.from('näme'),
        raw: Buffer.from(everyByte),
      });
      assert.equal(tombstone?.value, null);
      assert.equal(String(tombstone?.key), 'tombstone');
      assert.equal(keyless?.key, null);
      assert.deepEqual(keyless?.value, Buffer.alloc(0));
      assert.deepEqual(byKey?.key, Buffer.from(everyByte));
      assert.deepEqual(byKey?.value, Buffer.from(everyByte.subarray(10, 20)));
    });

    test('topics that exist are left alone', options, async () => {
      const topic = await createTopic(2);
      await bus.publish(topic, [{ ...record('a', '1'), partition: 1 }]);
      await bus.ensureTopics([
        { name: topic, partitions: 5, config: {} },
        { name: `${topic}-other`, partitions: 1, config: {} },
      ]);
      assert.equal((await contentOf(topic)).length, 1);
      await assert.rejects(
        bus.readAll(topic, () => undefined, [4]),
        { code: 'BUS_REFUSED' },
      );
      await bus.publish(`${topic}-other`, [record('a', '1')]);
    });

    test('the whole of a topic is read, or some partitions of it, or nothing of an empty one', options, async () => {
      const topic = await createTopic(4);
      assert.deepEqual(await contentOf(topic), []);
      const records = [0, 1, 2, 3, 0, 1].map((partition, n) => ({ ...record('k', String(n)), partition }));
      await bus.publish(topic, records);
      assert.deepEqual((await contentOf(topic)).map(textOf).sort(), ['0', '1', '2', '3', '4', '5']);
      assert.deepEqual((await contentOf(topic, [0, 3])).map(textOf).sort(), ['0', '3', '4']);
      assert.deepEqual(await contentOf(topic, []), []);
    });

    test('the last record of each key of a compacted topic is read, its tombstone included', options, async () => {
      const topic = await createTopic(1, { 'cleanup.policy': 'compact' });
      await bus.publish(topic, [record('a', '1'), record('b', '2'), record('a', '3')]);
      await bus.publish(topic, [{ key: 'b', value: null, headers: {} }]);
      const last = new Map((await contentOf(topic)).map((each) => [String(each.key), textOf(each)]));
      assert.deepEqual([...last], [['a', '3'], ['b', undefined]]); // biome-ignore format: one line says it
    });

    test('a group without a committed position starts at the earliest record', options, async () => {
      const topic = await createTopic(3);
      await bus.publish(topic, [record('a', '1'), record('b', '2'), record('c', '3')]);
      const listener = await subscribe(topic, 'earliest');
      await listener.until(() => listener.records.length === 3);
      assert.deepEqual([...listener.owned].sort(), [0, 1, 2]);
      await bus.publish(topic, [record('d', '4')]);
      await listener.until(() => listener.records.length === 4);
      await listener.close();
    });

    test('handlers may use the subscription from the first call on', options, async () => {
      const topic = await createTopic(1);
      const joined = deferred();
      const listener = new Listener();
      listener.onAssigned = () => joined.resolve(listener.subscription !== undefined);
      await subscribe(topic, 'ready', listener);
      assert.equal(await joined.promise, true);
      await listener.close();
    });

    test('a later member continues after what was committed', options, async () => {
      const topic = await createTopic(1);
      await bus.publish(topic, [record('a', '1'), record('a', '2')]);
      const first = await subscribe(topic, 'continue');
      await first.until(() => first.committed === 2);
      await first.close();
      await bus.publish(topic, [record('a', '3')]);
      const second = await subscribe(topic, 'continue');
      await second.until(() => second.records.length > 0);
      assert.deepEqual(second.records.map(textOf), ['3']);
      await second.close();
    });

    test(
      'a later member recalls what was appended of late and handled by others, before its first batch',
      options,
      async () => {
        const topic = await createTopic(1);
        await bus.publish(topic, [record('a', '1'), record('a', '2')]);
        const first = await subscribe(topic, 'recall');
        await first.until(() => first.committed === 2);
        await first.close();
        await bus.publish(topic, [record('a', '3')]);
        for (const [ms, expected] of [
          [60_000, ['1', '2']],
          [-60_000, []],
        ] as const) {
          const recalled: BusRecord[] = [];
          const recall = {
            ms,
            take(records: readonly BusRecord[]) {
              assert.equal(later.records.length, 0);
              recalled.push(...records);
            },
          };
          const later = Object.assign(new Listener({ commit: false }), { recall });
          await subscribe(topic, 'recall', later);
          await later.until(() => later.records.length === 1);
          assert.deepEqual([recalled.map(textOf), later.records.map(textOf)], [expected, ['3']]);
          await later.close();
        }
      },
    );

    test('a reader reads a partition from a time on, until it has enough or the end', options, async () => {
      const topic = await createTopic(2);
      await bus.publish(topic, [{ ...record('a', '0'), partition: 1 }]);
      const reader = await bus.openReader(topic);
      assert.deepEqual([...reader.partitions].sort(), [0, 1]);
      const read = async (partition: number, time: number, most = Number.POSITIVE_INFINITY) => {
        const records: BusRecord[] = [];
        await reader.readFrom(partition, time, (record) => records.push(record) < most);
        return records;
      };
      const [first = assert.fail()] = await read(1, 0);
      let last = first;
      while (last.timestamp <= first.timestamp) {
        await bus.publish(topic, [{ ...record('a', '1'), partition: 1 }]);
        last = (await read(1, 0)).at(-1) ?? assert.fail();
      }
      const all = await read(1, 0);
      assert.deepEqual(
        await read(1, first.timestamp + 1),
        all.filter(({ timestamp }) => timestamp > first.timestamp),
      );
      assert.deepEqual((await read(1, 0, 1)).map(textOf), ['0']);
      assert.deepEqual(await read(1, last.timestamp + 3_600_000), []);
      assert.deepEqual(await read(0, 0), []);
      await reader.close();
    });

    test('what was not committed is delivered again to a later member', options, async () => {
      const topic = await createTopic(1);
      await bus.publish(topic, [record('a', '1')]);
      const first = await subscribe(topic, 'again', new Listener({ commit: false }));
      await first.until(() => first.records.length === 1);
      await first.close();
      const second = await subscribe(topic, 'again');
      await second.until(() => second.records.length === 1);
      assert.deepEqual(second.records.map(textOf), ['1']);
      await second.close();
    });

    test('groups do not disturb one another', options, async () => {
      const topic = await createTopic(1);
      await bus.publish(topic, [record('a', '1')]);
      const [one, two] = [await subscribe(topic, 'one'), await subscribe(topic, 'two')];
      await Promise.all([one, two].map((listener) => listener.until(() => listener.records.length === 1)));
      await Promise.all([one.close(), two.close()]);
    });

    test('no batch comes before its partition has been assigned', options, async () => {
      const topic = await createTopic(1);
      await bus.publish(topic, [record('a', '1')]);
      const gate = deferred();
      const late = new Listener();
      late.onAssigned = () => gate.promise;
      await subscribe(topic, 'late', late);
      await late.until(() => late.owned.size === 1);
      // Another group has read the record meanwhile, so it could have come.
      const other = await subscribe(topic, 'prompt');
      await other.until(() => other.records.length === 1);
      assert.deepEqual(late.records, []);
      gate.resolve(undefined);
      await late.until(() => late.records.length === 1);
      await Promise.all([late.close(), other.close()]);
    });

    test('batches of a partition never overlap', options, async () => {
      const topic = await createTopic(2);
      const [entered, left] = [new Map<number, number>(), new Map<number, number>()];
      const listener = new Listener();
      listener.onBatch = async ({ partition }) => {
        assert.equal(entered.get(partition), left.get(partition));
        entered.set(partition, (entered.get(partition) ?? 0) + 1);
        await setImmediate();
        left.set(partition, (left.get(partition) ?? 0) + 1);
      };
      await subscribe(topic, 'overlap', listener);
      for (let n = 0; n < 40; n++) await bus.publish(topic, [{ ...record('k', String(n)), partition: n % 2 }]);
      await listener.until(() => listener.records.length === 40);
      assert.deepEqual(listener.failures, []);
      await listener.close();
    });

    test('the high watermark is the offset that the next record will get', options, async () => {
      const topic = await createTopic(1);
      await bus.publish(topic, [record('a', '1'), record('a', '2'), record('a', '3')]);
      const listener = await subscribe(topic, 'watermark');
      await listener.until(() => listener.records.length === 3);
      assert.ok(listener.batches.every(({ highWatermark }) => highWatermark === 3));
      await bus.publish(topic, [record('a', '4')]);
      await listener.until(() => listener.records.length === 4);
      assert.equal(listener.batches.at(-1)?.highWatermark, 4);
      assert.equal(listener.records.at(-1)?.offset, 3);
      await listener.close();
    });

    test('two members share the partitions and hand them over, losing no record', options, async () => {
      const topic = await createTopic(4);
      const all = [0, 1, 2, 3];
      const everywhere = (round: string) =>
        bus.publish(
          topic,
          all.map((partition) => ({ ...record('k', `${round}/${partition}`), partition })),
        );
      const first = await subscribe(topic, 'share');
      await everywhere('alone');
      await first.until(() => first.owned.size === 4 && first.committed === 4);

      const second = await subscribe(topic, 'share');
      await second.until(() => second.owned.size === 2);
      await first.until(() => first.owned.size === 2);
      assert.deepEqual([...first.owned, ...second.owned].sort(), all);
      await everywhere('together');
      await Promise.all([first, second].map((each) => each.until(() => each.textsOf('together').length === 2)));
      for (const each of [first, second]) {
        const partitions = each.textsOf('together').map((text) => Number(text.split('/')[1]));
        assert.deepEqual(partitions.sort(), [...each.owned].sort());
      }

      await first.close();
      await second.until(() => second.owned.size === 4);
      await everywhere('left');
      await second.until(() => second.textsOf('left').length === 4);
      assert.deepEqual(second.textsOf('alone'), []);
      await second.close();
    });

    test('a partition that stays goes on behind what was handled, committed or not', options, async () => {
      const topic = await createTopic(2);
      const both = (value: string) =>
        bus.publish(
          topic,
          [0, 1].map((partition) => ({ ...record('k', value), partition })),
        );
      await both('before');
      const first = await subscribe(topic, 'stay', new Listener({ commit: false }));
      await first.until(() => first.records.length === 2);
      const second = await subscribe(topic, 'stay');
      await first.until(() => first.owned.size === 1);
      await second.until(() => second.records.length === 1);
      await both('after');
      await first.until(() => first.textsOf('after').length === 1);
      assert.equal(first.textsOf('before').length, 2);
      assert.equal(first.assignedCount, 2);
      // What moved was not committed, so its new owner has it again.
      await second.until(() => second.records.length === 2);
      assert.deepEqual(second.records.map(textOf), ['before', 'after']);
      await Promise.all([first.close(), second.close()]);
    });

    test('closing tells what is lost, once, after the batch being handled, whose commit counts', options, async () => {
      const topic = await createTopic(1);
      await bus.publish(topic, [record('a', '1')]);
      const [entered, gate] = [deferred(), deferred()];
      const listener = new Listener();
      listener.onBatch = async () => {
        entered.resolve(undefined);
        await gate.promise;
        assert.deepEqual([...listener.owned], [0]);
      };
      await subscribe(topic, 'closing', listener);
      await entered.promise;
      const closed = listener.close();
      gate.resolve(undefined);
      await closed;
      assert.deepEqual(listener.told, ['assigned 0', 'lost 0']);
      assert.equal(listener.committed, 1);

      await bus.publish(topic, [record('a', '2')]);
      const next = await subscribe(topic, 'closing');
      await next.until(() => next.records.length === 1);
      assert.deepEqual(next.records.map(textOf), ['2']);
      await next.close();
    });

    test('a handler that rejects ends the subscription, and the next owner has its batch', options, async () => {
      const topic = await createTopic(1);
      await bus.publish(topic, [record('a', '1'), record('a', '2')]);
      const failing = new Listener();
      const reason = new Error('cannot take it');
      failing.onBatch = () => Promise.reject(reason);
      await subscribe(topic, 'failing', failing);
      await failing.until(() => failing.failures.length > 0);
      const next = await subscribe(topic, 'failing');
      await next.until(() => next.records.length === 2);
      assert.deepEqual(failing.failures, [reason]);
      assert.equal(failing.batches.length, 1);
      assert.deepEqual(failing.told, ['assigned 0', 'lost 0', 'failed']);
      await Promise.all([failing.close(), next.close()]);
      assert.deepEqual(failing.told, ['assigned 0', 'lost 0', 'failed']);
    });

    test('a rejected assignment ends the subscription too', options, async () => {
      const topic = await createTopic(1);
      const listener = new Listener();
      const reason = new Error('cannot prepare');
      listener.onAssigned = () => Promise.reject(reason);
      await subscribe(topic, 'unprepared', listener);
      await listener.until(() => listener.failures.length > 0);
      await listener.close();
      assert.deepEqual(listener.failures, [reason]);
    });

    test('a partition can go on at a record of the batch in hand', options, async () => {
      const topic = await createTopic(1);
      const listener = new Listener();
      listener.onBatch = ({ partition, records }: Batch) => {
        if (listener.batches.length === 1) listener.subscription?.rewind(partition, records[1]?.offset ?? 0);
      };
      await bus.publish(
        topic,
        ['0', '1', '2'].map((value) => record('k', value)),
      );
      await subscribe(topic, 'rewind', listener);
      await listener.until(() => listener.records.length >= 5);
      assert.deepEqual(listener.records.map(textOf), ['0', '1', '2', '1', '2']);
      await listener.close();
    });

    test('lag is what is not handled of a partition, from when it was looked at', options, async () => {
      const topic = await createTopic(2);
      const [entered, gate] = [deferred(), deferred()];
      const listener = new Listener();
      listener.onBatch = () => {
        entered.resolve(undefined);
        return gate.promise;
      };
      await bus.publish(
        topic,
        ['0', '1'].map((value) => ({ ...record('k', value), partition: 1 })),
      );
      await subscribe(topic, 'lag', listener);
      const lagOf = (partition: number) => listener.subscription?.lag(partition);
      await entered.promise;
      assert.equal(lagOf(1), 2);
      gate.resolve(undefined);
      for (const partition of [0, 1]) while (lagOf(partition) !== 0) await setImmediate();
      await listener.close();
      assert.equal(lagOf(1), undefined);
    });

    test(
      'a member is fresh from when partitions are its own until it leaves, and nothing troubles it',
      options,
      async () => {
        const topic = await createTopic(1);
        const listener = await subscribe(topic, 'fresh');
        await listener.until(() => listener.owned.size === 1);
        assert.equal(listener.subscription?.fresh, true);
        assert.equal(listener.subscription?.trouble, undefined);
        await listener.close();
        assert.equal(listener.subscription?.fresh, false);
      },
    );

    test(
      'a partition is current as of when it was read to its end, which stands still while records wait',
      options,
      async () => {
        const topic = await createTopic(2);
        const listener = new Listener();
        const current = () => listener.subscription?.currentAsOf(0);
        const advance = async (than = Number.NEGATIVE_INFINITY) => {
          while ((current() ?? Number.NEGATIVE_INFINITY) <= than) await setImmediate();
        };
        let [entered, gate] = [deferred(), deferred()];
        listener.onBatch = async () => {
          entered.resolve(undefined);
          await gate.promise;
        };
        await bus.publish(topic, [{ ...record('k', '0'), partition: 0 }]);
        await subscribe(topic, 'current', listener);
        await entered.promise;
        assert.equal(current(), undefined);
        gate.resolve(undefined);
        await advance();
        await advance(current());

        [entered, gate] = [deferred(), deferred()];
        await bus.publish(topic, [{ ...record('k', '1'), partition: 0 }]);
        await entered.promise;
        const waiting = current();
        assert.ok(waiting !== undefined);
        // Long enough for what goes on meanwhile to be seen, had it an effect.
        for (let n = 0; n < 3; n++) await contentOf(topic);
        assert.equal(current(), waiting);
        gate.resolve(undefined);
        await advance(waiting);
        await listener.close();
        assert.equal(current(), undefined);
      },
    );

    test('closing the bus closes its subscriptions, and it takes nothing more', options, async () => {
      const closing = makeBus();
      const topic = `closed-${randomUUID()}`;
      await closing.ensureTopics([{ name: topic, partitions: 1, config: {} }]);
      const listener = new Listener();
      await listener.join(closing, topic, 'closed');
      await listener.until(() => listener.owned.size === 1);
      await closing.close();
      assert.deepEqual(listener.told, ['assigned 0', 'lost 0']);
      await assert.rejects(closing.publish(topic, [record('a', '1')]), { code: 'BUS_FATAL', retryable: false });
      await assert.rejects(closing.subscribe(topic, 'closed', listener), { code: 'BUS_FATAL', retryable: false });
    });
  });
}

function record(key: string, value: string): NewRecord {
  return { key, value: Buffer.from(value), headers: {} };
}
