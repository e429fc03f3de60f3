/** Three brokers that keep everything three times: rolled, one that leads killed, and so many killed that no write is safe. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { Broker, BrokerCluster } from '../kafka/broker.ts';
import { Watch } from './exposure.ts';
import { assertDroppedNothing, figuresOfContents, seconds, type Tell } from './outage.ts';
import { assertAccount, assertKept, drained, finish, madeBy, Rig, type Service } from './rig.ts';

export interface Rolling {
  readonly cluster: BrokerCluster;
  readonly name: string;
  readonly rolls: number;
  readonly fleet: number;
  readonly tell: Tell;
}

export async function rolling({ cluster, name, rolls, fleet: nodes, tell }: Rolling): Promise<void> {
  const rig = new Rig(cluster.brokers, name);
  const watch = new Watch();
  try {
    const { consumer, agent, fleet } = await begin(rig, nodes);
    watch.add('consumer', consumer);
    for (let roll = 0; roll < rolls; roll++) {
      for (const node of cluster.nodes) {
        await node.kill('SIGTERM');
        await node.start();
        await inSync(cluster, rig.topic);
      }
      const leader = await leaderOf(cluster, rig.topic);
      await leader.kill('SIGKILL');
      // Longer than the brokers take to notice. Then all goes on without that one.
      await setTimeout(5_000);
      await Promise.all([agent, fleet].map((each) => drained(each)));
      await leader.start();
      await inSync(cluster, rig.topic);
    }
    const made = new Map([await madeBy(agent)]);
    for (const each of [agent, fleet]) await assertDroppedNothing(each);
    const exposure = await watch.stop();
    await finish(agent, fleet);
    const contents = await assertAccount(rig, consumer);
    assertKept(contents, made);
    assert.equal(contents.reordered, 0);
    const figures = await consumer.figures();
    assert.equal(figures.sum('sysmon_rebalances_total'), 1);
    await finish(consumer);
    tell(
      `${rolls} times three brokers rolled and a leader killed: ${figuresOfContents(contents)}; ` +
        `no node hidden for more than ${seconds(exposure.longestGapMs)}, and no partition moved`,
    );
  } finally {
    await watch.stop();
    await rig.close();
  }
}

export interface TooFew extends Omit<Rolling, 'rolls'> {
  readonly lastsMs: number;
}

/** Two of three brokers die: what is left may not take a write that the others could have to forget. */
export async function tooFewInSync({ cluster, name, lastsMs, fleet: nodes, tell }: TooFew): Promise<void> {
  const rig = new Rig(cluster.brokers, name);
  try {
    const { consumer, agent, fleet } = await begin(rig, nodes);
    const [first, second] = cluster.nodes;
    assert.ok(first && second);
    await Promise.all([first, second].map((node) => node.kill('SIGKILL')));
    const published = (await agent.figures()).sum('sysmon_producer_events_published_total');
    await setTimeout(lastsMs);
    const more = (await agent.figures()).sum('sysmon_producer_events_published_total') - published;
    await Promise.all([first, second].map((node) => node.start()));
    const drains = await Promise.all([agent, fleet].map((each) => drained(each)));
    const made = new Map([await madeBy(agent)]);
    for (const each of [agent, fleet]) await assertDroppedNothing(each);
    await finish(agent, fleet);
    const contents = await assertAccount(rig, consumer);
    assertKept(contents, made);
    await finish(consumer);
    assert.deepEqual([more, contents.reordered], [0, 0]);
    tell(
      `two of three brokers dead for ${seconds(lastsMs)}: ${figuresOfContents(contents)}; ` +
        `all were published ${seconds(Math.max(...drains))} after`,
    );
  } finally {
    await rig.close();
  }
}

async function begin(rig: Rig, nodes: number): Promise<Record<'consumer' | 'agent' | 'fleet', Service>> {
  await rig.createTopics();
  const consumer = await rig.consumer();
  const agent = await rig.producer('agent');
  const fleet = await rig.fleet(nodes);
  await Promise.all([agent, fleet].map((each) => drained(each)));
  return { consumer, agent, fleet };
}

/** The broker that leads the first partition. */
async function leaderOf(cluster: BrokerCluster, topic: string): Promise<Broker> {
  const [first] = await partitionsOf(cluster, topic);
  const leader = cluster.nodes[(first?.leader ?? 0) - 1];
  assert.ok(leader, `no leader of ${topic}`);
  return leader;
}

/** Until every partition has all three replicas again: then one may go. */
export async function inSync(cluster: BrokerCluster, topic: string): Promise<void> {
  while (!(await partitionsOf(cluster, topic)).every(({ isr }) => isr.length === 3)) await setTimeout(100);
}

async function partitionsOf({ brokers }: BrokerCluster, topic: string) {
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  try {
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics.flatMap(({ partitions }) => partitions);
  } finally {
    await admin.disconnect();
  }
}
