import assert from 'node:assert/strict';
import { test } from 'node:test';
import { busContract } from './contract.ts';
import { createEmbeddedBus } from './embedded.ts';
import { Listener, textOf } from './listener.ts';

/** A clock that is a millisecond later each time it is looked at. */
function ticking(): () => number {
  let time = 1_700_000_000_000;
  return () => time++;
}

busContract('the embedded bus', () => createEmbeddedBus({ now: ticking() }));

async function smallBus(config: Record<string, string>) {
  const bus = createEmbeddedBus({ now: ticking(), maxBytesPerPartition: 40 });
  await bus.ensureTopics([{ name: 'small', partitions: 1, config }]);
  const publish = (key: string, value: string | null) =>
    bus.publish('small', [{ key, value: value === null ? null : Buffer.from(value), headers: {} }]);
  const content = async () => {
    const texts: (string | undefined)[] = [];
    await bus.readAll('small', (record) => texts.push(textOf(record)));
    return texts;
  };
  return { bus, publish, content };
}

test('a full partition drops its oldest records, and a reader that was behind is told and goes on behind them', async () => {
  const { bus, publish, content } = await smallBus({});
  for (let n = 0; n < 9; n++) await publish('k', `value-${n}`); // 8 bytes each, so five fit
  assert.deepEqual(await content(), ['value-4', 'value-5', 'value-6', 'value-7', 'value-8']);
  const listener = new Listener();
  await listener.join(bus, 'small', 'behind');
  await listener.until(() => listener.records.length === 5);
  assert.equal(listener.records[0]?.offset, 4);
  assert.deepEqual(listener.told, ['assigned 0', 'skipped 0: 0 to 4']);
  await bus.close();
});

test('a full compacted partition first drops what later records replace, and keys that are removed', async () => {
  const { bus, publish, content } = await smallBus({ 'cleanup.policy': 'compact' });
  await publish('kept', 'v');
  await publish('gone', 'v');
  await publish('gone', null);
  for (let n = 0; n < 5; n++) await publish('k', `value-${n}`);
  assert.deepEqual(await content(), ['v', 'value-3', 'value-4']);
  const listener = new Listener();
  await listener.join(bus, 'small', 'compacted');
  await listener.until(() => listener.records.length === 3);
  assert.deepEqual(listener.told, ['assigned 0']); // what was replaced is not missed
  await bus.close();
});

test('a record larger than the bound is kept until the next one comes', async () => {
  const { bus, publish, content } = await smallBus({});
  await publish('k', 'x'.repeat(100));
  assert.equal((await content()).length, 1);
  await publish('k', 'next');
  assert.deepEqual(await content(), ['next']);
  await bus.close();
});
