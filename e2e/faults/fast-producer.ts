/** The producer as it is, but for how often it may measure: an hour of an agent's events then takes a minute. */
import { createKafkaBus } from '#bus/kafka.ts';
import { kafkaOptions } from '#bus/settings.ts';
import { runProgram } from '#runtime/process.ts';
import { duration } from '#runtime/settings.ts';
import { startProducer } from '../../services/producer/service.ts';
import { PRODUCER_SETTINGS } from '../../services/producer/settings.ts';

await runProgram({
  name: 'producer',
  usage: 'Usage: node e2e/faults/fast-producer.ts',
  settings: { ...PRODUCER_SETTINGS, INTERVAL: { ...PRODUCER_SETTINGS.INTERVAL, ...duration('10ms', '5m') } },
  stopWithinMs: 60_000,
  async start({ config, log, started, fail }) {
    const bus = createKafkaBus(kafkaOptions(config, 'producer', log));
    started({ name: 'bus', stop: () => bus.close() });
    await startProducer({ config, bus, log, started, fail, drainWithinMs: 55_000 });
  },
});
