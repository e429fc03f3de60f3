import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import type { BusRecord, NewRecord } from '#bus/bus.ts';
import type { Metrics, NodeEvent } from '#contract/event.ts';
import { createLog } from '#runtime/log.ts';
import { createJudge } from '../rules/judge.ts';
import { parseRuleFile } from '../rules/rule-file.ts';
import type { NodeView } from '../state.ts';
import { Alerting, type Ownership } from './alerting.ts';
import type { Coordinates } from './log.ts';
import { Refill } from './refill.ts';
import { AlertStore } from './store.ts';
import type { Transition } from './transition.ts';

const NOON = 1_000_000_000;
const INTERVAL = 5000;
const never = new AbortController().signal;
const RULES = `
groups:
  - name: test
    rules:
      - { alert: Now, expr: node_load1 > 5 }
      - { alert: Patient, expr: node_load1 > 5, for: 12s, keep_firing_for: 7s, labels: { severity: info } }
      - { alert: Rate, expr: 'rate(node_disk_io_time_seconds_total[20s]) > 0.5', for: 10s }
`;

/** The topics of a cluster, and replicas that come and go. */
function cluster(rules = RULES) {
  const topic: BusRecord[] = [];
  const told: (Transition & Coordinates)[] = [];
  const clock = { now: NOON };
  const bus = {
    async publish(_topic: string, records: readonly NewRecord[]) {
      for (const { key, value, headers, partition = 0 } of records) {
        const raw = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
        const bytes = value === null ? null : Buffer.from(value);
        const offset = topic.length;
        topic.push({ partition, offset, timestamp: clock.now, key: Buffer.from(`${key}`), value: bytes, headers: raw });
      }
    },
    async readAll(_topic: string, each: (record: BusRecord) => void, partitions: readonly number[] = []) {
      for (const record of topic) if (partitions.includes(record.partition)) each(record);
    },
    openReader: () => assert.fail('no rule looks back that far'),
  };
  const log = createLog('test', 'error');

  async function replica(nodes: readonly NodeView[] = [], clusterNodes: ReadonlyMap<string, number> = new Map()) {
    const judge = createJudge(parseRuleFile(rules, 'test.yaml').rules);
    const alerting = new Alerting({
      judge,
      store: new AlertStore({ bus, topic: 'system.alerts', group: 'g', log, wait: () => setImmediate() }),
      refill: new Refill({ bus, topic: 'system.metrics', judge, log, now: () => clock.now }),
      sinks: [{ tell: (transition, coordinates) => void told.push({ ...transition, ...coordinates }) }],
      state: {
        nodes: () => nodes,
        silence: ({ node }) => (nodes.some((view) => view.node === node) ? 0 : Number.POSITIVE_INFINITY),
        listened: () => 10 * 60_000,
      },
      topic: 'system.metrics',
      cluster: 'c',
      clusterNodes: () => clusterNodes,
      log,
      now: () => clock.now,
    });
    await alerting.restore([0], never);
    const settle = () => alerting.settle(() => true, never);
    return { judge, alerting, settle };
  }
  const news = () =>
    told.map(({ alertname, node, state, reason }) => [alertname, node, state, reason].filter(Boolean).join(' '));
  return { topic, told, clock, replica, news };
}

/** What is sure of the first partition, of two. */
const OWNERSHIP: Ownership = {
  fresh: () => true,
  current: () => [0],
  partitionOf: ({ node }) => (node.startsWith('far') ? 1 : 0),
};

function event(seq: number, metrics: Metrics, change: Partial<NodeEvent> = {}): NodeEvent {
  const time = NOON + seq * INTERVAL;
  return { v: 1, cluster: 'c', node: 'n', epoch: 'e', seq, time, interval: INTERVAL, metrics, ...change };
}

function carrier(offset: number, timestamp = NOON + offset * INTERVAL) {
  return { partition: 0, offset, timestamp, sent: undefined };
}

function view(node: string, silentSince: number | undefined): NodeView {
  const account = { received: 1, lost: 0, duplicated: 0, reordered: 0, conflicts: 0, completeness: 1 };
  const { cluster: _, ...rest } = event(0, {}, { node });
  const shown = { partition: 0, arrived: 0, skew: undefined, up: silentSince === undefined, silentSince, account };
  return { cluster: 'c', node, event: { cluster: 'c', ...rest }, ...shown };
}

/** A node of which each step says how loaded it is, how busy its disk, and how far its clock jumps back. */
const STEP = fc.record({
  busy: fc.boolean(),
  disk: fc.constantFrom(0, 2.5, 5),
  node: fc.constantFrom('a', 'b'),
  back: fc.constantFrom(0, 0, 0, 0, 0, 0, 7_000, 3_600_000),
});
/** After how many more events of a batch of how many the replica is killed, and what it had done by then. */
const KILL = fc.record({
  after: fc.nat(12),
  batch: fc.integer({ min: 1, max: 5 }),
  done: fc.constantFrom('told', 'kept', 'committed'),
});

function eventsOf(steps: readonly { busy: boolean; disk: number; node: string; back: number }[]): NodeEvent[] {
  const seqs = new Map<string, number>();
  const disks = new Map<string, number>();
  let shift = 0;
  return steps.map(({ busy, disk, node, back }, i) => {
    shift += back;
    const seq = seqs.get(node) ?? 0;
    seqs.set(node, seq + 1);
    const io = (disks.get(node) ?? 100) + disk;
    disks.set(node, io);
    const metrics: Metrics = { node_load1: busy ? 9 : 1, node_disk_io_time_seconds_total: [['sda', io]] };
    return event(seq, metrics, { node, epoch: `e-${node}`, time: NOON + i * INTERVAL - shift });
  });
}

test('whenever replicas are killed, the next tells what one would have told that lived: all, under the same ids', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 60 }), fc.array(KILL, { maxLength: 6 }), async (steps, kills) => {
      const events = eventsOf(steps);
      const calm = cluster();
      const lived = await calm.replica();
      for (const [offset, each] of events.entries()) lived.alerting.hear(each, carrier(offset));

      const { replica, told } = cluster();
      let committed = 0;
      for (const kill of [...kills, undefined]) {
        const { alerting, settle } = await replica();
        for (const [offset, each] of events.slice(0, committed).entries()) alerting.remember(each, carrier(offset));
        const size = kill?.batch ?? events.length;
        let left = kill?.after ?? events.length;
        for (let from = committed; from < events.length; from += size) {
          const batch = events.slice(from, Math.min(from + size, from + left));
          for (const [i, each] of batch.entries()) alerting.hear(each, carrier(from + i));
          left -= batch.length;
          if (left === 0 && kill?.done === 'told') break;
          await settle();
          if (left === 0 && kill?.done === 'kept') break;
          committed = from + batch.length;
          if (left === 0) break;
        }
      }
      const distinct = (of: readonly Transition[]) => [
        ...new Set(of.map(({ alertId, state, time, since }) => [alertId, state, time, since].join(' '))),
      ];
      assert.deepEqual(distinct(told).sort(), distinct(calm.told).sort());
      assert.ok(told.length <= (kills.length + 1) * calm.told.length);
    }),
    { numRuns: 200 },
  );
});

test('a replica that is killed at minute 4 of 5 leaves an alert that fires on time elsewhere, once', async () => {
  const rule = '{ alert: A, expr: node_load1 > 5, for: 5m }';
  const { replica, told } = cluster(`groups: [{ name: g, rules: [${rule}] }]`);
  const first = await replica();
  for (let seq = 0; seq < 48; seq++) first.alerting.hear(event(seq, { node_load1: 9 }), carrier(seq));
  await first.settle();
  const second = await replica();
  for (let seq = 48; seq < 70; seq++) second.alerting.hear(event(seq, { node_load1: 9 }), carrier(seq));
  assert.deepEqual(
    told.map(({ state, time, alertId }) => [state, (time - NOON) / 1000, alertId === told[0]?.alertId]),
    [
      ['pending', 0, true],
      ['firing', 300, true],
    ],
  );
});

test('a replica that was away while another one judged goes on as that one has left it, and tells nothing of it again', async () => {
  const rule = '{ alert: A, expr: node_load1 > 5, for: 12s }';
  const { replica, told } = cluster(`groups: [{ name: g, rules: [${rule}] }]`);
  const load = [9, 9, 9, 9, 1, 9, 9, 9, 9];
  const judge = ({ alerting }: Awaited<ReturnType<typeof replica>>, from: number, to: number) => {
    for (let seq = from; seq < to; seq++) alerting.hear(event(seq, { node_load1: load[seq] ?? 0 }), carrier(seq));
  };
  const away = await replica();
  judge(away, 0, 2);
  await away.settle();
  const other = await replica();
  judge(other, 2, 7);
  await other.settle();
  await away.alerting.regain([0], never);
  judge(away, 2, 9);
  assert.deepEqual(
    told.map(({ state, time }) => [state, (time - NOON) / 1000]),
    [
      ['pending', 0],
      ['firing', 15],
      ['resolved', 20],
      ['pending', 25],
      ['firing', 40],
    ],
  );
});

test('a replica that was away while nobody judged goes on where it was, and keeps what it has told', async () => {
  const { replica, news, topic } = cluster(
    'groups: [{ name: g, rules: [{ alert: A, expr: node_load1 > 5, for: 5s }] }]',
  );
  const { alerting, settle } = await replica();
  alerting.hear(event(0, { node_load1: 9 }), carrier(0));
  await alerting.regain([0], never);
  alerting.hear(event(1, { node_load1: 9 }), carrier(1));
  await settle();
  assert.deepEqual(news(), ['A n pending', 'A n firing']);
  assert.equal(topic.length, 2);
});

test('a node that dies while its alerts fire: they end as stale, and it is told to be silent until it is heard', async () => {
  const { replica, news, told, topic } = cluster();
  const nodes: NodeView[] = [];
  const { alerting, judge, settle } = await replica(nodes);
  alerting.hear(event(0, { node_load1: 9 }), carrier(0));
  nodes.push(view('n', NOON + 15_000));
  for (let i = 0; i < 3; i++) alerting.listen(OWNERSHIP);
  assert.deepEqual(news(), [
    'Now n firing',
    'Patient n pending',
    'Now n resolved stale',
    'Patient n resolved stale',
    'NodeSilent n firing',
    'Watchdog firing',
  ]);
  const silent = told.find(({ alertname }) => alertname === 'NodeSilent');
  assert.deepEqual([silent?.since, silent?.offset, silent?.severity], [NOON + 15_000, 0, 'critical']);
  assert.equal(silent?.annotations.summary, 'n: no event for 15s');
  await settle();

  // Another replica, which has never heard the node, knows of it, and says nothing again.
  told.length = 0;
  const other = await replica();
  other.alerting.listen(OWNERSHIP);
  assert.deepEqual(news(), []);
  assert.equal(other.judge.active().length, judge.active().length);
  other.alerting.hear(event(9, { node_load1: 9 }), carrier(1));
  assert.deepEqual(news(), ['Now n firing', 'Patient n pending', 'NodeSilent n resolved']);
  assert.ok(topic.every(({ partition }) => partition === 0));
});

test('alerts that are restored end when their node stays silent, is deleted, or is not known for a day', async () => {
  const { replica, news, told, clock } = cluster();
  const first = await replica();
  for (const node of ['a', 'b', 'c']) first.alerting.hear(event(0, { node_load1: 9 }, { node }), carrier(0));
  await first.settle();
  told.length = 0;
  const second = await replica();
  second.alerting.delete({ cluster: 'c', node: 'b' });
  second.alerting.delete({ cluster: 'c', node: 'far away' });
  second.alerting.listen(OWNERSHIP);
  assert.deepEqual(
    news().filter((line) => !line.startsWith('Patient')),
    [
      ...['Now a resolved stale', 'NodeSilent a firing', 'Now b resolved stale', 'NodeSilent b firing'],
      ...['Now c resolved stale', 'NodeSilent c firing', 'NodeSilent b resolved deleted', 'Watchdog firing'],
    ],
  );
  await second.settle();
  told.length = 0;
  clock.now += 24 * 60 * 60 * 1000 + 60_000;
  const third = await replica();
  third.alerting.listen(OWNERSHIP);
  assert.deepEqual(news(), ['NodeSilent a resolved forgotten', 'NodeSilent c resolved forgotten']);
});

test('a node of the cluster that nobody has heard is told by the owner of its partition, until it is heard or deleted', async () => {
  const { replica, news, told, clock } = cluster();
  const nodes = new Map([
    ['new', NOON - 60_000],
    ['mute', NOON - 180_000],
    ['gone', NOON - 180_000],
    ['heard', NOON - 180_000],
    ['far', NOON - 180_000],
  ]);
  const heard = [view('heard', undefined)];
  const { alerting, settle } = await replica(heard, nodes);
  for (let i = 0; i < 3; i++) alerting.listen(OWNERSHIP);
  assert.deepEqual(news(), ['NodeNeverHeard mute firing', 'NodeNeverHeard gone firing', 'Watchdog firing']);
  assert.equal(told[0]?.annotations.summary, 'mute: in the cluster for 3m 0s, and never heard');
  await settle();
  told.length = 0;
  nodes.delete('gone');
  alerting.delete({ cluster: 'c', node: 'gone' });
  alerting.hear(event(0, { node_load1: 1 }, { node: 'mute' }), carrier(0));
  heard.push(view('mute', undefined));
  clock.now += 60_000;
  alerting.listen(OWNERSHIP);
  assert.deepEqual(news(), [
    'NodeNeverHeard mute resolved',
    'NodeNeverHeard gone resolved deleted',
    'NodeNeverHeard new firing',
  ]);
});

test('nothing is told while it is not certain whose the partitions are', async () => {
  const { replica, news } = cluster();
  const { alerting } = await replica([view('n', NOON)]);
  alerting.listen({ ...OWNERSHIP, fresh: () => false });
  assert.deepEqual(news(), []);
  alerting.listen({ ...OWNERSHIP, current: () => [] });
  assert.deepEqual(news(), []);
});

test('other rules are gone on with as soon as it is certain whose the partitions are', async () => {
  const { replica, news } = cluster();
  const { alerting, judge } = await replica();
  alerting.hear(event(0, { node_load1: 9 }), carrier(0));
  alerting.follow([]);
  alerting.listen({ ...OWNERSHIP, fresh: () => false, current: () => [] });
  assert.deepEqual(news(), ['Now n firing', 'Patient n pending']);
  assert.equal(judge.rules().length, 3);
  alerting.listen({ ...OWNERSHIP, current: () => [] });
  assert.deepEqual(news().slice(2), ['Now n resolved rule', 'Patient n resolved rule']);
  assert.equal(judge.rules().length, 0);
});

test('lost events raise an alert that lingers, and late ones do, and are told as late', async () => {
  const { replica, told, clock } = cluster();
  const { alerting, judge } = await replica();
  const say = () => told.splice(0).map(({ alertname, state, value, late }) => [alertname, state, value, late]);
  alerting.hear(event(0, {}), carrier(0));
  judge.lost({ cluster: 'c', node: 'n' }, 0, 3);
  alerting.hear(event(4, {}), carrier(1));
  alerting.hear(event(5, {}), carrier(2));
  assert.deepEqual(say(), [['EventsLost', 'firing', 3, false]]);
  alerting.hear(event(70, {}), carrier(3));
  assert.deepEqual(say(), [['EventsLost', 'resolved', 3, false]]);

  // Kept by its producer for 100 s.
  const kept = event(71, { node_load1: 9 });
  clock.now = kept.time + 100_000;
  alerting.hear(kept, { ...carrier(4, clock.now), sent: clock.now });
  assert.deepEqual(say(), [
    ['Now', 'firing', 9, true],
    ['Patient', 'pending', 9, true],
    ['EventsLate', 'firing', 100, true],
  ]);
  // Not read for 100 s, and then at once.
  alerting.hear(event(72, { node_load1: 1 }), carrier(5, clock.now - 100_000));
  assert.deepEqual(say(), [
    ['Now', 'resolved', 9, true],
    ['Patient', 'resolved', 9, true],
  ]);
  alerting.hear(event(73, { node_load1: 9 }), carrier(6, clock.now));
  assert.deepEqual(
    say().map(([alert, state, , late]) => [alert, state, late]),
    [
      ['Now', 'firing', false],
      ['Patient', 'pending', false],
    ],
  );
});

test('an alert whose rule was taken out or changed meanwhile ends, and one that is only told otherwise goes on', async () => {
  const rules = (expr: string, summary: string) =>
    `groups: [{ name: g, rules: [{ alert: A, expr: ${expr}, annotations: { summary: ${summary} } }] }]`;
  const before = cluster(rules('node_load1 > 5', 'one'));
  const first = await before.replica();
  first.alerting.hear(event(0, { node_load1: 9 }), carrier(0));
  await first.settle();
  for (const [text, news] of [
    [rules('node_load1 > 5', 'two'), []],
    [rules('node_load1 > 6', 'one'), ['A n resolved rule']],
    ['groups: []', ['A n resolved rule']],
  ] as const) {
    const after = cluster(text);
    after.topic.push(...before.topic);
    const { judge } = await after.replica();
    assert.deepEqual([after.news(), judge.active().length], [news, 1 - news.length]);
  }
});
