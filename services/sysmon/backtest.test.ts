import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createEmbeddedBus } from '#bus/embedded.ts';
import { encodeEvent, encodeGap } from '#contract/codec.ts';
import { headersOf, keyOf, type NodeEvent } from '#contract/event.ts';
import { headersOfGap } from '#contract/gap.ts';
import { ALERTS_TOPIC } from '#contract/topic.ts';
import { PipelineError } from '#runtime/errors.ts';
import { encodeAlert } from '../consumer/alerts/record.ts';
import { createJudge } from '../consumer/rules/judge.ts';
import { parseRuleFile } from '../consumer/rules/rule-file.ts';
import { backtestCommand } from './backtest.ts';
import { runCommand } from './command.ts';

const NOON = Date.UTC(2026, 0, 7, 12);
const MINUTE = 60_000;
const INTERVAL = 15_000;
const TOPIC = 'system.metrics';
const directory = mkdtempSync(join(tmpdir(), 'sysmon-'));
after(() => rmSync(directory, { recursive: true }));

const BUSY = '{ alert: Busy, expr: node_load1 > 5, for: 1m, labels: { severity: critical } }';
const rulesOf = (...rules: string[]) => `groups: [{ name: g, rules: [${rules.join()}] }]`;
function write(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}
const busy = write('busy.yaml', rulesOf(BUSY));

type Load = (minute: number) => number | undefined;

interface Story {
  /** By node, its load by minutes since an hour before noon; `undefined` where it says nothing. */
  readonly nodes: Readonly<Record<string, Load>>;
  /** What the consumer judges by, if there is one. */
  readonly live?: string;
  readonly partitions?: number;
}

/** An hour before noon, on a bus, and what a consumer told of it. */
async function setUp({ nodes, live = rulesOf(BUSY), partitions = 2 }: Story) {
  const clock = { now: NOON - 60 * MINUTE };
  const bus = createEmbeddedBus({ now: () => clock.now, maxBytesPerPartition: 2 ** 30 });
  await bus.ensureTopics([{ name: TOPIC, partitions, config: {} }, ALERTS_TOPIC]);
  const judge = createJudge(parseRuleFile(live, 'live.yaml').rules);
  const seqs = new Map<string, number>();
  const publish = async (event: NodeEvent) =>
    bus.publish(TOPIC, [{ key: keyOf(event), value: encodeEvent(event), headers: headersOf(event, event.time) }]);
  for (; clock.now < NOON; clock.now += INTERVAL) {
    for (const [node, load] of Object.entries(nodes)) {
      const load1 = load(60 - (NOON - clock.now) / MINUTE);
      if (load1 === undefined) continue;
      const seq = seqs.get(node) ?? 0;
      seqs.set(node, seq + 1);
      const about = { v: 1, cluster: 'c', node, epoch: 'e', seq, time: clock.now, interval: INTERVAL } as const;
      const event: NodeEvent = { ...about, metrics: { node_load1: load1 } };
      await publish(event);
      for (const change of judge.hear(event, { partition: 0 })) {
        const kept = { change, offset: undefined, judged: undefined };
        await bus.publish(ALERTS_TOPIC.name, [encodeAlert('system-monitoring', 0, kept)]);
      }
    }
  }

  async function run(...argv: readonly string[]) {
    const [said, complained, shown]: [string[], string[], (string | undefined)[]] = [[], [], []];
    const terminal = {
      say: (line: string) => void said.push(line),
      complain: (line: string) => void complained.push(line.replaceAll(`${directory}/`, '')),
      progress: (text: string | undefined) => void shown.push(text),
    };
    const { readAll, openReader } = bus;
    const connect = () => ({ readAll, openReader, close: async () => undefined });
    const backtest = backtestCommand({ env: { KAFKA_BROKERS: 'unused:1' }, now: () => clock.now, connect });
    const code = await runCommand({ backtest }, ['backtest', ...argv], terminal);
    return { code, text: said.join('\n'), complained, shown };
  }
  return { bus, clock, publish, run };
}

const between =
  (...spans: readonly (readonly [from: number, to: number])[]): Load =>
  (minute) =>
    spans.some(([from, to]) => minute >= from && minute < to) ? 9 : 1;

/** The pairs of a JSON answer, in minutes since an hour before noon. */
function pairsOf(text: string) {
  const minute = (ms: number | undefined) => (ms === undefined ? undefined : 60 - (NOON - ms) / MINUTE);
  return JSON.parse(text).alerts.map(({ node, would, did }: Record<string, never>) => {
    const of = (life: Record<string, number | boolean | string>) => [
      life.firedBefore === true ? 'before' : minute(life.firedMs as number),
      minute(life.resolvedMs as number | undefined),
      ...(life.reason === undefined ? [] : [life.reason]),
    ];
    return { node, would: would && of(would), did: did && did !== 'unknown' ? of(did) : did };
  });
}

test('the same rules on the same events give what was told, next to it; of older lives that is not known', async () => {
  const { run } = await setUp({ nodes: { a: between([10, 15], [30, 35]), b: between([50, 60]), c: () => 1 } });
  const { code, text, shown } = await run('--rules', busy, '--since', '1h');
  assert.equal(code, 0);
  assert.equal(
    text,
    `
01-07 11:00:00 to 01-07 12:00:00 UTC: 720 events judged by 1 rule

WOULD FIRE      FOR       DID        SEVERITY  ALERT  NODE  LABELS
01-07 11:11:00  4m        not known  critical  Busy   a
01-07 11:31:00  4m        the same   critical  Busy   a
01-07 11:51:00  9m still  the same   critical  Busy   b

Busy critical: would have fired 3 times on 2 nodes, longest 9m; 2 did, 1 not known`.trimStart(),
  );
  assert.match(shown.at(-2) ?? '', /100 %/);
  assert.equal(shown.at(-1), undefined);
  const json = await run('--rules', busy, '--since', '1h', '--json');
  assert.deepEqual(json.shown, []);
  assert.deepEqual(pairsOf(json.text), [
    { node: 'a', would: [11, 15], did: 'unknown' },
    { node: 'a', would: [31, 35], did: [31, 35] },
    { node: 'b', would: [51, undefined], did: [51, undefined] },
  ]);
});

test('other rules fire at other times, where none did, and not where some did', async () => {
  const { run } = await setUp({ nodes: { a: between([10, 20]), b: between([30, 31]), c: (m) => (m < 40 ? 1 : 7) } });
  const other = '{ alert: Busy, expr: node_load1 > 8, for: 30s, labels: { severity: critical } }';
  const quiet = '{ alert: Quiet, expr: node_load1 > 100 }';
  const rules = write('other.yaml', rulesOf(other, quiet));
  const { text } = await run('--rules', rules, '--since', '1h');
  assert.equal(
    text.split('\n').slice(2).join('\n'),
    `
WOULD FIRE      FOR    DID                       SEVERITY  ALERT  NODE  LABELS
01-07 11:10:30  9m30s  01-07 11:11:00 9m         critical  Busy   a
01-07 11:30:30  30s    no                        critical  Busy   b
no                     01-07 11:41:00 19m still  critical  Busy   c

Busy critical: would have fired 2 times on 2 nodes, longest 9m30s; 1 did, 1 did not, 1 did that would not have
1 rule that neither would have fired nor did`.trimStart(),
  );
});

test('what fired before the range is known at its begin, by ranges and times that lie before it', async () => {
  const rate = '{ alert: Rising, expr: "avg_over_time(node_load1[10m]) > 8.9", for: 5m, keep_firing_for: 2m }';
  const live = rulesOf(rate);
  const { run } = await setUp({ nodes: { a: between([0, 50]), b: between([0, 34]) }, live });
  const rules = write('rising.yaml', live);
  const pairs = pairsOf((await run('--rules', rules, '--since', '25m', '--json')).text);
  assert.deepEqual(pairs, [
    { node: 'a', would: ['before', 52], did: [5, 52] },
    { node: 'b', would: ['before', 36], did: [5, 36] },
  ]);
  const text = (await run('--rules', rules, '--since', '25m')).text;
  assert.match(text, /^before +17m +01-07 11:05:00 47m +warning +Rising +a$/m);
  const ended = pairsOf((await run('--rules', rules, '--since', '20m', '--json')).text);
  assert.deepEqual(
    ended.map(({ node }: { node: string }) => node),
    ['a'],
  );
  const first = pairsOf((await run('--rules', rules, '--since', '1h', '--until', '50m', '--json')).text);
  assert.deepEqual(
    first.map(({ would }: { would: unknown }) => would),
    [
      [5, undefined],
      [5, undefined],
    ],
  );
});

test('a node that fell silent fires no longer, whether it is heard again or not', async () => {
  const silence: Load = (minute) => (minute < 10 || (minute >= 20 && minute < 40) ? 9 : undefined);
  const { run } = await setUp({ nodes: { a: silence, b: () => 1 }, partitions: 1 });
  const pairs = pairsOf((await run('--rules', busy, '--since', '1h', '--json')).text);
  assert.deepEqual(
    pairs.map(({ would }: { would: unknown }) => would),
    [
      [1, 10.5, 'stale'],
      [21, 40.5, 'stale'],
    ],
  );
});

test('what is repeated, late, announced as lost or no event is not judged, and said', async () => {
  const { run, bus, publish, clock } = await setUp({ nodes: { a: between([10, 15]) } });
  clock.now = NOON;
  const event = (seq: number, load: number): NodeEvent => ({
    ...{ v: 1, cluster: 'c', node: 'a', epoch: 'e', seq, time: NOON + seq * INTERVAL, interval: INTERVAL },
    metrics: { node_load1: load },
  });
  await publish(event(100, 9));
  await publish(event(245, 1));
  await publish(event(242, 9));
  const gap = { v: 1, cluster: 'c', node: 'a', epoch: 'e', time: NOON, from: 240, to: 241, reason: 'full' } as const;
  await bus.publish(TOPIC, [{ key: keyOf(gap), value: encodeGap(gap), headers: headersOfGap(gap, NOON) }]);
  await publish(event(240, 9));
  await bus.publish(TOPIC, [{ key: 'c/a', value: Buffer.from('garbage'), headers: {} }]);
  clock.now = NOON + 1;
  const { notes, alerts, events } = JSON.parse((await run('--rules', busy, '--since', '61m', '--json')).text);
  assert.deepEqual(notes, ['2 × events duplicated', '1 × events reordered', '1 × records are not events']);
  assert.deepEqual([alerts.length, events], [1, 241]);
});

test('nothing of another group, of other alerts and of those that need a listener stands beside it', async () => {
  const load = '{ alert: Loaded, expr: node_load1 > 5 }';
  const { run, bus } = await setUp({ nodes: { a: between([10, 15]) }, live: rulesOf(load) });
  const judge = createJudge(parseRuleFile(rulesOf(BUSY), 'x.yaml').rules);
  for (const change of judge.silent({ cluster: 'c', node: 'a' }, 0, NOON - 30 * MINUTE)) {
    const kept = { change, offset: undefined, judged: undefined };
    await bus.publish(ALERTS_TOPIC.name, [encodeAlert('system-monitoring', 0, kept)]);
  }
  const { text } = await run('--rules', busy, '--since', '1h');
  assert.match(text, /^01-07 11:11:00 +4m +no +critical +Busy +a$/m);
  assert.doesNotMatch(text, /Loaded|Silent/);
});

test('rules that say another job are judged where it is told', async () => {
  const { run } = await setUp({ nodes: { a: between([10, 15]) }, live: rulesOf() });
  const mixin = write(
    'mixin.yaml',
    rulesOf(BUSY.replace('node_load1', `'node_load1{job="node"}`).replace('> 5', `> 5'`)),
  );
  assert.equal((await run('--rules', mixin, '--since', '1h')).code, 1);
  const { alerts } = JSON.parse((await run('--rules', mixin, '--since', '1h', '--job', 'node', '--json')).text);
  assert.deepEqual(
    alerts.map(({ labels }: { labels: Record<string, string> }) => labels.job),
    ['node'],
  );
});

test('mistakes of rules are told as `rules check` does, what is not supported too, and the rest is judged', async () => {
  const { run } = await setUp({ nodes: { a: between([10, 15]) } });
  const some = write('some.yaml', rulesOf(BUSY, '{ alert: Down, expr: up == 0 }'));
  const partly = await run('--rules', some, '--rules', busy, '--since', '1h');
  assert.equal(partly.code, 0);
  assert.match(partly.text, /judged by 1 rule\n/);
  assert.match(
    partly.complained.join('\n'),
    /^.*some\.yaml,busy\.yaml: 1 of 3 rules\n {2}some\.yaml:1:\d+: Down: expr: .*\n {2}busy\.yaml: Busy in g: the same rule/,
  );
  const bad = write('bad.yaml', rulesOf('{ alert: A, expr: "node_load1 >" }'));
  const refused = await run('--rules', bad, '--since', '1h');
  assert.deepEqual([refused.code, refused.text], [1, '']);
  assert.match(
    refused.complained.join('\n'),
    /^bad\.yaml: refused, all of it\n {2}bad\.yaml:1:\d+: A: expr: not PromQL/,
  );
});

test('what makes no sense is code 2, and Kafka that is not there code 1, each in a line', async () => {
  const { run, clock } = await setUp({ nodes: {} });
  for (const [argv, complained] of [
    [[], /^sysmon: backtest: expected --rules and --since: npm run sysmon/],
    [['--rules', busy, '--since', 'yesterday'], /^sysmon: backtest: --since yesterday: expected a duration/],
    [['--rules', busy, '--since', '1h', '--until', '2h'], /^sysmon: backtest: expected --since before --until/],
    [['--rules', join(directory, 'none.yaml'), '--since', '1h'], /^sysmon: --rules none\.yaml: ENOENT/],
  ] as const) {
    const outcome = await run(...argv);
    assert.equal(outcome.code, 2);
    assert.match(outcome.complained.join('\n'), complained);
  }
  const lines: string[] = [];
  const terminal = { say: () => assert.fail(), complain: (line: string) => void lines.push(line) };
  const away = async () => {
    throw new PipelineError('BUS_UNAVAILABLE', 'read system.alerts: away');
  };
  let closed = 0;
  const connect = () => ({ readAll: away, openReader: away, close: async () => void closed++ });
  const given = { now: () => clock.now, connect };
  const withEnv = (env: Record<string, string>) => ({ backtest: backtestCommand({ env, ...given }) });
  const argv = ['backtest', '--rules', 'default', '--since', '1h'];
  assert.equal(await runCommand(withEnv({ KAFKA_BROKERS: 'a:1' }), argv, terminal), 1);
  assert.equal(await runCommand(withEnv({}), argv, terminal), 2);
  assert.equal(closed, 1);
  assert.deepEqual(lines, [
    'sysmon: read system.alerts: away',
    'sysmon: KAFKA_BROKERS is not set: expected a comma-separated list of host:port',
  ]);
});
