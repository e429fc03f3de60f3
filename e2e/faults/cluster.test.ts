/** Three brokers, of which one at a time is away, then two, end to end. */
import { after, before, suite, test } from 'node:test';
import { type BrokerCluster, skipWithoutKafka, startCluster } from '../kafka/broker.ts';
import { rolling, tooFewInSync } from './cluster.ts';

suite('brokers of which some are away', { skip: skipWithoutKafka(), timeout: 300_000 }, () => {
  let cluster: BrokerCluster;
  before(async () => {
    cluster = await startCluster(3);
  });
  after(() => cluster?.stop());

  test('rolled one after the other, and a leader killed, they cost no event and move no partition', async (t) => {
    const tell = (text: string) => t.diagnostic(text);
    await rolling({ cluster, name: 'rolled', rolls: 1, fleet: 20, tell });
  });

  test('too few to write safely, they cost no event', async (t) => {
    const tell = (text: string) => t.diagnostic(text);
    await tooFewInSync({ cluster, name: 'too-few', lastsMs: 20_000, fleet: 20, tell });
  });
});
