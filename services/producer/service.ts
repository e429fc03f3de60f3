/** The producer put together on a bus: collectors → event → spool → bus. */
import type { Bus } from '#bus/bus.ts';
import type { Config } from '#runtime/config.ts';
import { type Route, serve } from '#runtime/http.ts';
import type { Log } from '#runtime/log.ts';
import type { Step } from '#runtime/shutdown.ts';
import { type Clock, systemClock } from './clock.ts';
import { createProducerMetrics } from './metrics.ts';
import { startPublisher } from './publisher.ts';
import type { PRODUCER_SETTINGS } from './settings.ts';
import { openSource } from './source.ts';
import { openSpool } from './spool/open.ts';

export interface ProducerOptions {
  readonly config: Config<Omit<typeof PRODUCER_SETTINGS, 'KAFKA_BROKERS'>>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly log: Log;
  readonly started: (step: Step) => void;
  readonly fail: (error: Error) => void;
  /** How long the stop may wait for the bus to take what is left. */
  readonly drainWithinMs: number;
  readonly clock?: Clock;
}

export interface Producer {
  readonly url: string;
}

/** Ticks that may fail to come before the agent counts as stuck, and what a busy machine may add. */
const STUCK_AFTER_INTERVALS = 3;
const STUCK_SLACK_MS = 5_000;

/** Listens and begins to measure; a bus that is away is waited for, and told by `/readyz`. */
export async function startProducer(options: ProducerOptions): Promise<Producer> {
  const { config, bus, log, started, fail, drainWithinMs, clock = systemClock } = options;
  const metrics = createProducerMetrics(config.KAFKA_TLS_CERT);
  const { outbox, quarantine, close: closeSpool } = await openSpool({ config, clock, metrics, log });
  started({ name: 'spool', stop: closeSpool });
  metrics.watch(outbox);

  const { agent, about, close } = openSource({
    config,
    clock,
    metrics,
    log,
    append(event) {
      outbox.append(event);
      publisher.wake();
    },
    hasRoom: () => outbox.bytes < outbox.maxBytes / 2,
  });

  const server = await serve({
    listen: config.LISTEN,
    routes: { '/metrics': metricsRoute(metrics.registry) },
    live: () =>
      agent.sinceTick() > STUCK_AFTER_INTERVALS * config.INTERVAL + STUCK_SLACK_MS
        ? 'the node has not been measured for too long'
        : undefined,
    ready: () => publisher.trouble(),
    log,
  });
  started({ name: 'http', stop: server.close });

  const publisher = startPublisher({
    bus,
    topic: config.KAFKA_TOPIC,
    outbox,
    clock,
    random: Math.random,
    quarantine,
    metrics,
    log,
  });
  started({ name: 'publisher', stop: () => publisher.stop(drainWithinMs) });

  const stopping = new AbortController();
  const running = agent.run(stopping.signal).catch(fail);
  started({
    name: 'agent',
    async stop() {
      stopping.abort();
      await running;
      close();
    },
  });
  log.info({ ...about, url: server.url }, 'producing');
  return { url: server.url };
}

function metricsRoute(registry: { metrics(): Promise<string>; contentType: string }): Route {
  return async (_request, response) => {
    response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
  };
}
