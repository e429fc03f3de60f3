/** A broker that is away, dead or frozen, while producers go on measuring and some of them are killed. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { Broker } from '../kafka/broker.ts';
import { eventually } from '../programs.ts';
import { assertAccount, assertKept, type Contents, drained, finish, madeBy, Rig, type Service } from './rig.ts';

export type Tell = (text: string) => void;

export interface Outage {
  readonly broker: Broker;
  readonly name: string;
  readonly kind: 'dead' | 'frozen';
  readonly lastsMs: number;
  /** How many times the agent of one node is killed meanwhile. */
  readonly kills: number;
  readonly fleet: number;
  readonly tell: Tell;
}

export async function outage({ broker, name, kind, lastsMs, kills, fleet: nodes, tell }: Outage): Promise<Contents> {
  const rig = new Rig(broker.brokers, name);
  try {
    await rig.createTopics();
    const consumer = await rig.consumer();
    const steady = await rig.producer('steady');
    const fleet = await rig.fleet(nodes);
    const made = new Map<string, number>();
    let victim = await rig.producer('victim');
    await Promise.all([steady, fleet, victim].map((each) => drained(each)));
    await eventually(async () => assert.equal((await consumer.figures()).sum('sysmon_nodes_up'), nodes + 2));

    const began = performance.now();
    await broker.kill(kind === 'dead' ? 'SIGKILL' : 'SIGSTOP');
    for (let kill = 0; kill < kills; kill++) {
      await measured(victim);
      made.set(...(await madeBy(victim)));
      await victim.stop('SIGKILL');
      victim = await rig.producer('victim');
    }
    await setTimeout(Math.max(0, lastsMs - (performance.now() - began)));
    const all = [steady, fleet, victim, consumer];
    const [ready, alive] = await Promise.all([statusOf('readyz', all), statusOf('livez', all)]);
    assert.deepEqual(alive, [200, 200, 200, 200]);
    assert.deepEqual(ready, [503, 503, 503, 503]);
    const waiting = (await steady.figures()).sum('sysmon_producer_spool_events');
    const lasted = performance.now() - began;
    if (kind === 'dead') await broker.start();
    else await broker.kill('SIGCONT');
    const back = performance.now();
    await Promise.all([steady, fleet, victim].map((each) => drained(each)));
    const drain = performance.now() - back;

    for (const each of [steady, victim]) made.set(...(await madeBy(each)));
    for (const each of [steady, fleet, victim]) await assertDroppedNothing(each);
    await finish(steady, fleet, victim);
    const contents = await assertAccount(rig, consumer);
    assertKept(contents, made);
    assert.equal(contents.epochs.get('victim')?.size, kills + 1);
    assert.equal(contents.reordered, 0);
    tell(
      `broker ${kind} ${seconds(lasted)}, ${kills} agents killed: ${figuresOfContents(contents)}; ` +
        `a node had ${waiting} events waiting, all were published ${seconds(drain)} after`,
    );
    return contents;
  } finally {
    await rig.close();
  }
}

/** Until it has measured something, and a moment of chance longer. */
export async function measured(producer: Service, longerMs = 1_200): Promise<void> {
  await eventually(async () => assert.ok((await producer.figures()).sum('sysmon_producer_ticks_total') > 0));
  await setTimeout(Math.random() * longerMs);
}

export async function assertDroppedNothing(producer: Service): Promise<void> {
  assert.equal((await producer.figures()).sum('sysmon_producer_events_dropped_total'), 0);
}

export function figuresOfContents({ events, lost, duplicated, reordered, latestMs }: Contents): string {
  return `${events} events, ${lost.length} lost, ${duplicated} duplicated, ${reordered} reordered, the latest after ${seconds(latestMs)}`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function statusOf(path: string, services: readonly Service[]): Promise<number[]> {
  return Promise.all(services.map(async ({ url }) => (await fetch(`${url}/${path}`)).status));
}
