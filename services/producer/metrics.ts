/** What the producer says about itself; the rows are in the contract, the numbers come from the parts as they work. */
import type { Counter, Gauge, Registry } from 'prom-client';
import { PIPELINE_METRICS } from '#contract/pipeline-metrics.ts';
import { createMeters } from '#runtime/meters.ts';
import { VERSION } from '#runtime/version.ts';
import type { Outbox } from './outbox.ts';

export interface ProducerMetrics {
  readonly registry: Registry;
  readonly ticks: Counter;
  readonly ticksSkipped: Counter;
  readonly collectorFailures: Counter<'collector'>;
  readonly hostView: Gauge<'aspect'>;
  readonly published: Counter;
  readonly dropped: Counter<'reason'>;
  readonly publishFailures: Counter<'code'>;
  /** Shows how full it is, from now on. */
  watch(outbox: Outbox): void;
}

export function createProducerMetrics(): ProducerMetrics {
  const meters = createMeters(PIPELINE_METRICS);
  meters.gauge('sysmon_build_info').set({ service: 'producer', version: VERSION, node_version: process.version }, 1);
  return {
    registry: meters.registry,
    ticks: meters.counter('sysmon_producer_ticks_total'),
    ticksSkipped: meters.counter('sysmon_producer_ticks_skipped_total'),
    collectorFailures: meters.counter('sysmon_producer_collector_failures_total'),
    hostView: meters.gauge('sysmon_host_view_ok'),
    published: meters.counter('sysmon_producer_events_published_total'),
    dropped: meters.counter('sysmon_producer_events_dropped_total'),
    publishFailures: meters.counter('sysmon_producer_publish_failures_total'),
    watch(outbox) {
      meters.gauge('sysmon_producer_queue_events', (gauge) => gauge.set(outbox.events));
      meters.gauge('sysmon_producer_queue_bytes', (gauge) => gauge.set(outbox.bytes));
      meters.gauge('sysmon_producer_queue_max_bytes').set(outbox.maxBytes);
    },
  };
}
