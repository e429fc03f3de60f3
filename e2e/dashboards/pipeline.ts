/**
 * What a cluster has, in one process on a bus in memory: a consumer, the producer of this machine, and a simulated fleet in which things go
 * wrong, much faster than time. Somebody writes to the topic what is no event, and events twice and out of order.
 *
 * A program: `node e2e/dashboards/pipeline.ts FOLDER` prints the addresses on standard error, and runs until it is ended.
 */
import { join } from 'node:path';
import { createEmbeddedBus } from '#bus/embedded.ts';
import { encodeEvent } from '#contract/codec.ts';
import { EVENT_VERSION, headersOf, keyOf, type NodeEvent } from '#contract/event.ts';
import { METRICS_TOPIC } from '#contract/topic.ts';
import { loadConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import { startConsumer } from '../../services/consumer/service.ts';
import { CONSUMER_SETTINGS } from '../../services/consumer/settings.ts';
import { startProducer } from '../../services/producer/service.ts';
import { PRODUCER_SETTINGS } from '../../services/producer/settings.ts';
import { CLUSTER, HOST, NODE } from './names.ts';

const SIMULATED = {
  SIMULATE: '6',
  SIMULATE_SPEED: '40',
  INTERVAL: '5s',
  COLLECTORS: 'default,processes',
  SCENARIOS: [
    // Alerts of each severity that go on, and some that end.
    `cpu-spike@${NODE}+0m/10h`,
    `disk-fill@${NODE}+0m/40m`,
    'memory-leak@node-0001+0m/15m',
    'packet-loss@node-0002+0m/10m',
    // The second of its name: a counter that begins with its first alert shows no increase before.
    'cpu-spike@node-0003+8m/10m',
  ].join(','),
};
const MISBEHAVE_EVERY_MS = 1_000;

const directory = process.argv[2] ?? '.';
const bus = createEmbeddedBus({ now: Date.now });
const common = {
  bus,
  log: createLog('pipeline', 'error', process.stderr),
  started: () => undefined,
  fail: (error: Error): never => {
    throw error;
  },
};
/** Required, and not used on this bus. */
const KAFKA_BROKERS = 'none:1';
const LISTEN = '127.0.0.1:0';

const consumer = await startConsumer({
  ...common,
  config: loadConfig(CONSUMER_SETTINGS, { KAFKA_BROKERS, LISTEN, CLUSTER_NAME: CLUSTER, KUBERNETES: 'off' }),
});

const produce = (environment: Readonly<Record<string, string>>) =>
  startProducer({
    ...common,
    drainWithinMs: 0,
    config: loadConfig(PRODUCER_SETTINGS, { KAFKA_BROKERS, LISTEN, CLUSTER_NAME: CLUSTER, ...environment }),
  });
const simulator = await produce(SIMULATED);
const host = await produce({ NODE_NAME: HOST, INTERVAL: '1s', SPOOL_DIR: join(directory, 'spool') });

let seq = 0;
async function misbehave(): Promise<void> {
  // Every third is missing, and comes late.
  const records = [seq, seq, seq + 2, seq + 1].map((number) => recordOf(number, Date.now()));
  seq += 4;
  await bus.publish(METRICS_TOPIC.name, [...records, { key: 'x', value: Buffer.from('no event'), headers: {} }]);
}

function recordOf(number: number, time: number) {
  const event: NodeEvent = {
    v: EVENT_VERSION,
    cluster: CLUSTER,
    node: 'somebody',
    epoch: 'only',
    seq: number,
    time,
    interval: 1000,
    metrics: { node_load1: 1 },
  };
  return { key: keyOf(event), value: encodeEvent(event), headers: headersOf(event, time) };
}

setInterval(() => void misbehave(), MISBEHAVE_EVERY_MS);
process.stderr.write(`consumer ${consumer.url}\nsimulator ${simulator.url}\nhost ${host.url}\n`);
