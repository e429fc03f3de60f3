/** Follows the host view: proven at the start and every minute, shown as a metric, told when it changes, obeyed at each tick. */
import type { Log } from '#runtime/log.ts';
import type { Clock } from '../clock.ts';
import type { Collector } from '../collector.ts';
import type { ProducerMetrics } from '../metrics.ts';
import type { Host } from './proc.ts';
import { ASPECTS, type HostView, proveHostView } from './view.ts';

const PROVE_EVERY_MS = 60_000;

export interface HostWatchOptions {
  readonly host: Host;
  /** Whether the node was told its name. */
  readonly named: boolean;
  readonly collectors: readonly Collector[];
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly metrics: Pick<ProducerMetrics, 'hostView'>;
  readonly log: Log;
}

/** @returns the collectors that may run now: those whose every aspect is the host's. */
export function watchHost({ host, named, collectors, clock, metrics, log }: HostWatchOptions) {
  let view: HostView | undefined;
  let provenAt = 0;
  let allowed = collectors;

  function prove(): void {
    const before = view;
    const now = proveHostView(host, named);
    view = now;
    provenAt = clock.monotonic();
    for (const aspect of ASPECTS) {
      const why = now[aspect];
      metrics.hostView.set({ aspect }, why === undefined ? 1 : 0);
      if (before !== undefined && why === before[aspect]) continue;
      if (why !== undefined) log.warn({ aspect, why }, 'not published: this is not the host');
      else if (before !== undefined) log.info({ aspect }, 'published again: this is the host');
    }
    allowed = collectors.filter(({ needs = [] }) => needs.every((aspect) => now[aspect] === undefined));
  }

  return (): readonly Collector[] => {
    if (view === undefined || clock.monotonic() - provenAt >= PROVE_EVERY_MS) prove();
    return allowed;
  };
}
