/**
 * What open pages cost the consumer: the whole of it on an embedded bus, 200 nodes at an event in 5 s, with 50 readers of the
 * stream or none. The readers are another process, as browsers are.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { NewRecord } from '#bus/bus.ts';
import { createEmbeddedBus } from '#bus/embedded.ts';
import { encodeEvent } from '#contract/codec.ts';
import { headersOf, keyOf } from '#contract/event.ts';
import { METRICS_TOPIC } from '#contract/topic.ts';
import { loadConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import { startConsumer } from '../services/consumer/service.ts';
import { CONSUMER_SETTINGS } from '../services/consumer/settings.ts';
import { simulateFleet } from '../services/producer/simulation/fleet.ts';
import type { Figures } from './main.ts';

const NODES = 200;
const INTERVAL_MS = 5000;
const SECONDS = 8;
const PAGES = 50;

const SIDES: Readonly<Record<string, { readonly pages: number; readonly history: string }>> = {
  'no page': { pages: 0, history: '32Mi' },
  '50 pages': { pages: PAGES, history: '32Mi' },
  'no page, no history': { pages: 0, history: '0' },
};

const [side = '', url] = process.argv.slice(2);
if (side === 'pages' && url !== undefined) await openPages(url);
else process.stdout.write(JSON.stringify(await measure(side)));

async function measure(side: string): Promise<Figures> {
  const { pages, history } = SIDES[side] ?? {};
  if (pages === undefined || history === undefined) throw new Error(`expected one of ${Object.keys(SIDES).join(', ')}`);
  const bus = createEmbeddedBus({ now: Date.now });
  const environment = {
    KAFKA_BROKERS: 'unused:1',
    LISTEN: '127.0.0.1:0',
    KUBERNETES: 'off',
    PAGE_HISTORY_BYTES: history,
  };
  const consumer = await startConsumer({
    config: loadConfig(CONSUMER_SETTINGS, environment),
    bus,
    log: createLog('bench', 'error', { write: () => undefined }),
    started: () => undefined,
    fail: (error) => {
      throw error;
    },
  });
  const readers = pages === 0 ? undefined : spawn(process.execPath, [import.meta.filename, 'pages', consumer.url]);
  if (readers !== undefined) await once(readers.stdout, 'data');

  // Events are made beforehand: what it costs to simulate them is nobody's.
  const from = Date.now();
  const records: NewRecord[] = [];
  for (const event of simulateFleet({ cluster: 'c', nodes: NODES, seed: 1, interval: INTERVAL_MS, from })) {
    if (event.time > from + (SECONDS + 2) * 1000) break;
    records.push({ key: keyOf(event), value: encodeEvent(event), headers: headersOf(event, event.time) });
  }
  const perSecond = NODES / (INTERVAL_MS / 1000);
  const publish = async (second: number) => {
    await bus.publish(METRICS_TOPIC.name, records.slice(second * perSecond, (second + 1) * perSecond));
    await setTimeout(1000);
  };
  await publish(0);
  const before = process.cpuUsage();
  for (let second = 1; second <= SECONDS; second++) await publish(second);
  const { user, system } = process.cpuUsage(before);
  readers?.kill();
  globalThis.gc?.();
  setImmediate(() => process.exit());
  return {
    'CPU ms per second': (user + system) / 1000 / SECONDS,
    'resident MiB after': process.memoryUsage().rss / 2 ** 20,
  };
}

/** Opens the streams, says so, and reads until it is ended. */
async function openPages(url: string): Promise<void> {
  const open = () => new Promise<IncomingMessage>((resolve) => get(`${url}/api/stream`, resolve));
  const streams = await Promise.all(Array.from({ length: PAGES }, open));
  for (const stream of streams) stream.resume();
  process.stdout.write('open\n');
}
