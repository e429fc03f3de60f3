import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch, Bus, BusRecord, Handlers, NewRecord } from '#bus/bus.ts';
import { encodeEvent } from '#contract/codec.ts';
import { headersOf, keyOf, type Metrics, type NodeEvent } from '#contract/event.ts';
import { PipelineError } from '#runtime/errors.ts';
import { createLog } from '#runtime/log.ts';
import { createAlertLog } from './alerts/log.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createConsumerMetrics } from './metrics.ts';
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

/** A consumer whose bus is this test: what it is told comes in by `handlers`, what it does stands in `did`, in order. */
async function consumer(publish: (records: readonly NewRecord[]) => void = () => undefined) {
  const did: string[] = [];
  const published: NewRecord[] = [];
  const alerts: Record<string, unknown>[] = [];
  let handlers: Handlers | undefined;
  const bus: Bus = {
    ensureTopics: async () => undefined,
    readAll: async () => undefined,
    close: async () => undefined,
    async publish(topic, records) {
      publish(records);
      did.push(`published ${records.length} to ${topic}`);
      published.push(...records);
    },
    async subscribe(_topic, _group, given) {
      handlers = given;
      return { seek: async () => undefined, close: async () => undefined };
    },
  };
  const now = () => 1_000_000;
  const log = createLog('test', 'error', { write: (line) => void did.push(`logged ${JSON.parse(line).msg}`) });
  const state = createState();
  const judge = createJudge(parseRuleFile(RULES, 'test.yaml'));
  const metrics = createConsumerMetrics(state, judge, now);
  const stdout = (line: string) => {
    did.push('alerted');
    alerts.push(JSON.parse(line));
  };
  const subscriber = await subscribe({
    bus,
    topic: 'system.metrics',
    group: 'g',
    state,
    judge,
    alertLog: createAlertLog({ file: undefined, stdout, log, metrics }),
    deadLetters: createDeadLetters({ bus, topic: 'dlq', metrics, log, wait: async () => undefined }),
    metrics,
    log,
    now,
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
  return { did, published, alerts, state, handlers, subscriber, deliver, count };
}

function event(seq: number, metrics: Metrics = { node_load1: 1 }): NodeEvent {
  return { v: 1, cluster: 'c', node: 'n', epoch: 'e', seq, time: 999_000 + seq, interval: 5000, metrics };
}

function recordOf(offset: number, of: NodeEvent): BusRecord {
  const headers = Object.fromEntries(Object.entries(headersOf(of, of.time)).map(([k, v]) => [k, Buffer.from(v)]));
  const value = Buffer.from(encodeEvent(of));
  return { partition: 0, offset, timestamp: of.time, key: Buffer.from(keyOf(of)), value, headers };
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

test('an event is applied and judged before its offset is committed', async () => {
  const { did, alerts, state, deliver } = await consumer();
  await deliver([recordOf(7, event(0, { node_load1: 12 }))]);
  assert.deepEqual(did, ['alerted', 'committed 7']);
  assert.equal(state.nodes(1_000_000).length, 1);
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

test('a dead letter topic that is away for a moment is tried again', async () => {
  let failures = 3;
  const { did, deliver } = await consumer(() => {
    if (failures-- > 0) throw new PipelineError('BUS_UNAVAILABLE', 'away', { retryable: true });
  });
  await deliver([garbage(8, 'hello')]);
  assert.deepEqual(did, ['published 1 to dlq', 'committed 8']);
});

test('a dead letter that is refused is told, the others are kept, and the partition moves on', async () => {
  const { did, published, deliver, count } = await consumer((records) => {
    if (records.some(({ value }) => value?.length === 5)) throw new PipelineError('BUS_REFUSED', 'too large');
  });
  await deliver([garbage(8, 'small'), garbage(9, 'hello!')]);
  assert.deepEqual(did, ['logged dead letters not kept', 'published 1 to dlq', 'committed 9']);
  assert.equal(published.length, 1);
  assert.equal(await count('sysmon_decode_errors_total', { reason: 'json' }), 2);
  assert.equal(await count('sysmon_dead_letters_total', { reason: 'json' }), 1);
});

test('lag is what lies between the batch and the end of its partition, for partitions that are owned', async () => {
  const { deliver, handlers, count } = await consumer();
  await handlers.assigned([0]);
  await deliver([recordOf(7, event(0))], 20);
  assert.equal(await count('sysmon_partition_lag', { partition: '0' }), 12);
  assert.equal(await count('sysmon_partitions_owned'), 1);
  handlers.lost([0]);
  assert.equal(await count('sysmon_partition_lag', { partition: '0' }), undefined);
  assert.equal(await count('sysmon_partitions_owned'), 0);
});

test('what is known of a node goes when its partition moves, its alerts too', async () => {
  const { deliver, handlers, state, alerts } = await consumer();
  await handlers.assigned([0]);
  await deliver([recordOf(7, event(0, { node_load1: 12 }))]);
  handlers.lost([0]);
  assert.equal(state.nodes(1_000_000).length, 0);
  assert.equal(alerts.length, 1);
});

test('a replica has joined as soon as the group says what it owns, be it nothing', async () => {
  const { handlers, subscriber, count } = await consumer();
  assert.equal(subscriber.joined(), false);
  await handlers.assigned([]);
  assert.equal(subscriber.joined(), true);
  assert.equal(await count('sysmon_rebalances_total'), 1);
});
