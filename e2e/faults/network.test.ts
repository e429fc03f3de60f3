/** Networks that are bad for longer than every time-out that matters (broker.test.ts lists them). */
import { after, before, suite, test } from 'node:test';
import { type Broker, skipWithoutKafka } from '../kafka/broker.ts';
import type { Link, Weather } from './link.ts';
import { agentBehind, replicaBehind, startBehindLinks } from './network.ts';

const LASTS_MS = 15_000;
const AGENTS: readonly Weather[] = ['cut', 'silent', 'deaf', 'late', 'trickling'];
const REPLICAS: readonly Weather[] = ['silent', 'deaf'];

suite('a network that goes bad', { skip: skipWithoutKafka(), timeout: 300_000, concurrency: 7 }, () => {
  let broker: Broker;
  let links: readonly Link[] = [];
  before(async () => {
    ({ broker, links } = await startBehindLinks(AGENTS.length + REPLICAS.length));
  });
  after(async () => {
    await Promise.all(links.map((link) => link.stop()));
    await broker?.stop();
  });

  for (const [n, weather] of AGENTS.entries()) {
    test(`between an agent and its broker, ${weather}, costs no event`, async (t) => {
      const tell = (text: string) => t.diagnostic(text);
      await agentBehind({ broker, link: links[n] as Link, weather, lastsMs: LASTS_MS, tell });
    });
  }

  for (const [n, weather] of REPLICAS.entries()) {
    test(`between a replica and its broker, ${weather}, shows no node twice`, async (t) => {
      const tell = (text: string) => t.diagnostic(text);
      await replicaBehind({ broker, link: links[AGENTS.length + n] as Link, weather, lastsMs: LASTS_MS, tell });
    });
  }
});
