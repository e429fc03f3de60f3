/** What anybody may write to the topic, beside the events of a fleet: a consumer as it runs in production takes it in its stride. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { NewRecord } from '#bus/bus.ts';
import { bomb, crowd, produceBatch } from '#bus/kafka/raw-batches.ts';
import { decodeRecord, encodeEvent } from '#contract/codec.ts';
import { headersOf, keyOf, type NodeEvent } from '#contract/event.ts';
import { randomOf } from '../../services/producer/simulation/random.ts';
import { skipWithoutKafka, startBroker } from '../kafka/broker.ts';
import { eventually } from '../programs.ts';
import { drained, finish, Rig, type Service } from './rig.ts';
import { placeOf } from './witnesses.ts';

const FUZZED = 10_000;
const TOMBSTONES = 100;
const MAX_RECORDS = 200;
const EXTRA_BYTES = 200 * 2 ** 20;
/** How far the clocks of some nodes are ahead, seconds. */
const CLOCKS = { ahead: 2 * 60 * 60, behind: -30 * 24 * 60 * 60, epoch: -Date.now() / 1000 };
/** From when an event says it was sent until the broker has it. */
const SKEW_SLACK_S = 30;

test('of fuzzed records, bombs, crowds and tombstones each is accounted for, and a fleet beside them does not suffer', {
  skip: skipWithoutKafka(),
  timeout: 180_000,
}, async (t) => {
  const broker = await startBroker();
  const rig = new Rig(broker.brokers, 'hostile');
  t.after(async () => {
    await rig.close();
    await broker.stop();
  });
  await rig.createTopics({ 'max.message.bytes': '2000000' });
  const consumer = await rig.consumer();
  const fleet = await rig.fleet(24);
  await eventually(async () => assert.equal((await consumer.figures()).sum('sysmon_nodes_up'), 24));
  const before = peakBytes(consumer);

  const hostile = [...fuzzed(FUZZED), ...tombstones(TOMBSTONES)];
  while (hostile.length > 0) await rig.bus.publish(rig.topic, hostile.splice(0, MAX_RECORDS));
  const [address = ''] = broker.brokers;
  for (const [partition, batch] of [bomb(1_000_000_000), crowd(400_000), bomb(100_000_000)].entries()) {
    await produceBatch(address, rig.topic, partition, batch);
  }
  const clocks = Object.entries(CLOCKS);
  for (let seq = 0; seq < 3; seq++) {
    await rig.bus.publish(
      rig.topic,
      clocks.map(([node, ahead]) => measuredBy(node, seq, ahead)),
    );
  }
  await drained(fleet);
  await finish(fleet);

  const { all, events, duplicated, gaps } = await rig.contents();
  const garbage = all.filter((record) => record.refused !== undefined || 'error' in decodeRecord(record));
  assert.equal(garbage.filter(({ refused }) => refused !== undefined).length, 3);
  assert.equal(garbage.length + events + duplicated + gaps.length, all.length);
  await eventually(async () => {
    const figures = await consumer.figures();
    const names = ['events', 'events_duplicate', 'events_reordered', 'gaps', 'overflow', 'decode_errors'];
    const told = names.map((name) => figures.sum(`sysmon_${name}_total`));
    assert.equal(
      told.reduce((sum, count) => sum + count),
      all.length,
    );
    assert.equal(figures.sum('sysmon_decode_errors_total'), garbage.length);
    assert.equal(figures.sum('sysmon_dead_letters_total'), garbage.length);
    const losses = figures.series.filter(({ name }) => name === 'sysmon_node_events_lost_total');
    assert.equal(losses.filter(({ labels, value }) => /^node-\d{4}$/.test(labels.node ?? '') && value > 0).length, 0);
    for (const [node, ahead] of clocks) {
      assert.equal(figures.of('sysmon_node_events_received_total', { node }), 3);
      const skew = figures.of('sysmon_node_clock_skew_seconds', { node }) ?? Number.NaN;
      assert.ok(Math.abs(skew + ahead) < SKEW_SLACK_S, `${node}: ${skew} s`);
    }
  });
  const letters = await rig.deadLetters();
  const places = letters.map(({ headers }) => `${headers.dlq_partition}/${headers.dlq_offset}`);
  assert.deepEqual(places.sort(), garbage.map(placeOf).sort());
  assert.ok(letters.every(({ headers }) => headers.dlq_reason !== undefined));
  const raw = new Map(garbage.map((record) => [placeOf(record), record.value]));
  for (const { headers, value } of letters) {
    assert.deepEqual(value, raw.get(`${headers.dlq_partition}/${headers.dlq_offset}`) ?? null);
  }
  const extra = peakBytes(consumer) - before;
  assert.ok(extra <= EXTRA_BYTES, `${extra} bytes more`);
  await finish(consumer);
  t.diagnostic(
    `${all.length} records: ${events} events, ${garbage.length} dead letters; ` +
      `${Math.round(extra / 2 ** 20)} MB more memory at the peak than before`,
  );
});

/** The most that the process has had in memory so far. */
function peakBytes({ pid }: Service): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** An event of a node whose clock is ahead by so many seconds. */
function measuredBy(node: string, seq: number, ahead: number): NewRecord {
  const time = Math.round(Date.now() + ahead * 1000);
  const event: NodeEvent = {
    ...{ v: 1, cluster: 'default', node, epoch: 'e', seq, time, interval: 1000 },
    metrics: { node_load1: 1 },
  };
  return { key: keyOf(event), value: Buffer.from(encodeEvent(event)), headers: headersOf(event, time) };
}

/** An event, changed at some places so that it may mean anything; the same ones each time. */
function* fuzzed(count: number): Generator<NewRecord, void> {
  const chance = randomOf(7);
  const random = (below: number) => Math.floor(chance() * below);
  const hostileTexts = [
    '__proto__',
    'constructor',
    '\u0000',
    '\ud800',
    '"',
    '\\',
    '[[[[',
    '1e999',
    '{"a":',
    'null',
    '-0',
  ];
  for (let n = 0; n < count; n++) {
    const event: NodeEvent = {
      ...{ v: 1, cluster: 'default', node: `fuzzed-${n % 50}`, epoch: 'f', seq: n, time: Date.now(), interval: 1000 },
      metrics: { node_load1: 1, node_cpu_seconds_total: [['0', 'idle', 12.5]] },
    };
    const bytes = [...encodeEvent(event)];
    for (let change = 0; change <= random(4); change++) {
      const at = random(bytes.length);
      const kind = random(4);
      if (kind === 0) bytes[at] = random(256);
      else if (kind === 1) bytes.splice(at, 1 + random(20));
      else if (kind === 2) bytes.splice(at, 0, ...Buffer.from(hostileTexts[random(hostileTexts.length)] ?? ''));
      else bytes.length = at;
    }
    const headers = random(3) === 0 ? {} : headersOf(event, Date.now());
    yield { key: random(10) === 0 ? null : keyOf(event), value: Buffer.from(bytes), headers };
  }
}

function tombstones(count: number): NewRecord[] {
  return Array.from({ length: count }, (_, n) => ({ key: `default/node-${n}`, value: null, headers: {} }));
}
