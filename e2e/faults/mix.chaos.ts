/** Everything at once, by chance: brokers that die and freeze, one at a time, while processes are killed, frozen and replaced. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { between, randomOf } from '../../services/producer/simulation/random.ts';
import { type BrokerCluster, skipWithoutKafka, startCluster } from '../kafka/broker.ts';
import { eventually } from '../programs.ts';
import { inSync } from './cluster.ts';
import { Watch } from './exposure.ts';
import { figuresOfExposure, keepPublishing } from './membership.ts';
import { assertDroppedNothing, figuresOfContents, seconds } from './outage.ts';
import { assertKept, drained, finish, madeBy, Rig, type Service } from './rig.ts';
import { tell, times } from './story.ts';
import { assertApplied } from './witnesses.ts';

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const LASTS_MS = times(30) * 60_000;
const AGENTS = 3;
const REPLICAS = 3;

test('a random mix of all of it loses nothing', {
  skip: skipWithoutKafka(),
  timeout: LASTS_MS + 15 * 60_000,
}, async () => {
  tell(`SEED=${SEED}, ${seconds(LASTS_MS)}`);
  const cluster = await startCluster(3);
  const rig = new Rig(cluster.brokers, 'mix');
  const watch = new Watch();
  const done = new AbortController();
  try {
    await rig.createTopics();
    const mix = new Mix(cluster, rig, watch);
    await mix.begin();
    const publishing = keepPublishing(rig, done.signal);
    const end = performance.now() + LASTS_MS;
    await Promise.all([mix.brokers(end), mix.processes(end)]);
    done.abort();
    await publishing;
    await mix.end();
  } finally {
    done.abort();
    await watch.stop();
    await rig.close();
    await cluster.stop();
  }
});

class Mix {
  readonly #cluster: BrokerCluster;
  readonly #rig: Rig;
  readonly #watch: Watch;
  readonly #log;
  readonly #made = new Map<string, number>();
  readonly #agents: Service[] = [];
  readonly #replicas: { readonly name: string; readonly service: Service }[] = [];
  readonly #done = new Map<string, number>();
  #fleet: Service | undefined;

  constructor(cluster: BrokerCluster, rig: Rig, watch: Watch) {
    this.#cluster = cluster;
    this.#rig = rig;
    this.#watch = watch;
    this.#log = rig.alertLog();
  }

  async begin(): Promise<void> {
    this.#fleet = await this.#rig.fleet(50);
    for (let n = 0; n < AGENTS; n++) this.#agents.push(await this.#rig.producer(`agent-${n}`));
    for (let n = 0; n < REPLICAS; n++) await this.#addReplica();
    await Promise.all([this.#fleet, ...this.#agents].map((each) => drained(each)));
  }

  /** One is away at a time, and gone for good if it takes longer than its session. */
  async brokers(end: number): Promise<void> {
    const random = randomOf(SEED, 1);
    while (performance.now() < end) {
      const node = this.#cluster.nodes[Math.floor(random() * this.#cluster.nodes.length)];
      assert.ok(node);
      const dead = random() < 0.5;
      const awayMs = between(random, 1_000, 20_000);
      this.#tell(dead ? 'broker killed' : 'broker frozen', awayMs);
      await node.kill(dead ? 'SIGKILL' : 'SIGSTOP');
      await setTimeout(awayMs);
      if (dead) await node.start();
      else await node.kill('SIGCONT');
      await inSync(this.#cluster, this.#rig.topic);
      await setTimeout(between(random, 0, 10_000));
    }
  }

  async processes(end: number): Promise<void> {
    const random = randomOf(SEED, 2);
    while (performance.now() < end) {
      const turn = random();
      if (turn < 0.4) await this.#killAgent(Math.floor(random() * AGENTS));
      else if (turn < 0.6) await this.#replace('SIGKILL');
      else if (turn < 0.8) await this.#replace('SIGTERM');
      else await this.#freeze(between(random, 500, 20_000));
      await setTimeout(between(random, 0, 5_000));
    }
  }

  /** All are well again: what has become of everything? */
  async end(): Promise<void> {
    assert.ok(this.#fleet);
    const producers = [this.#fleet, ...this.#agents];
    await Promise.all(producers.map((each) => drained(each, 120_000)));
    for (const each of producers) await assertDroppedNothing(each);
    for (const each of this.#agents) this.#made.set(...(await madeBy(each)));
    await finish(...producers);
    const contents = await this.#rig.contents();
    assertKept(contents, this.#made);
    assert.equal(contents.reordered, 0);
    const applied = await eventually(
      () => assertApplied(contents.all, this.#log.lines(), Number.POSITIVE_INFINITY),
      120_000,
    );
    const exposure = await this.#watch.stop();
    await finish(...this.#replicas.map(({ service }) => service));
    tell([...this.#done].map(([what, count]) => `${count} × ${what}`).join(', '));
    tell(
      `${figuresOfContents(contents)}; ${applied.events} witnesses, all applied, ${applied.repeated} alert lines again`,
    );
    tell(figuresOfExposure(exposure));
    assert.deepEqual([exposure.doubled, exposure.stale], [[], []]);
  }

  async #killAgent(index: number): Promise<void> {
    const agent = this.#agents[index];
    assert.ok(agent);
    this.#made.set(...(await madeBy(agent)));
    this.#tell('agent killed');
    await agent.stop('SIGKILL');
    this.#agents[index] = await this.#rig.producer(`agent-${index}`);
  }

  async #addReplica(): Promise<void> {
    const name = `replica-${this.#done.size}-${Math.round(performance.now())}`;
    const service = await this.#rig.consumer(this.#log);
    this.#replicas.push({ name, service });
    this.#watch.add(name, service);
  }

  /** The oldest goes, a new one comes. */
  async #replace(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const oldest = this.#replicas.shift();
    assert.ok(oldest);
    this.#tell(signal === 'SIGKILL' ? 'consumer killed' : 'consumer stopped');
    await oldest.service.stop(signal);
    await this.#watch.remove(oldest.name);
    await this.#addReplica();
  }

  async #freeze(ms: number): Promise<void> {
    const [oldest] = this.#replicas;
    assert.ok(oldest);
    this.#tell('consumer frozen', ms);
    oldest.service.signal('SIGSTOP');
    await setTimeout(ms);
    this.#watch.woke(oldest.name);
    oldest.service.signal('SIGCONT');
  }

  #tell(what: string, ms?: number): void {
    this.#done.set(what, (this.#done.get(what) ?? 0) + 1);
    tell(ms === undefined ? what : `${what} for ${seconds(ms)}`);
  }
}
