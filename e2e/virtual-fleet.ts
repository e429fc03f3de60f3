/**
 * A consumer in this process before a simulated fleet, and a clock that moves when it is told to: so that a quarter of an hour
 * is there in seconds, the same in each run.
 */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Subscription } from '#bus/bus.ts';
import { createEmbeddedBus } from '#bus/embedded.ts';
import { encodeEvent } from '#contract/codec.ts';
import { headersOf, keyOf, type NodeEvent } from '#contract/event.ts';
import { METRICS_TOPIC } from '#contract/topic.ts';
import { loadConfig } from '#runtime/config.ts';
import { createLog } from '#runtime/log.ts';
import type { Step } from '#runtime/shutdown.ts';
import { startConsumer } from '../services/consumer/service.ts';
import { CONSUMER_SETTINGS } from '../services/consumer/settings.ts';
import { simulateFleet } from '../services/producer/simulation/fleet.ts';
import { parseScenarios } from '../services/producer/simulation/scenario.ts';

export interface VirtualFleet {
  readonly url: string;
  /** Lets so much time pass. */
  pass(seconds: number): Promise<void>;
  publish(...events: readonly NodeEvent[]): Promise<void>;
  stop(): Promise<void>;
}

/** A Wednesday, at two in the afternoon. */
const START = Date.UTC(2026, 0, 7, 14);
export const INTERVAL_S = 10;
/** Enough for what is shown; all of them take their time. */
const COLLECTORS = ['cpu', 'loadavg', 'meminfo', 'vmstat', 'pressure', 'diskstats', 'filesystem', 'netdev', 'stat'];

export async function startVirtualFleet(nodes: number, scenarios: string): Promise<VirtualFleet> {
  mock.timers.enable({ apis: ['setInterval', 'Date'], now: START });
  const bus = createEmbeddedBus({ now: () => Date.now() });
  const steps: Step[] = [];
  let subscription: Subscription | undefined;
  const consumer = await startConsumer({
    config: loadConfig(CONSUMER_SETTINGS, { KAFKA_BROKERS: 'unused:1', LISTEN: '127.0.0.1:0', KUBERNETES: 'off' }),
    bus: {
      ...bus,
      async subscribe(...of) {
        subscription = await bus.subscribe(...of);
        return subscription;
      },
    },
    monotonic: () => Date.now(),
    log: createLog('test', 'error', { write: () => undefined }),
    started: (step) => steps.push(step),
    fail: (error) => assert.fail(error),
  });
  const fleet = simulateFleet({
    ...{ cluster: 'production', nodes, seed: 1, interval: INTERVAL_S * 1000, from: START },
    ...{ scenarios: parseScenarios(scenarios), collectors: COLLECTORS },
  });
  let next = fleet.next().value;

  async function publish(...events: readonly NodeEvent[]): Promise<void> {
    const records = events.map((of) => ({ key: keyOf(of), value: encodeEvent(of), headers: headersOf(of, of.time) }));
    await bus.publish(METRICS_TOPIC.name, records);
    const partitions = Array.from({ length: METRICS_TOPIC.partitions }, (_, partition) => partition);
    while (partitions.some((partition) => subscription?.lag(partition) !== 0)) await setImmediate();
  }

  return {
    url: consumer.url,
    publish,
    async pass(seconds) {
      for (let second = 0; second < seconds; second++) {
        mock.timers.tick(1000);
        const due: NodeEvent[] = [];
        for (; next.time <= Date.now(); next = fleet.next().value) due.push(next);
        await publish(...due);
      }
    },
    async stop() {
      for (const step of steps.toReversed()) await step.stop();
      await bus.close();
      mock.timers.reset();
    },
  };
}
