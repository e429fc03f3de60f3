/** The producer as a program: one per node, on Kafka. */
import { createKafkaBus } from '#bus/kafka.ts';
import { kafkaOptions } from '#bus/settings.ts';
import { runProgram } from '#runtime/process.ts';
import { startProducer } from './service.ts';
import { PRODUCER_SETTINGS } from './settings.ts';

/** Longer than a partition takes to get a new leader; what ends the process must wait longer still. */
const DRAIN_WITHIN_MS = 20_000;

await runProgram({
  name: 'producer',
  usage: 'Usage: node services/producer/main.ts\n\nMeasures this node and publishes what it found to Kafka.',
  settings: PRODUCER_SETTINGS,
  stopWithinMs: DRAIN_WITHIN_MS + 5_000,
  async start({ config, log, started, fail }) {
    const bus = createKafkaBus(kafkaOptions(config, 'producer', log));
    started({ name: 'bus', stop: () => bus.close() });
    await startProducer({ config, bus, log, started, fail, drainWithinMs: DRAIN_WITHIN_MS });
  },
});
