/** Processes that are killed, frozen, started and stopped, for long. */
import { after, before, suite, test } from 'node:test';
import { type Broker, skipWithoutKafka, startBroker } from '../kafka/broker.ts';
import { alertStorm } from './alert-storm.ts';
import { consumerKills, producerKills } from './kills.ts';
import { comingAndGoing, freezes } from './membership.ts';
import { tell, times } from './story.ts';

suite('processes, for long', { skip: skipWithoutKafka(), timeout: 90 * 60_000 }, () => {
  let broker: Broker;
  before(async () => {
    broker = await startBroker();
  });
  after(() => broker?.stop());

  test(`an agent is killed ${times(50)} times`, async () => {
    await producerKills({ brokers: broker.brokers, name: 'agent', kills: times(50), tell });
  });

  test(`a consumer is killed ${times(50)} times in the middle of a batch`, async () => {
    await consumerKills({ brokers: broker.brokers, name: 'consumer', kills: times(50), tell });
  });

  test(`a replica comes and goes ${times(40)} times`, async () => {
    await comingAndGoing({ brokers: broker.brokers, name: 'coming', rounds: times(40), fleet: 200, tell });
  });

  test(`replicas are killed, frozen, started and stopped ${times(20)} times while alerts come and go`, async () => {
    await alertStorm({ brokers: broker.brokers, name: 'alerts', nodes: 50, rounds: times(20), tell });
  });

  test(`a replica is frozen ${times(10)} times`, async () => {
    await freezes({ brokers: broker.brokers, name: 'frost', rounds: times(10), fleet: 200, witnesses: 500, tell });
  });
});
