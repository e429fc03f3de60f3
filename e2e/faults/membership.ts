/** Replicas of the consumer that come, go and freeze, while all are scraped. */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { eventually } from '../programs.ts';
import { type Exposure, Watch } from './exposure.ts';
import type { Kills } from './kills.ts';
import { assertDroppedNothing, figuresOfContents, seconds, type Tell } from './outage.ts';
import { assertKept, drained, finish, Rig, type Service } from './rig.ts';
import { type AlertLog, type Applied, assertApplied, publishWitnesses } from './witnesses.ts';

/** What a member that has died or frozen keeps at most, and with it its nodes. */
export const SESSION_MS = 10_000;

export interface Membership extends Omit<Kills, 'kills'> {
  readonly fleet: number;
  readonly rounds: number;
  readonly tell: Tell;
}

const TURN_MS = 3_000;

/** Two stay; a third comes, and goes three seconds later. */
export async function comingAndGoing({ brokers, name, rounds, fleet: nodes, tell }: Membership): Promise<void> {
  const rig = new Rig(brokers, name);
  const watch = new Watch();
  const done = new AbortController();
  try {
    await rig.createTopics();
    const fleet = await rig.fleet(nodes);
    const log = rig.alertLog();
    const staying = [await rig.consumer(log), await rig.consumer(log)];
    for (const replica of staying) await owns(replica, 6);
    for (const [i, replica] of staying.entries()) watch.add(`staying-${i}`, replica);
    const publishing = keepPublishing(rig, done.signal);
    const leaving: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const came = performance.now();
      const guest = await rig.consumer(log);
      watch.add(`guest-${round}`, guest);
      await owns(guest, 4);
      await setTimeout(Math.max(0, TURN_MS - (performance.now() - came)));
      leaving.push(await finish(guest));
      await watch.remove(`guest-${round}`);
      await setTimeout(TURN_MS);
    }
    const exposure = await watch.stop();
    done.abort();
    await publishing;
    await drained(fleet);
    await assertDroppedNothing(fleet);
    await finish(fleet);
    const contents = await rig.contents();
    assertKept(contents, new Map());
    const applied = await eventually(() => assertApplied(contents.all, log.lines(), 2 * rounds + 1));
    await finish(...staying);
    assertExposure(exposure, nodes, SESSION_MS);
    tell(
      `${rounds} times a replica came and went: ${figuresOfContents(contents)}; ${applied.events} witnesses, all applied, ` +
        `${applied.repeated} alert lines twice; leaving took at most ${seconds(Math.max(...leaving))}; ${figuresOfExposure(exposure)}`,
    );
  } finally {
    done.abort();
    await watch.stop();
    await rig.close();
  }
}

export interface Freezes extends Membership {
  readonly witnesses: number;
}

/** One of two is frozen in the middle of a batch until the other has its share, and longer than its session. */
export async function freezes({ brokers, name, rounds, fleet: nodes, witnesses, tell }: Freezes): Promise<void> {
  const rig = new Rig(brokers, name);
  const watch = new Watch();
  try {
    await rig.createTopics();
    const fleet = await rig.fleet(nodes);
    const logs = { frozen: rig.alertLog('frozen'), other: rig.alertLog('other') };
    const frozen = await rig.consumer(logs.frozen);
    const other = await rig.consumer(logs.other);
    for (const replica of [frozen, other]) await owns(replica, 6);
    watch.add('frozen', frozen);
    watch.add('other', other);
    const takeovers: number[] = [];
    let late = 0;
    for (let round = 0; round < rounds; round++) {
      const { size } = logs.frozen;
      const publishing = publishWitnesses(rig, witnesses);
      await logs.frozen.grown(size + Math.random() * 20_000);
      frozen.signal('SIGSTOP');
      await publishing;
      const stopped = performance.now();
      const before = logs.frozen.lines();
      const { all } = await rig.contents();
      await eventually(() => assertApplied(all, [...before, ...logs.other.lines()], 2));
      takeovers.push(performance.now() - stopped);
      const taken = new Set(logs.other.lines().map(({ node }) => node));
      watch.woke('frozen');
      frozen.signal('SIGCONT');
      for (const replica of [frozen, other]) await owns(replica, 6);
      await publishWitnesses(rig, 100);
      await allApplied(rig, logs);
      const after = logs.frozen.lines().slice(before.length);
      const stale = after.filter(({ node }) => taken.has(node)).length;
      // The one record that it was in the midst of.
      assert.ok(stale <= 1, `${stale} stale lines`);
      late += stale;
    }
    const exposure = await watch.stop();
    await drained(fleet);
    await finish(fleet);
    const contents = await rig.contents();
    assertKept(contents, new Map());
    const applied = await allApplied(rig, logs);
    await finish(frozen, other);
    assertExposure(exposure, nodes, SESSION_MS + SLACK_MS);
    tell(
      `${rounds} times a replica was frozen: ${figuresOfContents(contents)}; ${applied.events} witnesses, all applied, ` +
        `${applied.repeated} alert lines twice, ${late} of them on waking; taken over after at most ` +
        `${seconds(Math.max(...takeovers))}; ${figuresOfExposure(exposure)}`,
    );
  } finally {
    await watch.stop();
    await rig.close();
  }
}

/**
 * After the session, on a machine that may be busy: to share out the partitions, to hear of a node again, to be asked. Whoever waits
 * for a session twice takes longer.
 */
export const SLACK_MS = 10_000;

/** As a steady trickle, so that there is something in hand at any moment. */
export async function keepPublishing(rig: Rig, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await publishWitnesses(rig, 2);
    await setTimeout(200);
  }
}

export async function owns(replica: Service, partitions: number): Promise<void> {
  await eventually(async () => assert.equal((await replica.figures()).sum('sysmon_partitions_owned'), partitions));
}

/** At most twice: by the replica that was frozen, and by the one that took over. */
async function allApplied(rig: Rig, logs: Readonly<Record<'frozen' | 'other', AlertLog>>): Promise<Applied> {
  const { all } = await rig.contents();
  return eventually(() => assertApplied(all, [...logs.frozen.lines(), ...logs.other.lines()], 2));
}

export function assertExposure({ doubled, stale, longestGapMs }: Exposure, nodes: number, gapMs: number): void {
  assert.deepEqual({ doubled, stale }, { doubled: [], stale: [] });
  assert.ok(nodes > 0 && longestGapMs < gapMs, `a node was not shown for ${longestGapMs} ms`);
}

export function figuresOfExposure({ answers, doubled, stale, longestGapMs }: Exposure): string {
  return `${answers} answers of /metrics: ${doubled.length} nodes doubled, ${stale.length} stale, not shown for at most ${seconds(longestGapMs)}`;
}
