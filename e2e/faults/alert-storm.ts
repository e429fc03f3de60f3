/** Replicas that are killed, frozen, started and stopped while alerts are pending, fire and end on many nodes at once. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import type { Metrics } from '#contract/event.ts';
import { eventually } from '../programs.ts';
import { alertAgents } from './alert-agent.ts';
import { figuresOfDelays, keptActive, proveLives } from './alert-lives.ts';
import { AlertReplica } from './alert-replica.ts';
import { owns, SESSION_MS } from './membership.ts';
import type { Tell } from './outage.ts';
import { finish, Rig } from './rig.ts';
import { publishAll } from './witnesses.ts';

export interface AlertStorm {
  readonly brokers: readonly string[];
  readonly name: string;
  readonly nodes: number;
  readonly rounds: number;
  readonly tell: Tell;
}

/** Beyond what the death of a replica costs. */
const LATE_MS = 10_000;

/** One that waits, one that never gets so far, one that lingers, one that lasts, and one that reads a window. */
const RULES = `
groups:
  - name: storm
    rules:
      - { alert: Patient, expr: node_load1 > 10, for: 20s, labels: { severity: critical } }
      - { alert: Hasty, expr: node_load5 > 10, for: 10s, labels: { severity: info } }
      - { alert: Damped, expr: node_load5 > 10, keep_firing_for: 20s }
      - { alert: Lasting, expr: node_load15 > 10, for: 10m }
      - { alert: Window, expr: 'rate(node_disk_io_time_seconds_total{device="sda"}[1m]) > 0.5', for: 15s }
`;

const STEP_MS = 5_000;
const PAUSE_MS = 200;

/** What a node measures at a step: each has its own rhythm. */
function measured(node: number, step: number): Metrics {
  const busy = (step + 7 * node) % 24 < 12;
  const trembles = (step + node) % 60 < 40 && (step + node) % 5 < 2;
  const lasts = (step + 11 * node) % 200 < 150;
  // Of each 30 steps it counts in the first 15.
  const at = step + 13 * node;
  const counted = 15 * Math.floor(at / 30) + Math.min(at % 30, 15);
  return {
    node_load1: busy ? 20 : 1,
    node_load5: trembles ? 20 : 1,
    node_load15: lasts ? 20 : 1,
    node_disk_io_time_seconds_total: [['sda', counted * 4]],
  };
}

export async function alertStorm({ brokers, name, nodes, rounds, tell }: AlertStorm): Promise<void> {
  const rig = new Rig(brokers, name, RULES);
  const done = new AbortController();
  try {
    await rig.createTopics();
    const storm = new Storm(rig);
    await Promise.all([storm.join(), storm.join(), storm.join()]);
    await storm.share();
    await kept(rig, 'Watchdog');
    const publishing = keepMeasuring(rig, nodes, done.signal);
    for (let round = 0; round < rounds; round++) {
      await storm.killed(1);
      await storm.frozen();
      await storm.visited();
      await storm.killed(2);
    }
    done.abort();
    await publishing;

    const { lives, events, active, repeated, delays } = await proveLives(rig, RULES, storm);
    const stale = assertNotStale(storm.all);
    assert.ok(delays.sinceOwnedMs < LATE_MS, figuresOfDelays(delays));
    assert.ok(delays.sinceAppendedMs < SESSION_MS + LATE_MS, figuresOfDelays(delays));
    await finish(...storm.replicas.map(({ service }) => service));
    for (const replica of storm.replicas) replica.assertFile();
    tell(
      `${storm.faults} faults: ${events} events, ${lives.size} transitions, all told and kept, ${repeated} twice, ` +
        `${stale} of them on waking; ${active.size} active at the end; ${figuresOfDelays(delays)}`,
    );
  } finally {
    done.abort();
    await rig.close();
  }
}

/** Until an alert is: one that is not about an event begins when a replica says so, and another one would begin it anew. */
async function kept(rig: Rig, alert: string): Promise<void> {
  await eventually(async () => assert.ok([...(await keptActive(rig)).keys()].some((key) => key.startsWith(alert))));
}

/** All nodes at once, a step after another, until it is told to stop. */
async function keepMeasuring(rig: Rig, nodes: number, signal: AbortSignal): Promise<void> {
  const agents = alertAgents(nodes);
  const began = Date.now();
  for (let step = 0; !signal.aborted; step++) {
    const time = began + step * STEP_MS;
    await publishAll(
      rig,
      agents.map((agent, n) => agent.measure(time, measured(n, step))),
    );
    await setTimeout(PAUSE_MS);
  }
}

/** Three replicas, whatever is done to them. */
class Storm {
  readonly #rig: Rig;
  /** The longest there stands first. */
  replicas: AlertReplica[] = [];
  /** With those that are not any more. */
  readonly all: AlertReplica[] = [];
  faults = 0;
  #joined = 0;

  constructor(rig: Rig) {
    this.#rig = rig;
  }

  async join(): Promise<AlertReplica> {
    const replica = await AlertReplica.start(this.#rig, `replica-${this.#joined++}`);
    this.replicas.push(replica);
    this.all.push(replica);
    return replica;
  }

  /** Until each has its part. */
  async share(): Promise<void> {
    await Promise.all(this.replicas.map(({ service }) => owns(service, 12 / this.replicas.length)));
  }

  /** So many at once, in the midst of a batch; others take their place. */
  async killed(count: number): Promise<void> {
    const victims = this.replicas.splice(0, count);
    this.faults += count;
    await Promise.all(
      victims.map(async (victim) => {
        await victim.telling();
        await victim.service.stop('SIGKILL');
      }),
    );
    await Promise.all(victims.map(() => this.join()));
    await this.share();
  }

  /** One of them, until the others have its share, which is longer than its session. */
  async frozen(): Promise<void> {
    const [frozen, ...others] = this.replicas as [AlertReplica, ...AlertReplica[]];
    this.faults++;
    await frozen.telling();
    await frozen.freeze(() => Promise.all(others.map(({ service }) => owns(service, 12 / others.length))));
    await this.share();
  }

  /** By one that comes and goes. */
  async visited(): Promise<void> {
    this.faults++;
    const guest = await this.join();
    await this.share();
    this.replicas.pop();
    await finish(guest.service);
    await this.share();
  }
}

/**
 * That no replica has told anything of a partition that was not its own, and none has told on waking what others had told
 * meanwhile, but for the one event that it was in the midst of. @returns how many lines that were.
 */
function assertNotStale(replicas: readonly AlertReplica[]): number {
  let stale = 0;
  for (const replica of replicas) {
    const lines = replica.told();
    const foreign = lines.filter(({ ownedSince }) => ownedSince === undefined);
    assert.equal(foreign.length, 0, `${foreign.length} lines about partitions of others, as ${foreign[0]?.id}`);
    for (const { from, to } of replica.frosts) {
      const others = replicas.filter((other) => other !== replica).flatMap((other) => other.told());
      const meanwhile = new Set(others.flatMap(({ at, id }) => (at >= from && at < to ? [id] : [])));
      assert.ok(meanwhile.size > 0, 'nobody has told anything meanwhile');
      const again = lines.filter(({ at, id }) => at >= to && meanwhile.has(id));
      const events = new Set(again.map(({ partition, offset }) => `${partition}/${offset}`));
      assert.ok(events.size <= 1, `${again.length} lines about ${events.size} events, told by others before it woke`);
      stale += again.length;
    }
  }
  return stale;
}
