/** Alerts while what judges them is killed, frozen and replaced: none is lost, none lives twice, none comes late. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { decodeRecord } from '#contract/codec.ts';
import { type Broker, skipWithoutKafka, startBroker } from '../kafka/broker.ts';
import { eventually } from '../programs.ts';
import { AlertAgent, alertAgents } from './alert-agent.ts';
import { figuresOfDelays, handled, keptActive, keptAlerts, proveLives, shownActive } from './alert-lives.ts';
import { AlertReplica, type Told } from './alert-replica.ts';
import { alertStorm } from './alert-storm.ts';
import { owns } from './membership.ts';
import { seconds } from './outage.ts';
import { drained, finish, Rig } from './rig.ts';
import { publishAll } from './witnesses.ts';

const PATIENCE_MS = 150_000;

suite('alerts', { skip: skipWithoutKafka(), timeout: 400_000, concurrency: 3 }, () => {
  let broker: Broker;
  before(async () => {
    broker = await startBroker();
  });
  after(() => broker?.stop());

  test('replicas that are killed, frozen, started and stopped lose no alert, give none a second id, and tell none late', async (t) => {
    const tell = (text: string) => t.diagnostic(text);
    await alertStorm({ brokers: broker.brokers, name: 'storm', nodes: 50, rounds: 1, tell });
  });

  test('a replica that is killed while alerts are pending, linger and fill their windows: they go on elsewhere, to the second', async (t) => {
    const rules = `
groups:
  - name: pending
    rules:
      - { alert: Patient, expr: node_load1 > 10, for: 20s, labels: { severity: critical } }
      - { alert: Lingering, expr: node_load5 > 10, keep_firing_for: 20s }
      - { alert: Window, expr: 'min_over_time(node_load15[16s]) > 10 and count_over_time(node_load15[16s]) > 3', for: 8s }
`;
    const rig = new Rig(broker.brokers, 'pending', rules);
    try {
      await rig.createTopics();
      const victim = await AlertReplica.start(rig, 'victim');
      const heir = await AlertReplica.start(rig, 'heir');
      for (const { service } of [victim, heir]) await owns(service, 6);
      const agents = alertAgents(24);
      const began = Date.now();
      const measure = async (from: number, to: number) => {
        for (let time = from; time <= to; time += 4) {
          const metrics = { node_load1: time < 32 ? 20 : 1, node_load5: time < 8 ? 20 : 1, node_load15: 20 };
          await publishAll(
            rig,
            agents.map((agent) => agent.measure(began + time * 1000, metrics)),
          );
        }
      };
      await measure(0, 16);
      await handledSoFar(rig, [victim, heir]);
      await victim.service.stop('SIGKILL');
      await measure(20, 36);
      const proof = await proveLives(rig, rules, { replicas: [heir], all: [victim, heir], faults: 1 });

      const of = (alert: string, state: string) =>
        proof.told.filter((told) => told.alert === alert && told.state === state);
      const orphans = of('Patient', 'pending').filter(({ by }) => by === victim);
      assert.ok(orphans.length > 0);
      for (const { id, node } of orphans) {
        const fired = of('Patient', 'firing').filter((told) => told.node === node);
        assert.deepEqual(
          fired.map((told) => [told.id, told.by === heir, Date.parse(told.eventTime) - began]),
          [[id.replace('pending', 'firing'), true, 20_000]],
        );
      }
      for (const [alert, state, after] of [
        ['Patient', 'resolved', 32],
        ['Lingering', 'resolved', 28],
        ['Window', 'firing', 20],
      ] as const) {
        const told = of(alert, state).map(({ node, eventTime }) => [node, Date.parse(eventTime) - began]);
        assert.deepEqual(told.sort(), agents.map(({ node }) => [node, after * 1000]).sort(), `${alert} ${state}`);
      }
      t.diagnostic(`${orphans.length} of ${agents.length} moved; ${figuresOfDelays(proof.delays)}`);
    } finally {
      await rig.close();
    }
  });

  test('the last hour, published again: nothing is told again and nothing goes back, not with the next owner either', async (t) => {
    const rules = `
groups:
  - name: again
    rules:
      - { alert: Now, expr: node_load1 > 10 }
      - { alert: Patient, expr: node_load1 > 10, for: 1m, keep_firing_for: 1m }
`;
    const rig = new Rig(broker.brokers, 'again', rules);
    try {
      await rig.createTopics();
      const first = await AlertReplica.start(rig, 'first');
      await owns(first.service, 12);
      const began = Date.now() - 3_600_000;
      const runs = [alertAgents(8, 'before'), alertAgents(8, 'after')];
      // Ten minutes up, ten minutes down; up at the end.
      const hour = Array.from({ length: 361 }, (_, n) => {
        const metrics = { node_load1: Math.floor(n / 60) % 2 === 0 ? 20 : 1, node_time_seconds: n };
        return (runs[n < 200 ? 0 : 1] ?? []).map((agent) => agent.measure(began + n * 10_000, metrics));
      }).flat();
      await publishAll(rig, hour);
      await handledSoFar(rig, [first]);
      const told = () => first.told().map(({ id }) => id);
      const before = told();

      const again = async (replica: AlertReplica) => {
        await publishAll(rig, hour);
        await eventually(async () => {
          const figures = await replica.service.figures();
          assert.equal(figures.sum('sysmon_events_duplicate_total'), hour.length);
          assert.equal(figures.of('node_time_seconds', { node: 'node-3' }), 360);
        }, PATIENCE_MS);
      };
      await again(first);
      assert.deepEqual(told(), before);
      const second = await AlertReplica.start(rig, 'second');
      await owns(second.service, 6);
      await finish(first.service);
      await owns(second.service, 12);
      await again(second);
      assert.deepEqual(second.told(), []);
      const { lives } = await proveLives(rig, rules, { replicas: [second], all: [first, second], faults: 1 });
      t.diagnostic(`${hour.length} events published three times, ${lives.size} transitions, none told twice`);
    } finally {
      await rig.close();
    }
  });

  test('500 nodes at once are a few lines and one, whose counts add up; what trembles about a threshold is one alert', async (t) => {
    const rules = `
groups:
  - name: crowd
    rules:
      - { alert: Crowd, expr: node_load1 > 100, labels: { severity: critical } }
      - { alert: Trembling, expr: node_load5 > 100, keep_firing_for: 1m }
`;
    const rig = new Rig(broker.brokers, 'crowd', rules, 10);
    try {
      await rig.createTopics();
      const replicas = [await AlertReplica.start(rig, 'one'), await AlertReplica.start(rig, 'two')];
      for (const { service } of replicas) await owns(service, 6);
      const began = Date.now();
      const crowd = Array.from({ length: 500 }, (_, n) => new AlertAgent('default', `crowded-${n}`));
      const trembling = alertAgents(20);
      for (const [step, node_load1] of [1, 200, 1].entries()) {
        await publishAll(
          rig,
          crowd.map((agent) => agent.measure(began + step * 5_000, { node_load1 })),
        );
      }
      for (let step = 0; step < 60; step++) {
        // Within 1 % of it for 40 steps, then far below.
        const node_load5 = step < 40 ? 100 + Math.sin(step * step) : 50;
        await publishAll(
          rig,
          trembling.map((agent) => agent.measure(began + step * 5_000, { node_load5 })),
        );
      }
      await handledSoFar(rig, replicas);
      const kept = await keptAlerts(rig);
      for (const state of ['firing', 'resolved']) {
        const ids = kept.flatMap((each) => (each.alertname === 'Crowd' && each.state === state ? [each.alertId] : []));
        assert.deepEqual([new Set(ids).size, ids.length], [crowd.length, crowd.length], state);
        // The line for those of a minute comes at its end.
        await eventually(() => {
          const told = replicas.map((replica) =>
            replica.told().filter((each) => each.alert === 'Crowd' && each.state === state),
          );
          assert.equal(
            told.flat().reduce((sum, { count }) => sum + count, 0),
            crowd.length,
            state,
          );
          for (const lines of told) {
            assert.deepEqual([lines.length, lines.filter(({ grouped }) => grouped).length], [11, 1]);
          }
        }, PATIENCE_MS);
      }
      const told = replicas.flatMap((replica) => replica.told());
      for (const { node } of trembling) {
        const states = told.filter((each) => each.node === node).map(({ alert, state }) => `${alert} ${state}`);
        assert.deepEqual(states, ['Trembling firing', 'Trembling resolved']);
      }
      for (const replica of replicas) await replica.assertCounters();
      const active = new Map([['Watchdog none firing default ', 1]]);
      assert.deepEqual(await keptActive(rig), active);
      assert.deepEqual(await shownActive(replicas), active);
      t.diagnostic(
        `${2 * crowd.length} transitions of ${crowd.length} nodes: ${told.filter(({ alert }) => alert === 'Crowd').length} lines`,
      );
    } finally {
      await rig.close();
    }
  });

  test('a node that dies is silent and its alerts end; one that is told to end, or cannot reach a broker for 20 s, is not', async (t) => {
    const rules = `
groups:
  - name: silence
    rules:
      - { alert: Loaded, expr: node_load1 > 0.1, for: 2s, labels: { severity: info } }
`;
    const own = await startBroker();
    const rig = new Rig(own.brokers, 'silence', rules);
    try {
      await rig.createTopics();
      const replica = await AlertReplica.start(rig, 'replica');
      await owns(replica.service, 12);
      const of = (node: string) => replica.told().filter((told) => told.node === node && told.state !== 'pending');
      const until = (node: string, ...states: readonly string[]) =>
        eventually(() => assert.deepEqual(of(node).map(storyOf), states), PATIENCE_MS);
      const [steady, dying, leaving, last] = await Promise.all(
        ['steady', 'dying', 'leaving', 'last'].map((node) => rig.producer(node)),
      );
      assert.ok(steady && dying && leaving && last);
      for (const node of ['steady', 'dying', 'leaving', 'last']) await until(node, 'Loaded firing');
      await setTimeout(LISTENS_FIRST_MS);

      await dying.stop('SIGKILL');
      const died = ['Loaded firing', 'Loaded resolved stale', 'NodeSilent firing'];
      await until('dying', ...died);
      const heard = await lastHeard(rig, 'dying');
      const [, ended, silent] = of('dying');
      assert.deepEqual(
        [ended, silent].map((told) => Date.parse(told?.eventTime ?? '') - heard.time),
        [SILENT_AFTER_MS, SILENT_AFTER_MS],
      );
      const noticedMs = (silent?.at ?? Number.POSITIVE_INFINITY) - heard.appended;
      assert.ok(noticedMs < SILENT_AFTER_MS + LISTENS_FIRST_MS + A_FEW_SECONDS_MS, seconds(noticedMs));
      const revived = await rig.producer('dying');
      const back = [...died, 'NodeSilent resolved', 'Loaded firing'];
      await until('dying', ...back);

      await own.kill('SIGKILL');
      await setTimeout(20_000);
      await own.start();
      for (const producer of [steady, revived, leaving, last]) await drained(producer);
      // Whoever has been silent since then is known to be when the last one is.
      await finish(leaving);
      await last.stop('SIGKILL');
      await until('last', 'Loaded firing', 'Loaded resolved stale', 'NodeSilent firing');
      await until('dying', ...back);
      for (const node of ['steady', 'leaving']) await until(node, 'Loaded firing');
      const others = replica.told().filter(({ alert }) => !['Loaded', 'NodeSilent'].includes(alert));
      assert.deepEqual(others.map(storyOf), ['Watchdog firing']);
      await eventually(async () => assert.deepEqual(await shownActive([replica]), await keptActive(rig)));
      await replica.assertCounters();
      t.diagnostic(`a node of an event in 1 s was told to be silent ${seconds(noticedMs)} after its last`);
    } finally {
      await rig.close();
      await own.stop();
    }
  });
});

/** Three intervals. */
const SILENT_AFTER_MS = 3_000;
/** A partition has to be read to its end for so long before anybody is missed. On a busy machine that may begin anew. */
const LISTENS_FIRST_MS = 15_000;
const A_FEW_SECONDS_MS = 5_000;

function storyOf({ alert, state, reason }: Told): string {
  return [alert, state, reason].filter(Boolean).join(' ');
}

/** The newest event of a node: its time, and when the broker had it. */
async function lastHeard(rig: Rig, name: string): Promise<{ readonly time: number; readonly appended: number }> {
  let last = { time: 0, appended: 0 };
  for (const record of (await rig.contents()).all) {
    const decoded = decodeRecord(record);
    if ('event' in decoded && decoded.event.node === name) {
      last = { time: decoded.event.time, appended: record.timestamp };
    }
  }
  return last;
}

/** Until the replicas have taken, and settled, all that the topic has. */
async function handledSoFar(rig: Rig, replicas: readonly AlertReplica[]): Promise<void> {
  const { events, duplicated } = await rig.contents();
  await eventually(async () => {
    const all = await Promise.all(replicas.map(({ service }) => service.figures()));
    const taken = all.reduce((sum, figures) => sum + figures.sum('sysmon_events_total'), 0);
    assert.equal(taken, events - duplicated);
  }, PATIENCE_MS);
  await handled(replicas);
}
