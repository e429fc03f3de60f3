import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Batch, Bus, BusRecord, Handlers, NewRecord } from '#bus/bus.ts';
import { encodeEvent, encodeGap } from '#contract/codec.ts';
import { headersOf, keyOf, type Metrics, type NodeEvent } from '#contract/event.ts';
import { type Gap, headersOfGap } from '#contract/gap.ts';
import { PipelineError } from '#runtime/errors.ts';
import { createLog } from '#runtime/log.ts';
import { Alerting } from './alerts/alerting.ts';
import { createAlertLog } from './alerts/log.ts';
import { Refill } from './alerts/refill.ts';
import { AlertStore } from './alerts/store.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createConsumerMetrics } from './metrics.ts';
import { tellOverflows } from './overflow.ts';
import { Progress } from './progress.ts';
import { createJudge } from './rules/judge.ts';
import { parseRuleFile } from './rules/rule-file.ts';
import { createState } from './state.ts';
import { subscribe } from './subscriber.ts';

const RULES = `
groups:
  - name: test
    rules:
      - alert: Busy
        expr: node_load1 > 10
        labels: { severity: critical }
        annotations: { summary: "load {{ $value }} on {{ $labels.node }}" }
`;
const NOW = 1_000_000;

/** A consumer whose bus is this test: what it is told comes in by `handlers`, what it does stands in `did`, in order. */
async function consumer(publish: (records: readonly NewRecord[]) => void = () => undefined) {
  const did: string[] = [];
  const published: NewRecord[] = [];
  const alerts: Record<string, unknown>[] = [];
  const group = {
    fresh: true,
    trouble: undefined as string | undefined,
    asOf: NOW as number | undefined,
    lag: 0 as number | undefined,
  };
  let handlers: Handlers | undefined;
  const bus: Bus = {
    ensureTopics: async () => undefined,
    readAll: async () => undefined,
    openReader: () => assert.fail('no rule looks back that far'),
    close: async () => undefined,
    async publish(topic, records) {
      if (topic === 'system.alerts') {
        const names = records.map(({ value }) => JSON.parse(Buffer.from(value ?? '').toString()).alertname);
        if (names.join() !== 'Watchdog') did.push(`kept ${names}`);
        return;
      }
      publish(records);
      did.push(`published ${records.length} to ${topic}`);
      published.push(...records);
    },
    async subscribe(_topic, _group, given) {
      handlers = given;
      return {
        get fresh() {
          return group.fresh;
        },
        get trouble() {
          return group.trouble;
        },
        currentAsOf: () => group.asOf,
        lag: () => group.lag,
        partitionOf: () => 0,
        inTurn: (action) => action(),
        rewind: (partition, offset) => void did.push(`rewound ${partition} to ${offset}`),
        close: async () => void did.push('closed'),
      };
    },
  };
  const clock = { now: NOW };
  const log = createLog('test', 'error', { write: (line) => void did.push(`logged ${JSON.parse(line).msg}`) });
  const judge = createJudge(parseRuleFile(RULES, 'test.yaml').rules);
  const limits = { nodes: 3, seriesPerNode: 10, series: 20 };
  const state = createState({
    limits,
    lost: (_node, reason, count) => metrics.lost.inc({ reason }, count),
  });
  const metrics = createConsumerMetrics({ state, judge, fresh: () => group.fresh });
  const stdout = (line: string) => {
    const alert = JSON.parse(line);
    if (alert.alert === 'Watchdog') return;
    did.push('alerted');
    alerts.push(alert);
  };
  const progress = new Progress(() => clock.now);
  const subscriber = await subscribe({
    bus,
    topic: 'system.metrics',
    group: 'g',
    state,
    alerting: new Alerting({
      judge,
      store: new AlertStore({ bus, topic: 'system.alerts', group: 'g', log, wait: () => setImmediate() }),
      refill: new Refill({ bus, topic: 'system.metrics', judge, log, now: () => clock.now }),
      sinks: [createAlertLog({ file: undefined, stdout, log, metrics, nodesTold: 10, monotonic: () => clock.now })],
      state,
      topic: 'system.metrics',
      cluster: 'c',
      clusterNodes: () => new Map(),
      log,
      now: () => clock.now,
    }),
    deadLetters: createDeadLetters({ bus, topic: 'dlq', metrics, log, wait: () => setImmediate() }),
    metrics,
    progress,
    overflow: tellOverflows(
      () => metrics,
      log,
      () => clock.now,
    ),
    log,
    now: () => clock.now,
    recallMs: () => 30_000,
    failed: (error) => assert.fail(error),
  });
  assert.ok(handlers !== undefined);
  const count = async (name: string, labels: Record<string, string> = {}) => {
    const { values } = (await metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] };
    return values.find((value) =>
      Object.entries(labels).every(([label, text]) => String(value.labels[label as never]) === text),
    )?.value;
  };
  const deliver = (records: readonly BusRecord[], highWatermark = 100): Promise<void> => {
    const batch: Batch = {
      topic: 'system.metrics',
      partition: 0,
      records,
      highWatermark,
      commit: async () => void did.push(`committed ${records.at(-1)?.offset}`),
    };
    return handlers?.batch(batch) ?? assert.fail();
  };
  return { did, published, alerts, group, clock, progress, state, judge, handlers, subscriber, deliver, count };
}

function event(seq: number, metrics: Metrics = { node_load1: 1 }): NodeEvent {
  return { v: 1, cluster: 'c', node: 'n', epoch: 'e', seq, time: 999_000 + seq, interval: 5000, metrics };
}

function recordOf(offset: number, of: NodeEvent): BusRecord {
  const headers = Object.fromEntries(Object.entries(headersOf(of, of.time)).map(([k, v]) => [k, Buffer.from(v)]));
  const value = Buffer.from(encodeEvent(of));
  return { partition: 0, offset, timestamp: of.time, key: Buffer.from(keyOf(of)), value, headers };
}

function recordOfGap(offset: number, gap: Gap): BusRecord {
  const headers = { ce_type: Buffer.from(headersOfGap(gap, gap.time).ce_type ?? '') };
  return { ...recordOf(offset, event(0)), value: Buffer.from(encodeGap(gap)), headers };
}

function garbage(offset: number, value: string): BusRecord {
  return {
    partition: 0,
    offset,
    timestamp: 5,
    key: Buffer.from('k'),
    value: Buffer.from(value),
    headers: { h: Buffer.from('1') },
  };
}

test('what the last owner has handled is known again and shown when all is, not counted, judged or committed again', async () => {
  const { did, group, state, subscriber, handlers, deliver, count } = await consumer();
  group.asOf = undefined;
  await handlers.assigned([0]);
  handlers.recall?.take([garbage(4, 'no event'), recordOf(5, event(0, { node_load1: 12 })), recordOf(6, event(1))]);
  assert.deepEqual([subscriber.current(), state.nodes()], [false, []]);
  group.asOf = NOW;
  assert.equal(subscriber.current(), true);
  assert.deepEqual(
    state.nodes().map((view) => [view.event.seq, view.arrived, view.up]),
    [[1, event(1).time, true]],
  );
  assert.deepEqual([did, await count('sysmon_events_total')], [[], 0]);
  await deliver([recordOf(7, event(2))]);
  assert.deepEqual([state.nodes()[0]?.event.seq, await count('sysmon_events_total')], [2, 1]);
  assert.equal(await count('sysmon_events_lost_total', { reason: 'unknown' }), 0);
});

test('an event is applied and judged before its offset is committed', async () => {
  const { did, alerts, state, deliver } = await consumer();
  await deliver([recordOf(7, event(0, { node_load1: 12 }))]);
  assert.deepEqual(did, ['alerted', 'kept Busy', 'committed 7']);
  assert.equal(state.nodes().length, 1);
  const { level, alert, state: alertState, node, severity, value, annotations, evidence } = alerts[0] ?? {};
  assert.deepEqual(
    { level, alert, alertState, node, severity, value, annotations },
    {
      level: 'error',
      alert: 'Busy',
      alertState: 'firing',
      node: 'n',
      severity: 'critical',
      value: 12,
      annotations: { summary: 'load 12 on n' },
    },
  );
  const { topic, partition, offset } = evidence as Record<string, unknown>;
  assert.deepEqual({ topic, partition, offset }, { topic: 'system.metrics', partition: 0, offset: 7 });
});

test('a batch that is delivered again alerts no second time', async () => {
  const { alerts, deliver, count } = await consumer();
  const records = [recordOf(7, event(0, { node_load1: 12 })), recordOf(8, event(1, { node_load1: 13 }))];
  await deliver(records);
  await deliver(records);
  assert.equal(alerts.length, 1);
  assert.equal(await count('sysmon_events_total'), 2);
  assert.equal(await count('sysmon_events_duplicate_total'), 2);
});

test('what is no event goes raw to the dead letter topic before the commit, and its neighbours are applied', async () => {
  const { did, published, deliver, count } = await consumer();
  await deliver([recordOf(7, event(0)), garbage(8, 'hello'), recordOf(9, event(1))]);
  assert.deepEqual(did, ['published 1 to dlq', 'committed 9']);
  const [letter] = published;
  assert.deepEqual(letter?.key, Buffer.from('k'));
  assert.deepEqual(letter?.value, Buffer.from('hello'));
  const { dlq_detail, ...headers } = letter?.headers ?? {};
  assert.match(String(dlq_detail), /^value: /);
  assert.deepEqual(headers, {
    h: Buffer.from('1'),
    dlq_reason: 'json',
    dlq_topic: 'system.metrics',
    dlq_partition: '0',
    dlq_offset: '8',
    dlq_timestamp: '5',
  });
  assert.equal(await count('sysmon_events_total'), 2);
  assert.equal(await count('sysmon_decode_errors_total', { reason: 'json' }), 1);
  assert.equal(await count('sysmon_dead_letters_total', { reason: 'json' }), 1);
});

test('an event or gap whose number cannot be true is no event: it is kept as a dead letter, and nothing is lost', async () => {
  const { published, deliver, count } = await consumer();
  const gap: Gap = { v: 1, cluster: 'c', node: 'n', epoch: 'e', from: 2, to: 2 ** 53 - 1, time: 0, reason: 'full' };
  const records = [
    recordOf(7, event(0)),
    recordOf(8, { ...event(1), seq: 2 ** 53 - 1 }),
    recordOfGap(9, gap),
    recordOf(10, event(1)),
  ];
  await deliver(records);
  assert.deepEqual(
    published.map(({ headers }) => [headers.dlq_reason, headers.dlq_offset, headers.dlq_detail]),
    [
      ['sequence', '8', 'seq: expected at most 10000000 beyond the last of its epoch, got 9007199254740991'],
      ['sequence', '9', 'seq: expected at most 10000000 beyond the last of its epoch, got 2 to 9007199254740991'],
    ],
  );
  assert.equal(await count('sysmon_decode_errors_total', { reason: 'sequence' }), 2);
  assert.deepEqual([await count('sysmon_events_total'), await count('sysmon_gaps_total')], [2, 0]);
  for (const reason of ['unknown', 'full']) assert.equal(await count('sysmon_events_lost_total', { reason }), 0);
});

test('a dead letter topic that is away for a moment is tried again', async () => {
  let failures = 3;
  const { did, deliver } = await consumer(() => {
    if (failures-- > 0) throw new PipelineError('BUS_UNAVAILABLE', 'away', { retryable: true });
  });
  await deliver([garbage(8, 'hello')]);
  assert.deepEqual(did, ['published 1 to dlq', 'committed 8']);
});

test('a dead letter that is refused is kept without its content, the others whole, and the partition moves on', async () => {
  const { did, published, deliver, count } = await consumer((records) => {
    if (records.some(({ value }) => value?.length === 5)) throw new PipelineError('BUS_REFUSED', 'too large');
  });
  await deliver([garbage(8, 'hello!'), garbage(9, 'small'), garbage(10, 'hello!')]);
  assert.deepEqual(did, ['published 1 to dlq', 'published 1 to dlq', 'published 1 to dlq', 'committed 10']);
  assert.deepEqual(
    published.map(({ value, headers }) => [value?.toString(), headers.dlq_offset, headers.dlq_left_out]),
    [
      ['hello!', '8', undefined],
      [undefined, '9', '8 bytes'],
      ['hello!', '10', undefined],
    ],
  );
  assert.equal(await count('sysmon_dead_letters_total', { reason: 'json' }), 3);
});

test('a dead letter that is refused even without its content is told, and the partition moves on', async () => {
  const { did, deliver, count } = await consumer(() => {
    throw new PipelineError('BUS_REFUSED', 'no');
  });
  await deliver([garbage(8, 'hello')]);
  assert.deepEqual(did, ['logged dead letter not kept: the bus refuses it', 'committed 8']);
  assert.equal(await count('sysmon_decode_errors_total', { reason: 'json' }), 1);
});

test('while the dead letter topic is away nothing is committed, the replica says why, and it can be stopped', async () => {
  let attempts = 0;
  const { did, deliver, handlers, subscriber, clock, progress } = await consumer(() => {
    clock.now += 1000;
    subscriber.listen();
    assert.equal(progress.trouble(), undefined, 'to wait for the bus is not to be stuck');
    if (attempts++ === 1000) stopped = subscriber.close();
    throw new PipelineError('BUS_UNAVAILABLE', 'no such topic', { retryable: true });
  });
  let stopped: Promise<void> | undefined;
  await handlers.assigned([0]);
  const delivered = deliver([garbage(8, 'hello')]);
  while (attempts < 10) await setImmediate();
  assert.equal(subscriber.trouble(), 'dead letters cannot be kept on dlq: no such topic');
  await delivered;
  await stopped;
  assert.deepEqual(did, ['closed']);
});

test('what the bus could not read is one dead letter that names all of its offsets', async () => {
  const { did, published, deliver, count } = await consumer();
  const refused = { partition: 0, offset: 8, lastOffset: 400_007, timestamp: 5, key: null, value: null, headers: {} };
  await deliver([{ ...refused, refused: 'a batch that would grow beyond 32 MiB' }], 400_010);
  assert.deepEqual(did, ['published 1 to dlq', 'committed 8']);
  const [{ key, value, headers } = assert.fail()] = published;
  assert.deepEqual([key, value], [null, null]);
  assert.deepEqual(headers, {
    dlq_reason: 'unreadable',
    dlq_detail: 'a batch that would grow beyond 32 MiB',
    dlq_topic: 'system.metrics',
    dlq_partition: '0',
    dlq_offset: '8',
    dlq_last_offset: '400007',
    dlq_timestamp: '5',
  });
  assert.equal(await count('sysmon_dead_letters_total', { reason: 'unreadable' }), 1);
});

test('a batch of nothing but garbage is kept in bounded pieces, while others get their turn', async () => {
  const sizes: number[] = [];
  const { deliver, count } = await consumer((records) => {
    const bytes = records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    assert.ok(records.length === 1 || bytes <= 512 * 1024);
    sizes.push(records.length);
  });
  const records = Array.from({ length: 20_000 }, (_, offset) => garbage(offset, 'x'));
  records.push(...Array.from({ length: 9 }, (_, i) => garbage(20_000 + i, 'x'.repeat(300_000))));
  let turns = 0;
  let done = false;
  const delivered = deliver(records).then(() => {
    done = true;
  });
  for (; !done; turns++) await setImmediate();
  await delivered;
  assert.equal(await count('sysmon_dead_letters_total'), records.length);
  assert.ok(Math.max(...sizes) <= 500);
  assert.ok(turns >= 100, `expected a turn for others every 200 records, got ${turns} in all`);
});

test('records of a batch that is in hand when the process was frozen are left to the owner of the partition', async () => {
  const { did, alerts, group, subscriber, deliver, handlers } = await consumer();
  await handlers.assigned([0]);
  const frozen = {
    ...garbage(8, 'x'),
    /** While this record is read the process sleeps. */
    get value() {
      group.fresh = false;
      return Buffer.from('x');
    },
  };
  await deliver([recordOf(6, event(0)), garbage(7, 'x'), frozen, recordOf(9, event(1, { node_load1: 12 }))]);
  assert.deepEqual(did, ['rewound 0 to 7']);
  assert.equal(alerts.length, 0);
  assert.equal(subscriber.fresh(), false);
  assert.match(subscriber.trouble() ?? '', /has not confirmed/);
});

test('a member that is not fresh judges nothing and keeps no letter', async () => {
  const { did, group, deliver, count } = await consumer();
  group.fresh = false;
  await deliver([recordOf(7, event(0, { node_load1: 12 })), garbage(8, 'x')]);
  assert.deepEqual(did, ['rewound 0 to 7']);
  assert.equal(await count('sysmon_events_total'), 0);
  assert.equal(await count('sysmon_ownership_fresh'), 0);
});

test('letters that could not be kept before the member lost touch come again', async () => {
  const { did, group, deliver } = await consumer(() => {
    group.fresh = false;
    throw new PipelineError('BUS_UNAVAILABLE', 'away', { retryable: true });
  });
  await deliver([recordOf(7, event(0)), garbage(8, 'x'), recordOf(9, event(1))]);
  assert.deepEqual(did, ['rewound 0 to 8']);
});

test('lag is told of partitions that are owned beyond doubt, as soon as it is known', async () => {
  const { group, handlers, subscriber, count } = await consumer();
  const lag = () => count('sysmon_partition_lag', { partition: '0' });
  group.lag = undefined;
  await handlers.assigned([0]);
  subscriber.listen();
  assert.equal(await lag(), undefined);
  group.lag = 12;
  subscriber.listen();
  assert.deepEqual([await lag(), await count('sysmon_partitions_owned')], [12, 1]);
  group.fresh = false;
  subscriber.listen();
  assert.equal(await lag(), undefined);
  group.fresh = true;
  subscriber.listen();
  handlers.lost([0]);
  assert.deepEqual([await lag(), await count('sysmon_partitions_owned')], [undefined, 0]);
});

test('what is known of a node goes when its partition moves, its alerts too', async () => {
  const { deliver, handlers, state, alerts } = await consumer();
  await handlers.assigned([0]);
  await deliver([recordOf(7, event(0, { node_load1: 12 }))]);
  handlers.lost([0]);
  assert.equal(state.nodes().length, 0);
  assert.equal(alerts.length, 1);
});

test('a replica is ready as soon as the group says what it owns, be it nothing, and the bus has no trouble', async () => {
  const { group, handlers, subscriber, count } = await consumer();
  assert.deepEqual([subscriber.trouble(), subscriber.fresh()], ['not a member of the group yet', false]);
  await handlers.assigned([]);
  assert.deepEqual([subscriber.trouble(), subscriber.fresh()], [undefined, true]);
  assert.equal(await count('sysmon_rebalances_total'), 1);
  group.trouble = 'no access';
  assert.equal(subscriber.trouble(), 'no access');
});

test('loss, repetition and disorder are counted for all nodes, gaps by what the producer says', async () => {
  const { deliver, count } = await consumer();
  const gap: Gap = { v: 1, cluster: 'c', node: 'n', epoch: 'e', from: 40, to: 49, time: 5, reason: 'age' };
  const events = [0, 2, 1, 1, 39].map((seq, i) => recordOf(i, event(seq)));
  await deliver([...events, recordOfGap(6, gap), recordOf(7, event(50))]);
  assert.equal(await count('sysmon_events_total'), 4);
  assert.equal(await count('sysmon_events_reordered_total'), 1);
  assert.equal(await count('sysmon_events_duplicate_total'), 1);
  assert.equal(await count('sysmon_gaps_total'), 1);
  assert.equal(await count('sysmon_events_lost_total', { reason: 'age' }), 10);
  assert.equal(await count('sysmon_events_lost_total', { reason: 'unknown' }), 16);
  assert.equal(await count('sysmon_events_lost_total', { reason: 'full' }), 0);
});

test('records that were deleted unread are counted and told, and their events are lost at once', async () => {
  const { did, deliver, handlers, count } = await consumer();
  await deliver([recordOf(7, event(0))]);
  handlers.skipped(0, 8, 20);
  await deliver([recordOf(20, event(4))]);
  assert.equal(await count('sysmon_records_skipped_total'), 12);
  assert.equal(await count('sysmon_events_lost_total', { reason: 'skipped' }), 3);
  assert.ok(did.includes('logged records were deleted from the topic before they were read'));
});

test('what there is no room for is counted, told once, and not judged', async () => {
  const { did, alerts, deliver, count, clock } = await consumer();
  const node = (offset: number, name: string, load = 1) => {
    const of = { ...event(offset), node: name, metrics: { node_load1: load } };
    return { ...recordOf(offset, of), key: Buffer.from(keyOf(of)) };
  };
  await deliver(['a', 'b', 'c'].map((name, offset) => node(offset, name)));
  await deliver([node(3, 'd', 12), node(4, 'e', 12), node(5, 'a', 12)]);
  assert.deepEqual(
    alerts.map(({ node }) => node),
    ['a'],
  );
  assert.equal(await count('sysmon_overflow_total', { reason: 'nodes' }), 2);
  clock.now += 61_000;
  await deliver([node(6, 'd', 12)]);
  assert.equal(did.filter((what) => what.startsWith('logged events are not applied')).length, 2);
});

test('lateness is by the clock of the node, skew is that of its clock to that of the broker', async () => {
  const { deliver, state, count } = await consumer();
  const of = event(0);
  const headers = { sent: Buffer.from(String(of.time + 2000)) };
  await deliver([{ ...recordOf(7, of), headers, timestamp: of.time - 60_000 }]);
  assert.equal(await count('sysmon_event_lateness_seconds', { le: '2.5' }), 1);
  assert.equal(await count('sysmon_event_lateness_seconds', { le: '1' }), 0);
  assert.equal(state.nodes()[0]?.skew, -62_000);
  for (const [i, sent] of ['', 'x', '-1', '1e999', '9'.repeat(17), '12\n'].entries()) {
    await deliver([{ ...recordOf(8 + i, event(1 + i)), headers: { sent: Buffer.from(sent) } }]);
    assert.equal(state.nodes()[0]?.skew, undefined, JSON.stringify(sent));
  }
});

test('a node is silent only when it was listened to in vain', async () => {
  const { deliver, group, handlers, subscriber, state } = await consumer();
  await handlers.assigned([0]);
  const up = () => state.nodes()[0]?.up;
  const listen = (from: number, to: number) => {
    for (let asOf = from; asOf <= to; asOf += 1000) {
      group.asOf = asOf;
      subscriber.listen();
    }
  };
  listen(NOW - 15_000, NOW);
  await deliver([recordOf(7, event(0))]);
  listen(NOW, NOW + 15_000);
  assert.equal(up(), true);
  listen(NOW + 16_000, NOW + 17_000);
  assert.equal(up(), false);
});
