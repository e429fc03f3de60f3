/** A network between one process and the broker that goes bad for a while, while all others are well. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { type Broker, startBroker } from '../kafka/broker.ts';
import { Watch } from './exposure.ts';
import { Link, type Weather } from './link.ts';
import { assertExposure, figuresOfExposure, owns, SESSION_MS, SLACK_MS } from './membership.ts';
import { assertDroppedNothing, figuresOfContents, seconds, type Tell } from './outage.ts';
import { assertAccount, assertKept, drained, finish, madeBy, Rig, type Service } from './rig.ts';

/** A broker with so many ways to it that can be made bad, each on its own. */
export async function startBehindLinks(count: number): Promise<{ broker: Broker; links: readonly Link[] }> {
  const links = await Promise.all(Array.from({ length: count }, () => Link.start()));
  const broker = await startBroker({ proxies: links.map(({ port }) => port) });
  for (const [n, link] of links.entries()) link.target = broker.behindProxies[n] ?? 0;
  return { broker, links };
}

export interface BadNetwork {
  readonly broker: Broker;
  readonly link: Link;
  readonly weather: Weather;
  readonly lastsMs: number;
  readonly tell: Tell;
}

/** Between an agent and its broker. */
export async function agentBehind({ broker, link, weather, lastsMs, tell }: BadNetwork): Promise<void> {
  const rig = new Rig(broker.brokers, `agent-${weather}`);
  try {
    await rig.createTopics();
    const consumer = await rig.consumer();
    const agent = await rig.producer('agent', `127.0.0.1:${link.port}`);
    await drained(agent);
    const before = await residentOf(agent);
    link.become(weather);
    const published = await publishedBy(agent);
    await setTimeout(lastsMs);
    const [ready, alive] = await Promise.all(
      ['readyz', 'livez'].map(async (path) => (await fetch(`${agent.url}/${path}`)).status),
    );
    const [more, after] = [(await publishedBy(agent)) - published, await residentOf(agent)];
    link.become('well');
    const drain = await drained(agent);

    const made = new Map([await madeBy(agent)]);
    await assertDroppedNothing(agent);
    await finish(agent);
    const contents = await assertAccount(rig, consumer);
    assertKept(contents, made);
    await finish(consumer);
    assert.equal(contents.reordered, 0);
    assert.equal(alive, 200);
    // What passes late passes; otherwise at most what was answered already.
    if (weather === 'late') assert.ok(ready === 200 && more > 1, `${ready}, ${more} published`);
    else assert.ok(ready === 503 && more <= 1, `${ready}, ${more} published`);
    tell(
      `an agent whose network is ${weather} for ${seconds(lastsMs)}: ${figuresOfContents(contents)}; ` +
        `all were published ${seconds(drain)} after; ${((after - before) / 2 ** 20).toFixed(1)} MiB more meanwhile`,
    );
  } finally {
    link.become('well');
    await rig.close();
  }
}

/** Between one of two replicas and its broker, for longer than the session: it runs on, and does not know what the others do. */
export async function replicaBehind({ broker, link, weather, lastsMs, tell }: BadNetwork): Promise<void> {
  const nodes = 24;
  const rig = new Rig(broker.brokers, `replica-${weather}`);
  const watch = new Watch();
  try {
    await rig.createTopics();
    const fleet = await rig.fleet(nodes);
    const behind = await rig.consumer(rig.alertLog('behind'), `127.0.0.1:${link.port}`);
    const other = await rig.consumer(rig.alertLog('other'));
    for (const replica of [behind, other]) await owns(replica, 6);
    watch.add('behind', behind);
    watch.add('other', other);
    link.become(weather);
    const began = performance.now();
    await owns(other, 12);
    const takeover = performance.now() - began;
    await setTimeout(Math.max(0, lastsMs - takeover));
    const { status } = await fetch(`${behind.url}/readyz`);
    link.become('well');
    for (const replica of [behind, other]) await owns(replica, 6);
    const exposure = await watch.stop();
    await drained(fleet);
    await finish(fleet);
    assertKept(await rig.contents(), new Map());
    await finish(behind, other);
    assert.equal(status, 503);
    assertExposure(exposure, nodes, SESSION_MS + SLACK_MS);
    tell(
      `a replica whose network is ${weather}: the other had all after ${seconds(takeover)}; ${figuresOfExposure(exposure)}`,
    );
  } finally {
    link.become('well');
    await watch.stop();
    await rig.close();
  }
}

async function publishedBy(agent: Service): Promise<number> {
  return (await agent.figures()).sum('sysmon_producer_events_published_total');
}

async function residentOf(agent: Service): Promise<number> {
  return (await agent.figures()).sum('process_resident_memory_bytes');
}
