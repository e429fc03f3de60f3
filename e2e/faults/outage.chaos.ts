/** An outage of an hour, in the number of events that wait: whether they fit, and what happens if they do not, or if the disk is full. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type Broker, skipWithoutKafka, startBroker } from '../kafka/broker.ts';
import { eventually } from '../programs.ts';
import { figuresOfContents, outage, seconds } from './outage.ts';
import { assertAccount, assertKept, drained, finish, madeBy, Rig, type Service } from './rig.ts';
import { tell, times } from './story.ts';

/** Of an hour, at one a second: five times as often as by default. */
const EVENTS = times(3_600);
const INTERVAL = '20ms';
const LONG_MS = 30 * 60_000;

suite('an hour without a broker', { skip: skipWithoutKafka(), timeout: LONG_MS }, () => {
  let broker: Broker;
  before(async () => {
    broker = await startBroker();
  });
  after(() => broker?.stop());

  test('fits into the spool, survives a kill of the agent, and is published soon after', async () => {
    const rig = new Rig(broker.brokers, 'hour');
    try {
      const { consumer, producer: first } = await begin(rig, {});
      await broker.kill('SIGKILL');
      await waiting(first, EVENTS / 2);
      const made = new Map([await madeBy(first)]);
      await first.stop('SIGKILL');
      const producer = await rig.fastProducer('hour', { INTERVAL });
      await waiting(producer, EVENTS);
      const bytes = (await producer.figures()).sum('sysmon_producer_spool_bytes');
      assert.ok(bytes < (await producer.figures()).sum('sysmon_producer_spool_max_bytes'));
      await broker.start();
      const drain = await drained(producer, LONG_MS);
      made.set(...(await madeBy(producer)));
      await finish(producer);
      const contents = await assertAccount(rig, consumer);
      assertKept(contents, made);
      assert.equal(contents.reordered, 0);
      tell(
        `${EVENTS} events of a real host waited in ${mebibytes(bytes)} (${Math.round(bytes / EVENTS)} bytes each), ` +
          `published in ${seconds(drain)}: ${figuresOfContents(contents)}`,
      );
    } finally {
      await rig.close();
    }
  });

  test('that does not fit costs the oldest events, and each is told as a gap', async () => {
    const rig = new Rig(broker.brokers, 'small');
    try {
      const { consumer, producer } = await begin(rig, { SPOOL_MAX_BYTES: '8Mi' });
      await broker.kill('SIGKILL');
      await eventually(async () => {
        assert.ok((await producer.figures()).sum('sysmon_producer_events_dropped_total') > times(500));
      }, LONG_MS);
      const figures = await producer.figures();
      assert.ok(figures.sum('sysmon_producer_spool_bytes') <= figures.sum('sysmon_producer_spool_max_bytes'));
      await broker.start();
      await drained(producer, LONG_MS);
      const dropped = (await producer.figures()).sum('sysmon_producer_events_dropped_total');
      await finish(producer);
      const contents = await assertAccount(rig, consumer);
      assert.deepEqual([contents.lost.length, contents.missed, contents.reordered], [dropped, dropped, 0]);
      tell(
        `a spool of 8 MiB: ${dropped} events given up, all told in ${contents.gaps.length} gaps; ${figuresOfContents(contents)}`,
      );
    } finally {
      await rig.close();
    }
  });

  test('with a full disk is waited for in memory', { skip: skipWithoutMount() }, async () => {
    const rig = new Rig(broker.brokers, 'full');
    const disk = mkdtempSync(join(tmpdir(), 'disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
    try {
      const { consumer, producer } = await begin(rig, {
        SPOOL_DIR: join(disk, 'spool'),
        COLLECTORS: 'loadavg,meminfo',
      });
      await broker.kill('SIGKILL');
      const full = await eventually(async () => {
        const figures = await producer.figures();
        assert.equal(figures.sum('sysmon_producer_spool_disk_ok'), 0);
        return figures.sum('sysmon_producer_spool_events');
      }, LONG_MS);
      await waiting(producer, full + 100);
      await broker.start();
      await drained(producer, LONG_MS);
      await eventually(async () => assert.equal((await producer.figures()).sum('sysmon_producer_spool_disk_ok'), 1));
      const made = new Map([await madeBy(producer)]);
      await finish(producer);
      const contents = await assertAccount(rig, consumer);
      assertKept(contents, made);
      assert.equal(contents.reordered, 0);
      tell(`a disk of 256 KiB was full when ${full} events waited: ${figuresOfContents(contents)}`);
    } finally {
      await rig.close();
      execFileSync('umount', ['-l', disk]);
      rmSync(disk, { recursive: true });
    }
  });

  test('comes again and again, dead and frozen, while agents are killed', async () => {
    for (let round = 0; round < times(10); round++) {
      const [kind, kills] = round % 2 === 0 ? (['dead', 5] as const) : (['frozen', 0] as const);
      const lastsMs = 5_000 + Math.random() * 55_000;
      await outage({ broker, name: `again-${round}`, kind, lastsMs, kills, fleet: 50, tell });
    }
  });
});

async function begin(rig: Rig, env: NodeJS.ProcessEnv): Promise<{ consumer: Service; producer: Service }> {
  await rig.createTopics();
  const consumer = await rig.consumer();
  const producer = await rig.fastProducer('hour', { INTERVAL, ...env });
  await eventually(async () => {
    assert.ok((await producer.figures()).sum('sysmon_producer_events_published_total') > 0);
    assert.ok((await consumer.figures()).sum('sysmon_events_total') > 0);
  });
  return { consumer, producer };
}

async function waiting(producer: Service, events: number): Promise<void> {
  await eventually(async () => {
    assert.ok((await producer.figures()).sum('sysmon_producer_spool_events') >= events);
  }, LONG_MS);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function skipWithoutMount(): string | false {
  return process.getuid?.() === 0 ? false : 'only root may mount a tmpfs';
}
