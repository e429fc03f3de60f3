/** Follows how the collectors fare: a line of log when one begins to fail and when it is well again, a count of each time. */
import type { Log } from '#runtime/log.ts';
import type { Clock } from './clock.ts';
import type { Collected, Collector } from './collector.ts';
import { createEpisode } from './episode.ts';
import type { ProducerMetrics } from './metrics.ts';

export interface CollectorHealthOptions {
  readonly collectors: readonly Collector[];
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly metrics: Pick<ProducerMetrics, 'collectorFailures'>;
  readonly log: Log;
}

/** @returns what is to be told of each collection. */
export function followCollectors({ collectors, clock, metrics, log }: CollectorHealthOptions) {
  const episodes = collectors.map(({ name }) => {
    const fields = { collector: name };
    metrics.collectorFailures.inc(fields, 0);
    const options = { log, clock, level: 'warn', begins: 'collector fails', ends: 'collector works again' } as const;
    return [name, createEpisode({ ...options, fields })] as const;
  });
  return ({ failures }: Collected): void => {
    for (const [collector, episode] of episodes) {
      const error = failures.get(collector);
      if (error === undefined) {
        episode.end();
      } else {
        metrics.collectorFailures.inc({ collector });
        episode.begin({ error });
      }
    }
  };
}
