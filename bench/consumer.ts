/**
 * A whole consumer on the bus in memory, as it runs: events come, `/metrics` is scraped every 15 s, all of it in event time. With
 * no rules and with those that come with it, so that the difference is what judging costs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createEmbeddedBus } from '#bus/embedded.ts';
import { METRICS_TOPIC } from '#contract/topic.ts';
import { loadConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import type { Step } from '#runtime/shutdown.ts';
import { startConsumer } from '../services/consumer/service.ts';
import { CONSUMER_SETTINGS } from '../services/consumer/settings.ts';
import { eventsAt, INTERVAL_S, TICKS, WARM_UP } from './fleet.ts';
import type { Figures } from './main.ts';
import { otherSides } from './turn.ts';

const NODES = Number(process.env.BENCH_NODES ?? 1000);
/** Seldom, since looking costs, too: as much as there are nodes. */
const LOOK_EVERY_MS = NODES / 20;

const directory = mkdtempSync(join(tmpdir(), 'bench-'));
const none = join(directory, 'none.yaml');
writeFileSync(none, 'groups: []\n');
const SIDES: { readonly [side: string]: Readonly<Record<string, string>> } = { 'no rules': { RULES: none }, rules: {} };
const own = SIDES[process.argv[2] ?? ''];
if (own === undefined) throw new Error(`expected one of ${Object.keys(SIDES).join(', ')}`);

const startMs = Date.now() - (WARM_UP + TICKS) * INTERVAL_S * 1000;
const bus = createEmbeddedBus({ now: Date.now });
const steps: Step[] = [];
const consumer = await startConsumer({
  config: loadConfig(CONSUMER_SETTINGS, {
    KAFKA_BROKERS: 'unused:1',
    LISTEN: '127.0.0.1:0',
    KUBERNETES: 'off',
    MAX_HISTORY_BYTES: '2Gi',
    MAX_NODES: String(NODES),
    ALERT_LOG: join(directory, 'alerts'),
    ...own,
  }),
  bus,
  log: createLog('bench', 'error', { write: () => undefined }),
  started: (step) => steps.push(step),
  fail(error) {
    throw error;
  },
});
while ((await fetch(`${consumer.url}/readyz`)).status !== 200) await setTimeout(LOOK_EVERY_MS);

const scraper = spawn(process.execPath, [
  '-e',
  `process.stdin.on('data', async () => {
    await (await fetch('${consumer.url}/metrics')).arrayBuffer();
    process.stdout.write('scraped');
  })`,
]);
let usedUs = 0;
for (let tick = 0; tick < WARM_UP + TICKS; tick++) {
  await otherSides();
  const records = eventsAt(tick, NODES, startMs);
  const before = process.cpuUsage();
  // As much at a time as the bus keeps of a partition.
  for (let from = 0; from < records.length; from += 500) {
    await bus.publish(METRICS_TOPIC.name, records.slice(from, from + 500));
    await taken(tick, records.slice(from, from + 500));
  }
  await scraped();
  const { user, system } = process.cpuUsage(before);
  if (tick >= WARM_UP) usedUs += user + system;
}
globalThis.gc?.();
const { rss } = process.memoryUsage();
scraper.kill();
for (const step of steps.toReversed()) await step.stop();
await bus.close();
rmSync(directory, { recursive: true });
const figures: Figures = {
  'CPU µs per event': usedUs / (NODES * TICKS),
  'percent of a core for 10,000 nodes at 15 s': (usedUs / (NODES * TICKS) / 1e6) * (10_000 / INTERVAL_S) * 100,
  'resident MiB after': rss / 2 ** 20,
};
process.stdout.write(JSON.stringify(figures));
process.exit();

/** Waits until the last of the records is known. */
async function taken(tick: number, records: readonly { readonly key: string }[]): Promise<void> {
  const keys = new Set(records.map(({ key }) => key));
  for (;;) {
    const views = consumer.state.nodes().filter(({ cluster, node }) => keys.has(`${cluster}/${node}`));
    if (views.filter(({ event }) => event.seq >= tick).length === keys.size) return;
    await setTimeout(LOOK_EVERY_MS);
  }
}

/** By another process, whose CPU is not ours. */
async function scraped(): Promise<void> {
  scraper.stdin.write('\n');
  await once(scraper.stdout, 'data');
}
