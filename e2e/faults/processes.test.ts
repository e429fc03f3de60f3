/** Processes that are killed, frozen, started and stopped beside a broker that is well. */
import { after, before, suite, test } from 'node:test';
import { type Broker, skipWithoutKafka, startBroker } from '../kafka/broker.ts';
import { consumerKills, producerKills } from './kills.ts';
import { comingAndGoing, freezes } from './membership.ts';

suite('processes that end as they should not', { skip: skipWithoutKafka(), timeout: 400_000, concurrency: 3 }, () => {
  let broker: Broker;
  before(async () => {
    broker = await startBroker();
  });
  after(() => broker?.stop());

  // Each kill costs the next consumer a session of waiting: two at a time.
  for (const name of ['first', 'second']) {
    test(`${name} consumer: killed 5 times in the middle of a batch, it misses nothing`, async (t) => {
      const tell = (text: string) => t.diagnostic(text);
      await consumerKills({ brokers: broker.brokers, name, kills: 5, tell });
    });
  }

  test('agent: killed 12 times while it publishes, it loses nothing', async (t) => {
    const tell = (text: string) => t.diagnostic(text);
    await producerKills({ brokers: broker.brokers, name: 'agent', kills: 12, tell });
  });

  test('replicas that come and go every 3 s show each node once, and miss nothing', async (t) => {
    const tell = (text: string) => t.diagnostic(text);
    await comingAndGoing({ brokers: broker.brokers, name: 'coming', rounds: 5, fleet: 24, tell });
  });

  test('a replica that wakes up from a frost longer than its session shows and tells nothing stale', async (t) => {
    const tell = (text: string) => t.diagnostic(text);
    await freezes({ brokers: broker.brokers, name: 'frost', rounds: 1, fleet: 24, witnesses: 2_000, tell });
  });
});
