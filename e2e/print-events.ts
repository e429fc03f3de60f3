/** The producer on a bus that is its standard output: an event a line. To be run where no broker can be reached. */
import { runProgram } from '#runtime/process.ts';
import { startProducer } from '../services/producer/service.ts';
import { PRODUCER_SETTINGS } from '../services/producer/settings.ts';

await runProgram({
  name: 'print-events',
  usage: 'Usage: node e2e/print-events.ts',
  settings: { ...PRODUCER_SETTINGS, KAFKA_BROKERS: { ...PRODUCER_SETTINGS.KAFKA_BROKERS, unset: 'none is used' } },
  stopWithinMs: 1000,
  async start({ config, log, started, fail }) {
    const bus = {
      async publish(_topic: string, records: readonly { readonly value: Uint8Array | null }[]) {
        for (const { value } of records) process.stdout.write(`${Buffer.from(value ?? []).toString()}\n`);
      },
    };
    await startProducer({ config, bus, log, started, fail, drainWithinMs: 0 });
  },
});
