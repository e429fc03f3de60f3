/** Networks that go bad, for long and of every kind. */
import { after, before, suite, test } from 'node:test';
import { type Broker, skipWithoutKafka } from '../kafka/broker.ts';
import type { Link } from './link.ts';
import { agentBehind, replicaBehind, startBehindLinks } from './network.ts';
import { tell, times } from './story.ts';

suite('a network that goes bad, for long', { skip: skipWithoutKafka(), timeout: 60 * 60_000 }, () => {
  let broker: Broker;
  let links: readonly Link[] = [];
  before(async () => {
    ({ broker, links } = await startBehindLinks(1));
  });
  after(async () => {
    await Promise.all(links.map((link) => link.stop()));
    await broker?.stop();
  });

  for (const weather of ['cut', 'silent', 'deaf', 'late', 'trickling'] as const) {
    test(`between an agent and its broker, ${weather}`, async () => {
      await agentBehind({ broker, link: links[0] as Link, weather, lastsMs: times(300) * 1_000, tell });
    });
  }

  for (const weather of ['cut', 'silent', 'deaf', 'trickling'] as const) {
    test(`between a replica and its broker, ${weather}`, async () => {
      await replicaBehind({ broker, link: links[0] as Link, weather, lastsMs: times(120) * 1_000, tell });
    });
  }
});
