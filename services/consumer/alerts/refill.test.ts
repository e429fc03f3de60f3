import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmbeddedBus } from '#bus/embedded.ts';
import { encodeEvent } from '#contract/codec.ts';
import { headersOf, keyOf, type NodeEvent } from '#contract/event.ts';
import { createLog } from '#runtime/log.ts';
import { createJudge } from '../rules/judge.ts';
import { parseRuleFile } from '../rules/rule-file.ts';
import { Refill, WHOLE_MS } from './refill.ts';

const NOON = Date.UTC(2026, 0, 7, 12);
const INTERVAL = 15_000;
const HOUR = 3_600_000;
const TOPIC = 'system.metrics';

function metricsAt(seq: number): NodeEvent['metrics'] {
  return { node_filesystem_avail_bytes: [['sda', '/', 'ext4', '', 1e10 - seq * 1e6]] };
}

/** Six hours of a node's disk that fills, 1 MB with each event, on a topic; and who reads it. */
async function setUp(rules: string, { fails = 0 } = {}) {
  const clock = { now: NOON - 6 * HOUR };
  const bus = createEmbeddedBus({ now: () => clock.now, maxBytesPerPartition: 2 ** 30 });
  await bus.ensureTopics([{ name: TOPIC, partitions: 1, config: {} }]);
  const events: NodeEvent[] = [];
  for (let seq = 0; clock.now < NOON; seq++, clock.now += INTERVAL) {
    const event: NodeEvent = {
      ...{
        v: 1,
        cluster: 'c',
        node: 'n',
        epoch: 'e',
        seq,
        time: clock.now,
        interval: INTERVAL,
        metrics: metricsAt(seq),
      },
    };
    events.push(event);
    await bus.publish(TOPIC, [{ key: keyOf(event), value: encodeEvent(event), headers: headersOf(event, event.time) }]);
  }
  const judge = createJudge(parseRuleFile(`groups: [{ name: g, rules: [${rules}] }]`, 'test.yaml').rules);
  let [read, failures] = [0, fails];
  const logged: string[] = [];
  const refill = new Refill({
    bus: {
      async openReader(topic) {
        if (failures-- > 0) throw new Error('away');
        const reader = await bus.openReader(topic);
        return {
          ...reader,
          readFrom: (partition, time, each) =>
            reader.readFrom(partition, time, (record) => {
              read++;
              return each(record);
            }),
        };
      },
    },
    topic: TOPIC,
    judge,
    log: createLog('test', 'info', { write: (line) => void logged.push(JSON.parse(line).msg) }),
    now: () => clock.now,
    wait: async () => undefined,
  });
  const filled = async () => {
    while (refill.partitions > 0) await new Promise(setImmediate);
  };
  const next = (n = 0): NodeEvent => {
    const [last = assert.fail()] = events.slice(-1);
    const seq = last.seq + 1 + n;
    return { ...last, seq, time: last.time + (1 + n) * INTERVAL, metrics: metricsAt(seq) };
  };
  return { judge, refill, filled, events, next, logged, read: () => read };
}

const SLOPE = '{ alert: Filling, expr: "deriv(node_filesystem_avail_bytes[6h]) < -60e3" }';
const SHORT = '{ alert: Falls, expr: "deriv(node_filesystem_avail_bytes[5m]) < -60e3" }';
const INSTANT = '{ alert: Here, expr: node_filesystem_avail_bytes > 0 }';

test('what rules look back on beyond what was recalled is read in slices, and they are not judged before it is', async () => {
  const { judge, refill, filled, events, next, read } = await setUp([SLOPE, SHORT, INSTANT].join());
  for (const event of events.slice(-60)) judge.remember(event, 0, event.seq);
  refill.start([0], 0);
  assert.equal(refill.partitions, 1);
  const news = (event: NodeEvent) =>
    judge.judge(event).map(({ alertname, value }) => [alertname, Math.round(value / 1000)]);
  assert.deepEqual(news(next()), [
    ['Falls', -67],
    ['Here', 8560000],
  ]);
  await filled();
  assert.deepEqual(news(next(1)), [['Filling', -67]]);
  assert.ok(read() < events.length / 2, `${read()} of ${events.length} records`);
});

test('where nothing looks back that far nothing is read', async () => {
  const { refill, read } = await setUp(SHORT);
  refill.start([0], 0);
  assert.deepEqual([refill.partitions, read()], [0, 0]);
});

test('after a change of rules all that they look back on is read, and alerts that live go on', async () => {
  const { judge, refill, filled, events, next } = await setUp(SHORT);
  for (const event of events.slice(-60)) judge.hear(event, { partition: 0 });
  const [alert] = judge.active();
  const rules = [SLOPE, SHORT.replace(' }', ', annotations: { summary: other } }')].join();
  assert.deepEqual(judge.follow(parseRuleFile(`groups: [{ name: g, rules: [${rules}] }]`, 'test.yaml').rules), [
    { partition: 0, changes: [] },
  ]);
  refill.start([0], WHOLE_MS);
  assert.deepEqual(judge.judge(next()), []);
  assert.equal(judge.active()[0]?.alertId, alert?.alertId);
  await filled();
  assert.deepEqual(
    judge.judge(next(1)).map(({ alertname }) => alertname),
    ['Filling'],
  );
  assert.equal(judge.active().find(({ alertname }) => alertname === 'Falls')?.annotations.summary, 'other');
});

test('a topic that cannot be read is tried again, and given up in the end', async () => {
  const once = await setUp(SLOPE, { fails: 1 });
  for (const event of once.events.slice(-60)) once.judge.remember(event, 0, event.seq);
  once.refill.start([0], 0);
  await once.filled();
  assert.deepEqual(once.logged, ['the past of rules cannot be read from the topic']);
  assert.equal(once.judge.judge(once.next()).length, 1);

  const never = await setUp(SLOPE, { fails: 100 });
  for (const event of never.events.slice(-60)) never.judge.remember(event, 0, event.seq);
  never.refill.start([0], 0);
  await never.filled();
  assert.equal(never.logged.length, 5);
  assert.equal(never.judge.judge(never.next()).length, 1);
});

test('a partition that moves away is not filled any more', async () => {
  const { refill, filled, read, events, judge } = await setUp(SLOPE);
  for (const event of events.slice(-60)) judge.remember(event, 0, event.seq);
  refill.start([0], 0);
  refill.drop([0]);
  assert.equal(refill.partitions, 0);
  await filled();
  await new Promise(setImmediate);
  assert.ok(read() < 20);
});
