/** What the producer says about itself; the rows are in the contract, the numbers come from the parts as they work. */
import type { Counter, Gauge, Registry } from 'prom-client';
import { showCertificateExpiry } from '#bus/certificate-expiry.ts';
import { GAP_REASONS } from '#contract/gap.ts';
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
  readonly gapsPublished: Counter;
  readonly quarantined: Counter;
  readonly dropped: Counter<'reason'>;
  readonly publishFailures: Counter<'code'>;
  readonly spoolFailures: Counter<'code'>;
  readonly damagedBytes: Counter;
  /** Shows how full it is, from now on. */
  watch(outbox: Outbox): void;
}

/** @param certificate the file with what is shown to Kafka */
export function createProducerMetrics(certificate?: string): ProducerMetrics {
  const meters = createMeters(PIPELINE_METRICS);
  meters.gauge('sysmon_build_info').set({ component: 'producer', version: VERSION, node_version: process.version }, 1);
  showCertificateExpiry(meters, certificate);
  const dropped = meters.counter('sysmon_producer_events_dropped_total');
  for (const reason of [...GAP_REASONS, 'stopped']) dropped.inc({ reason }, 0);
  const publishFailures = meters.counter('sysmon_producer_publish_failures_total');
  for (const code of ['BUS_UNAVAILABLE', 'BUS_DENIED', 'BUS_REFUSED']) publishFailures.inc({ code }, 0);
  const spoolFailures = meters.counter('sysmon_producer_spool_failures_total');
  for (const code of ['ENOSPC', 'EIO', 'EROFS', 'EACCES']) spoolFailures.inc({ code }, 0);
  return {
    registry: meters.registry,
    ticks: meters.counter('sysmon_producer_ticks_total'),
    ticksSkipped: meters.counter('sysmon_producer_ticks_skipped_total'),
    collectorFailures: meters.counter('sysmon_producer_collector_failures_total'),
    hostView: meters.gauge('sysmon_host_view_ok'),
    published: meters.counter('sysmon_producer_events_published_total'),
    gapsPublished: meters.counter('sysmon_producer_gaps_published_total'),
    quarantined: meters.counter('sysmon_producer_events_quarantined_total'),
    dropped,
    publishFailures,
    spoolFailures,
    damagedBytes: meters.counter('sysmon_producer_spool_damaged_bytes_total'),
    watch(outbox) {
      meters.gauge('sysmon_producer_spool_events', (gauge) => gauge.set(outbox.events));
      meters.gauge('sysmon_producer_spool_bytes', (gauge) => gauge.set(outbox.bytes));
      meters.gauge('sysmon_producer_spool_max_bytes').set(outbox.maxBytes);
      meters.gauge('sysmon_producer_spool_oldest_seconds', (gauge) => gauge.set(outbox.oldestMs / 1000));
      meters.gauge('sysmon_producer_spool_max_age_seconds').set(outbox.maxAgeMs / 1000);
      if (outbox.spooling === undefined) return;
      meters.gauge('sysmon_producer_spool_disk_ok', (gauge) => gauge.set(outbox.spooling === true ? 1 : 0));
    },
  };
}
