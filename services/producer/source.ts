/** Where events come from: the host that this is, or a fleet that does not exist. */
import { randomBytes } from 'node:crypto';
import { hostname, machine } from 'node:os';
import type { NodeEvent } from '#contract/event.ts';
import type { Config } from '#runtime/config.ts';
import { PipelineError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import { type Agent, createAgent } from './agent.ts';
import type { Clock } from './clock.ts';
import { collectAll } from './collector.ts';
import { followCollectors } from './collector-health.ts';
import { selectCollectors } from './collectors/selection.ts';
import { openHost } from './host/proc.ts';
import { watchHost } from './host/watch.ts';
import type { ProducerMetrics } from './metrics.ts';
import type { PRODUCER_SETTINGS } from './settings.ts';
import { createFleet } from './simulation/fleet.ts';
import { createFleetAgent } from './simulation/fleet-agent.ts';

export interface SourceOptions {
  readonly config: Config<Omit<typeof PRODUCER_SETTINGS, 'KAFKA_BROKERS'>>;
  readonly clock: Clock;
  readonly metrics: ProducerMetrics;
  readonly log: Log;
  readonly append: (event: NodeEvent) => void;
  /** Whether events that need not come now may come. */
  readonly hasRoom: () => boolean;
}

export interface Source {
  readonly agent: Agent;
  /** What it is, for the log. */
  readonly about: Readonly<Record<string, unknown>>;
  close(): void;
}

/** @throws PipelineError `CONFIG` if there is no such host, or no such node in the fleet. */
export function openSource(options: SourceOptions): Source {
  const { SIMULATE: nodes } = options.config;
  return nodes === undefined ? openHostSource(options) : openFleetSource(options, nodes);
}

function openHostSource({ config, clock, metrics, log, append }: SourceOptions): Source {
  const { CLUSTER_NAME: cluster, NODE_NAME: node, INTERVAL: interval, HOST_ROOT: root } = config;
  const host = openHost(root);
  const linux = process.platform === 'linux';
  if (linux && host.read('proc/stat') === undefined) {
    throw new PipelineError(
      'CONFIG',
      `HOST_ROOT=${root}: expected the host's root directory, found no proc/stat below it`,
    );
  }
  const collectors = selectCollectors(config.COLLECTORS, { nodename: node, machine: machine(), now: clock.now });
  const named = node !== hostname();
  const allowed = linux ? watchHost({ host, named, collectors, clock, metrics, log }) : () => collectors;
  const follow = followCollectors({ collectors, clock, metrics, log });
  const epoch = randomBytes(8).toString('hex');
  const agent = createAgent({
    cluster,
    node,
    epoch,
    interval,
    clock,
    metrics,
    collect() {
      const collected = collectAll(allowed(), host, clock.monotonic);
      follow(collected);
      return collected.metrics;
    },
    append,
  });
  return { agent, about: { cluster, node, epoch, interval, root }, close: host.close };
}

function openFleetSource({ config, clock, metrics, append, hasRoom }: SourceOptions, nodes: number): Source {
  const { CLUSTER_NAME: cluster, INTERVAL: interval, SIMULATE_SEED: seed, SIMULATE_SPEED: speed } = config;
  const fleet = createFleet({
    cluster,
    nodes,
    seed,
    interval,
    scenarios: config.SCENARIOS ?? [],
    from: clock.now(),
    collectors: config.COLLECTORS,
    run: randomBytes(4).readUInt32LE(),
  });
  const agent = createFleetAgent({ fleet, speed, clock, append, hasRoom, metrics });
  return { agent, about: { cluster, simulated: nodes, seed, speed, interval }, close: () => undefined };
}
