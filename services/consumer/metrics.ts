/** What the consumer says about itself; the rows are in the contract, the numbers come from the parts as they work. */
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { PIPELINE_METRICS } from '#contract/pipeline-metrics.ts';
import { createMeters } from '#runtime/meters.ts';
import { VERSION } from '#runtime/version.ts';
import type { Judge } from './rules/judge.ts';
import type { State } from './state.ts';

export interface ConsumerMetrics {
  readonly registry: Registry;
  readonly events: Counter;
  readonly duplicates: Counter;
  readonly samples: Counter;
  readonly unknownMetrics: Counter;
  readonly decodeErrors: Counter<'reason'>;
  readonly deadLetters: Counter<'reason'>;
  readonly eventDelay: Histogram;
  readonly lag: Gauge<'partition'>;
  readonly partitionsOwned: Gauge;
  readonly rebalances: Counter;
  readonly scrapeDuration: Histogram;
  readonly scrapeSize: Gauge;
  readonly scrapesAborted: Counter;
  readonly alertTransitions: Counter<'alertname' | 'severity' | 'state'>;
  readonly alertLogFailures: Counter;
}

export function createConsumerMetrics(state: State, judge: Judge, now: () => number): ConsumerMetrics {
  const meters = createMeters(PIPELINE_METRICS);
  meters.gauge('sysmon_build_info').set({ service: 'consumer', version: VERSION, node_version: process.version }, 1);
  meters.gauge('sysmon_nodes_up', (gauge) => gauge.set(state.nodes(now()).filter(({ up }) => up).length));
  meters.gauge('sysmon_rules_loaded').set(judge.rules.length);
  meters.gauge('sysmon_alerts', (gauge) => {
    gauge.reset();
    for (const { alertname, severity, state } of judge.active()) gauge.inc({ alertname, severity, state });
  });
  return {
    registry: meters.registry,
    events: meters.counter('sysmon_events_total'),
    duplicates: meters.counter('sysmon_events_duplicate_total'),
    samples: meters.counter('sysmon_samples_total'),
    unknownMetrics: meters.counter('sysmon_unknown_metrics_total'),
    decodeErrors: meters.counter('sysmon_decode_errors_total'),
    deadLetters: meters.counter('sysmon_dead_letters_total'),
    eventDelay: meters.histogram('sysmon_event_delay_seconds'),
    lag: meters.gauge('sysmon_partition_lag'),
    partitionsOwned: meters.gauge('sysmon_partitions_owned'),
    rebalances: meters.counter('sysmon_rebalances_total'),
    scrapeDuration: meters.histogram('sysmon_scrape_duration_seconds'),
    scrapeSize: meters.gauge('sysmon_scrape_size_bytes'),
    scrapesAborted: meters.counter('sysmon_scrapes_aborted_total'),
    alertTransitions: meters.counter('sysmon_alert_transitions_total'),
    alertLogFailures: meters.counter('sysmon_alert_log_failures_total'),
  };
}
