/** Both services in one process, for a laptop: `make run`. On an embedded bus, or on Kafka where KAFKA_BROKERS names one. */
import { createEmbeddedBus } from '#bus/embedded.ts';
import { createKafkaBus } from '#bus/kafka.ts';
import { kafkaOptions } from '#bus/settings.ts';
import { runProgram } from '#runtime/process.ts';
import { startConsumer } from '../consumer/service.ts';
import { startProducer } from '../producer/service.ts';
import { LOCAL_SETTINGS } from './settings.ts';
import { statusLine } from './status.ts';

const STATUS_EVERY_MS = 10_000;
/** Ctrl-C should feel like the end. */
const STOP_WITHIN_MS = 1_500;
const DRAIN_WITHIN_MS = 500;

await runProgram({
  name: 'local',
  usage: 'Usage: make run\n\nWatches this machine: producer, bus and consumer in one process.',
  settings: LOCAL_SETTINGS,
  stopWithinMs: STOP_WITHIN_MS,
  async start({ config, log, started, fail }) {
    const { KAFKA_BROKERS, LISTEN } = config;
    const bus =
      KAFKA_BROKERS === undefined
        ? createEmbeddedBus({ now: Date.now })
        : createKafkaBus(kafkaOptions({ ...config, KAFKA_BROKERS }, 'local', log));
    started({ name: 'bus', stop: () => bus.close() });
    const consumer = await startConsumer({ config, bus, log, started, fail });
    const next = { ...LISTEN, port: LISTEN.port === 0 ? 0 : LISTEN.port + 1 };
    const producer = await startProducer({
      config: { ...config, LISTEN: next },
      bus,
      log,
      started,
      fail,
      drainWithinMs: DRAIN_WITHIN_MS,
    });

    // People read standard error here; standard output has the log alone, one JSON document a line.
    say(`${subject(config)} every ${config.INTERVAL / 1000} s. Ctrl-C ends it.

  page      ${consumer.url}/
  metrics   ${consumer.url}/metrics
  alerts    ${config.ALERT_LOG}
  producer  ${producer.url}/metrics
  bus       ${KAFKA_BROKERS === undefined ? 'in memory; KAFKA_BROKERS=host:port takes a real Kafka' : `Kafka at ${KAFKA_BROKERS.join(', ')}`}
`);
    const status = setInterval(() => say(statusLine(consumer, Date.now())), STATUS_EVERY_MS);
    started({ name: 'status', stop: async () => clearInterval(status) });
  },
});

function subject({
  NODE_NAME,
  SIMULATE,
}: {
  readonly NODE_NAME: string;
  readonly SIMULATE?: number | undefined;
}): string {
  if (SIMULATE === undefined) return `Watching ${NODE_NAME}`;
  return SIMULATE === 1 ? 'Simulating a node' : `Simulating ${SIMULATE} nodes`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
