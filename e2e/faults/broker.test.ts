/**
 * A broker that goes away, end to end. Longer than every time-out that matters: to connect 3 s, to answer 10 s, of a group's
 * session 10 s, of a broker's 3 s, and the producer's and consumer's longest waits between attempts (10 s and 2 s). A longer
 * outage is more of the same: events that wait.
 */
import { after, before, suite, test } from 'node:test';
import { type Broker, skipWithoutKafka, startBroker } from '../kafka/broker.ts';
import { outage } from './outage.ts';

suite('a broker that goes away', { skip: skipWithoutKafka(), timeout: 300_000 }, () => {
  let broker: Broker;
  before(async () => {
    broker = await startBroker();
  });
  after(() => broker?.stop());

  test('dead for 25 s, while an agent is killed 8 times, it costs no event', async (t) => {
    const tell = (text: string) => t.diagnostic(text);
    await outage({ broker, name: 'dead', kind: 'dead', lastsMs: 25_000, kills: 8, fleet: 20, tell });
  });

  test('frozen for 15 s, it costs no event', async (t) => {
    const tell = (text: string) => t.diagnostic(text);
    await outage({ broker, name: 'frozen', kind: 'frozen', lastsMs: 15_000, kills: 0, fleet: 20, tell });
  });
});
