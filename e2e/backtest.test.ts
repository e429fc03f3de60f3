/** `sysmon backtest` on a real Kafka, beside a real consumer: the same rules on the same events say the same. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { createKafkaBus } from '#bus/kafka.ts';
import { encodeEvent } from '#contract/codec.ts';
import { headersOf, keyOf } from '#contract/event.ts';
import { METRICS_TOPIC } from '#contract/topic.ts';
import { createLog } from '#runtime/log.ts';
import { simulateFleet } from '../services/producer/simulation/fleet.ts';
import { parseScenarios } from '../services/producer/simulation/scenario.ts';
import { skipWithoutKafka, startBroker } from './kafka/broker.ts';
import { eventually, run, textOf } from './programs.ts';

const MINUTE = 60_000;
const GROUP = 'system-monitoring';
/** One alert that fires twice, one that ends, some that still fire at the end. */
const SCENARIOS =
  'cpu-spike@node-0001+10m/8m, cpu-spike@node-0001+35m/8m, readonly-remount@node-0002+20m/10m, packet-loss@node-0003+50m/20m';

test('a backtest with the rules that were judged by says what the consumer told, and leaves no trace', {
  skip: skipWithoutKafka(),
}, async (t) => {
  const { brokers, directory, publishHour } = await setUp(t);
  const alertLog = join(directory, 'alerts.log');
  const env = { KAFKA_BROKERS: brokers.join(), KAFKA_GROUP: GROUP };
  const services = { LISTEN: '127.0.0.1:0', ALERT_LOG: alertLog, KUBERNETES: 'off' };
  const consumer = run(process.execPath, ['services/consumer/main.ts'], { ...env, ...services });
  t.after(() => consumer.stop('SIGKILL'));
  const [, url = ''] = await consumer.printed(/"url":"(http:[^"]+)"/);
  const says = (line: string) =>
    eventually(async () => assert.match(await textOf(`${url}/metrics`), new RegExp(`^${line}$`, 'm')));
  // While it fills the past of rules that look far back, it does not judge them.
  await says(`sysmon_partitions_owned ${METRICS_TOPIC.partitions}`);
  await says('sysmon_history_filling 0');
  const events = await publishHour();
  await says(`sysmon_events_total ${events}`);
  assert.equal((await consumer.stop('SIGTERM')).code, 0);
  const told = livesOf(readFileSync(alertLog, 'utf8'));
  assert.ok(told.size >= 5, `${told.size} alerts fired`);

  const before = await traceOf(brokers);
  const backtest = async (...argv: readonly string[]) => {
    const args = ['services/sysmon/main.ts', 'backtest', '--rules', 'default', '--since', '2h', ...argv];
    const program = run(process.execPath, args, env);
    const { code } = await program.end();
    assert.deepEqual([code, program.stderr()], [0, '']);
    return program.stdout();
  };
  const answer = JSON.parse(await backtest('--json')) as Answer;
  assert.deepEqual([answer.events, answer.notes], [events, []]);
  const would = answer.alerts.flatMap((pair) => (pair.would === undefined ? [] : [pair.would]));
  assert.deepEqual(new Map(would.map(({ alertId, firedMs, resolvedMs }) => [alertId, [firedMs, resolvedMs]])), told);
  // Of the node whose alerts fired twice the topic has the second time alone.
  const twice = answer.alerts.filter(({ node, alertname }) => node === 'node-0001' && alertname === 'CpuBusy');
  assert.deepEqual(
    twice.map(({ did }) => (did === 'unknown' ? did : 'known')),
    ['unknown', 'known'],
  );
  for (const { would, did } of answer.alerts) {
    if (did === 'unknown') continue;
    assert.deepEqual(
      [did?.alertId, did?.firedMs, did?.resolvedMs],
      [would?.alertId, would?.firedMs, would?.resolvedMs],
    );
  }

  const table = await backtest();
  assert.match(table, /the same +\S+ +CpuBusy +node-0001/);
  for (const line of table.split('\n')) assert.ok([...line].length <= 120, line);
  assert.deepEqual(await traceOf(brokers), before);
});

interface Span {
  readonly alertId: string;
  readonly firedMs: number;
  readonly resolvedMs?: number;
}

interface Answer {
  readonly events: number;
  readonly notes: readonly string[];
  readonly alerts: readonly {
    readonly alertname: string;
    readonly node: string;
    readonly would?: Span;
    readonly did?: Span | 'unknown';
  }[];
}

/** A Kafka, and an hour of four nodes to publish there. */
async function setUp(t: TestContext) {
  const broker = await startBroker();
  const directory = mkdtempSync(join(tmpdir(), 'backtest-'));
  const bus = createKafkaBus({ brokers: broker.brokers, clientId: 'test', log: createLog('test', 'error') });
  t.after(async () => {
    await bus.close();
    await broker.stop();
    rmSync(directory, { recursive: true });
  });
  await bus.ensureTopics([METRICS_TOPIC]);
  async function publishHour() {
    const end = Math.floor(Date.now() / MINUTE) * MINUTE;
    const from = end - 60 * MINUTE;
    const scenarios = parseScenarios(SCENARIOS);
    let records = [];
    let events = 0;
    for (const event of simulateFleet({ cluster: 'c', nodes: 4, seed: 1, interval: 15_000, scenarios, from })) {
      if (event.time < end) {
        events++;
        // Nothing comes after the last, and that is no silence before the test is over.
        records.push({
          key: keyOf(event),
          value: encodeEvent({ ...event, pause: 60 * MINUTE }),
          headers: headersOf(event, event.time),
        });
      }
      if (records.length < 100 && event.time < end) continue;
      await bus.publish(METRICS_TOPIC.name, records);
      records = [];
      if (event.time >= end) break;
    }
    return events;
  }

  return { brokers: broker.brokers, directory, publishHour };
}

/** When each alert fired and ended, by its id, as the alert log has it. Built-in ones are about no expression. */
function livesOf(log: string): Map<string, [firedMs: number, resolvedMs: number | undefined]> {
  const lives = new Map<string, [number, number | undefined]>();
  for (const line of log.trimEnd().split('\n')) {
    const { alertId, state, eventTime, evidence } = JSON.parse(line);
    if (evidence?.group === 'built-in') continue;
    const at = Date.parse(eventTime);
    const [fired] = lives.get(alertId) ?? [];
    if (state === 'firing') lives.set(alertId, [at, undefined]);
    else if (state === 'resolved' && fired !== undefined) lives.set(alertId, [fired, at]);
  }
  return lives;
}

/** What a member of a group, or a writer, would leave: groups, what they have committed, and the ends of topics. */
async function traceOf(brokers: readonly string[]) {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const { groups } = await admin.listGroups();
    const topics = (await admin.listTopics()).sort();
    const written = topics.filter((topic) => !topic.startsWith('__'));
    return {
      groups: groups.map(({ groupId }) => groupId),
      offsets: await admin.fetchOffsets({ groupId: GROUP, topics: [METRICS_TOPIC.name] }),
      ends: await Promise.all(written.map((topic) => admin.fetchTopicOffsets(topic))),
      topics,
    };
  } finally {
    await admin.disconnect();
  }
}
