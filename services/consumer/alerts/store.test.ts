import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { BusRecord, NewRecord } from '#bus/bus.ts';
import { PipelineError } from '#runtime/errors.ts';
import { createLog } from '#runtime/log.ts';
import { decodeAlert, encodeAlert, type Kept } from './record.ts';
import { AlertStore } from './store.ts';
import type { Change, Transition } from './transition.ts';

const NOON = 1_000_000_000;
const DAY = 24 * 60 * 60 * 1000;
const never = new AbortController().signal;

function change(of: Partial<Transition> = {}, life: Partial<Change> = {}): Change {
  const transition: Transition = {
    ...{ alertId: 'id', alertname: 'Busy', state: 'firing', cluster: 'c', node: 'n', severity: 'critical' },
    ...{ since: 1, time: 2, value: 3, wasFiring: true, reason: undefined, late: false },
    ...{ labels: { alertname: 'Busy', node: 'n' }, annotations: { summary: 'busy' } },
    evidence: {
      group: 'g',
      expr: 'x',
      forMs: 0,
      keepFiringForMs: 0,
      windowMs: 60,
      threshold: { operator: '>', value: 1 },
    },
    ...of,
  } as Transition;
  return {
    ...{ transition, news: true, rule: 'r', activeAt: 1, firedAt: 2, coolingSince: undefined, interval: 5000 },
    ...life,
  };
}

function setUp(fail: (records: readonly NewRecord[]) => void = () => undefined) {
  const topic: BusRecord[] = [];
  const logged: string[] = [];
  const bus = {
    async publish(_topic: string, records: readonly NewRecord[]) {
      fail(records);
      for (const record of records) topic.push(arrived(record, topic.length));
    },
    async readAll(_topic: string, each: (record: BusRecord) => void, partitions: readonly number[] = []) {
      fail([]);
      for (const record of topic) if (partitions.includes(record.partition)) each(record);
    },
  };
  const log = createLog('test', 'info', { write: (line) => void logged.push(JSON.parse(line).msg) });
  const open = (group = 'g') => new AlertStore({ bus, topic: 'system.alerts', group, log, wait: () => setImmediate() });
  const restored = async (partition: number, store = open()) =>
    (await store.restore([partition], NOON, never))?.get(partition) ?? assert.fail();
  return { topic, logged, open, restored };
}

function arrived({ key, value, headers, partition = 0 }: NewRecord, offset: number): BusRecord {
  const raw = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
  const bytes = value === null ? null : Buffer.from(value);
  return { partition, offset, timestamp: NOON, key: Buffer.from(String(key)), value: bytes, headers: raw };
}

/** As JSON would have it, with the numbers that it does not know. */
function plain(of: unknown): unknown {
  return JSON.parse(JSON.stringify(of, (_, value) => (typeof value === 'number' ? String(value + 0) : value)));
}

const at = (offset: number, appended = offset * 1000) => ({ partition: 3, offset, appended });

test('what is kept is restored: the alert, what its life needs, and how far events were judged', async () => {
  const { open, restored, topic } = setUp();
  const store = open();
  store.keep(3, { change: change({ state: 'pending' }, { firedAt: undefined }), offset: 7, judged: at(7) }, NOON);
  store.keep(3, { change: change({}, { coolingSince: 9, news: false }), offset: 8, judged: at(8) }, NOON);
  assert.equal(topic.length, 0);
  assert.equal(await store.flush(() => true, never), true);
  const { alerts, judged } = await restored(3);
  assert.deepEqual(judged, at(8));
  assert.deepEqual(alerts, [{ change: change({}, { coolingSince: 9, news: false }), offset: 8, judged: at(8) }]);
  assert.deepEqual((await restored(2)).alerts, []);
});

test('any alert reads as it was written', () => {
  const texts = fc.dictionary(fc.string(), fc.string());
  const number = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY));
  const time = fc.integer({ min: -8.64e15, max: 8.64e15 });
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      texts,
      texts,
      number,
      time,
      (node, group, labels, annotations, value, since) => {
        const kept: Kept = {
          change: change({ node, labels, annotations, value, since }),
          offset: undefined,
          judged: undefined,
        };
        const decoded = decodeAlert(group, arrived(encodeAlert(group, 0, kept), 0));
        const expected = { ...kept, change: { ...kept.change, news: false } };
        // JSON knows one zero.
        assert.deepEqual(plain(decoded), plain(expected));
      },
    ),
  );
});

test('what is not an alert is told and left alone, and what another group judges is none of ours', async () => {
  const { open, restored, topic, logged } = setUp();
  const store = open();
  store.keep(3, { change: change(), offset: 1, judged: at(1) }, NOON);
  await store.flush(() => true, never);
  const [good = assert.fail()] = topic;
  const value = (of: object) => Buffer.from(JSON.stringify({ ...JSON.parse(String(good.value)), ...of }));
  for (const [i, broken] of [
    { ...good, value: Buffer.from('{') },
    { ...good, value: Buffer.from('[]') },
    { ...good, value: value({ since: 'noon' }) },
    { ...good, value: value({ labels: { a: 1 } }) },
    { ...good, value: value({ judged: {} }) },
    { ...good, value: value({ node: 'another' }) },
    { ...good, headers: { group: Buffer.from('g') } },
  ].entries()) {
    topic.splice(1, 1, { ...broken, key: i === 5 ? good.key : Buffer.from(`k${i}`), offset: 1 });
    logged.length = 0;
    const { alerts } = await restored(3);
    assert.deepEqual([alerts.length, logged], [i === 5 ? 0 : 1, ['a record is not an alert']], JSON.stringify(i));
  }
  assert.deepEqual((await restored(3, open('another'))).alerts, []);
});

test('what a replica sent after it had lost the partition does not undo what its next owner knew', async () => {
  const { topic, restored } = setUp();
  const record = (state: 'firing' | 'resolved', offset: number, appended?: number) =>
    arrived(encodeAlert('g', 3, { change: change({ state }), offset, judged: at(offset, appended) }), topic.length);
  topic.push(record('firing', 5), record('resolved', 9), record('firing', 7));
  assert.deepEqual(
    (await restored(3)).alerts.map(({ change }) => change.transition.state),
    ['resolved'],
  );
  // A topic that was made anew counts from 0.
  topic.push(record('firing', 1, 1_000_000));
  assert.deepEqual((await restored(3)).judged, at(1, 1_000_000));
});

test('resolved alerts leave the topic a day later, also those that another replica has resolved', async () => {
  const { open, topic } = setUp();
  const first = open();
  first.keep(3, { change: change({ state: 'resolved' }), offset: 1, judged: at(1) }, NOON);
  first.keep(3, { change: change({ labels: { other: 'x' } }), offset: 1, judged: at(1) }, NOON);
  await first.flush(() => true, never);
  const second = open();
  await second.restore([3], NOON, never);
  for (const [now, expected] of [
    [NOON + DAY - 1, 0],
    [NOON + DAY, 1],
  ] as const) {
    for (const store of [first, second]) {
      topic.length = 2;
      store.expire(now);
      assert.ok(await store.flush(() => true, never));
      assert.deepEqual(
        topic.slice(2).map(({ value, key }) => [value, String(key)]),
        Array(expected).fill([null, String(topic[0]?.key)]),
      );
    }
  }
});

test('the topic is tried again for as long as the partition is ours, and said to be away meanwhile', async () => {
  let [failures, ours] = [3, true];
  const { open, topic, logged } = setUp(() => {
    if (failures-- > 0) throw new PipelineError('BUS_UNAVAILABLE', 'away', { retryable: true });
  });
  const store = open();
  store.keep(3, { change: change(), offset: 1, judged: at(1) }, NOON);
  assert.equal(await store.flush(() => true, never), true);
  assert.deepEqual([topic.length, store.trouble], [1, undefined]);
  assert.deepEqual(logged, ['alerts cannot be kept on system.alerts: away', 'alerts are kept and restored again']);

  failures = 2;
  store.keep(3, { change: change(), offset: 2, judged: at(2) }, NOON);
  const flushed = store.flush(() => ours, never);
  ours = false;
  assert.equal(await flushed, false);
  assert.equal(topic.length, 1);
  store.drop([3]);
  assert.deepEqual([await store.flush(() => true, never), topic.length], [true, 1]);

  failures = 2;
  assert.equal((await store.restore([3], NOON, never))?.get(3)?.alerts.length, 1);
});

test('one that the bus refuses is told and left out, the others are kept in their order', async () => {
  const { open, topic, logged } = setUp((records) => {
    if (records.some(({ value }) => String(value).includes('"since":13,'))) {
      throw new PipelineError('BUS_REFUSED', 'too large');
    }
  });
  const store = open();
  for (let i = 0; i < 500; i++) {
    store.keep(
      3,
      { change: change({ since: i === 13 ? 13 : 1000 + i, labels: { i: `${i}` } }), offset: i, judged: at(i) },
      NOON,
    );
  }
  assert.equal(await store.flush(() => true, never), true);
  assert.deepEqual(
    topic.map(({ value }) => JSON.parse(String(value)).labels.i),
    Array.from({ length: 500 }, (_, i) => `${i}`).filter((i) => i !== '13'),
  );
  assert.deepEqual(logged, ['alert not kept: the bus refuses it']);
});
