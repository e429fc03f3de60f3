/** Alerts while what judges them is killed, frozen and replaced: none is lost, none lives twice, none comes late. */
import { after, before, suite, test } from 'node:test';
import { type Broker, skipWithoutKafka, startBroker } from '../kafka/broker.ts';
import { alertStorm } from './alert-storm.ts';

suite('alerts', { skip: skipWithoutKafka(), timeout: 400_000, concurrency: 3 }, () => {
  let broker: Broker;
  before(async () => {
    broker = await startBroker();
  });
  after(() => broker?.stop());

  test('replicas are killed, frozen, started and stopped', async (t) => {
    const tell = (text: string) => t.diagnostic(text);
    await alertStorm({ brokers: broker.brokers, name: 'storm', nodes: 50, rounds: 1, tell });
  });
});
