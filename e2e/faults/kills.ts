/** Processes that are killed without a warning, while the broker is well. */
import assert from 'node:assert/strict';
import { eventually } from '../programs.ts';
import { assertDroppedNothing, figuresOfContents, measured, seconds, type Tell } from './outage.ts';
import { assertAccount, assertKept, drained, finish, madeBy, Rig } from './rig.ts';
import { assertApplied, assertKeptAside, publishWitnesses } from './witnesses.ts';

export interface Kills {
  readonly brokers: readonly string[];
  readonly name: string;
  readonly kills: number;
  readonly tell: Tell;
}

/** The agent of one node, at any moment of its life: measuring, writing, sending, hearing the broker's answer. */
export async function producerKills({ brokers, name, kills, tell }: Kills): Promise<void> {
  const rig = new Rig(brokers, name);
  try {
    await rig.createTopics();
    const consumer = await rig.consumer();
    const made = new Map<string, number>();
    for (let kill = 0; kill < kills; kill++) {
      const producer = await rig.producer('victim');
      await measured(producer);
      made.set(...(await madeBy(producer)));
      await producer.stop('SIGKILL');
    }
    const last = await rig.producer('victim');
    await drained(last);
    made.set(...(await madeBy(last)));
    await assertDroppedNothing(last);
    await finish(last);
    const contents = await assertAccount(rig, consumer);
    assertKept(contents, made);
    assert.equal(contents.epochs.get('victim')?.size, kills + 1);
    tell(`agent killed ${kills} times: ${figuresOfContents(contents)}`);
  } finally {
    await rig.close();
  }
}

/** So many are there for each consumer to begin with. */
const WITNESSES = 1_500;
/** A part of what they leave in the alert log. */
const BYTES = 600 * 1_000;

/** A consumer in the middle of a batch. What it had applied and not committed, the next one applies again. */
export async function consumerKills({ brokers, name, kills, tell }: Kills): Promise<void> {
  const rig = new Rig(brokers, name);
  try {
    await rig.createTopics();
    const log = rig.alertLog();
    const takeovers: number[] = [];
    let published = 0;
    for (let kill = 0; kill < kills; kill++) {
      const waiting = published - new Set(log.lines().map(({ node }) => node)).size;
      await publishWitnesses(rig, WITNESSES - waiting, 30);
      published += WITNESSES - waiting;
      const { size } = log;
      const started = performance.now();
      const consumer = await rig.consumer(log);
      await log.grown(size);
      if (kill > 0) takeovers.push(performance.now() - started);
      await log.grown(size + Math.random() * BYTES);
      await consumer.stop('SIGKILL');
    }
    await publishWitnesses(rig, 100, 30);
    const last = await rig.consumer(log);
    const { all } = await rig.contents();
    const applied = await eventually(() => assertApplied(all, log.lines(), kills + 1));
    const kept = await eventually(async () => assertKeptAside(all, await rig.deadLetters(), kills + 1));
    assert.ok(applied.repeated > 0, 'no kill has hit a batch');
    assert.ok(log.torn <= kills, `${log.torn} lines of the alert log are torn`);
    await finish(last);
    tell(
      `consumer killed ${kills} times: ${applied.events} events, all applied, ${applied.repeated} alert lines twice; ` +
        `${kept.events} records of garbage, all kept, ${kept.repeated} letters twice; ` +
        `the next one went on after at most ${seconds(Math.max(0, ...takeovers))}`,
    );
  } finally {
    await rig.close();
  }
}
