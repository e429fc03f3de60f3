/** The consumer as a program of its own, on Kafka. */
import { createKafkaBus } from '#bus/kafka.ts';
import { kafkaOptions } from '#bus/settings.ts';
import { runProgram } from '#runtime/process.ts';
import { startConsumer } from './service.ts';
import { CONSUMER_SETTINGS } from './settings.ts';

await runProgram({
  name: 'consumer',
  usage: 'Usage: node services/consumer/main.ts\n\nServes what events on Kafka say, and judges them by rules.',
  settings: CONSUMER_SETTINGS,
  stopWithinMs: 10_000,
  async start({ config, log, started, fail }) {
    const bus = createKafkaBus(kafkaOptions(config, 'consumer', log));
    started({ name: 'bus', stop: () => bus.close() });
    const { reloadRules } = await startConsumer({ config, bus, log, started, fail });
    process.on('SIGHUP', reloadRules);
  },
});
