/** What the consumer says about itself; the rows are in the contract, the numbers come from the parts as they work. */
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { showCertificateExpiry } from '#bus/certificate-expiry.ts';
import { PIPELINE_METRICS } from '#contract/pipeline-metrics.ts';
import { createMeters } from '#runtime/meters.ts';
import { VERSION } from '#runtime/version.ts';
import { LOSS_REASONS } from './account.ts';
import { ALERT_STATES, DEFAULT_SEVERITY } from './alerts/transition.ts';
import { BUILT_IN_RULES } from './rules/built-in.ts';
import { JUDGE_OVERFLOWS, type Judge } from './rules/judge.ts';
import { type RuleText, severityOf } from './rules/rule.ts';
import { OVERFLOWS, type State } from './state.ts';

export interface ConsumerMetrics {
  readonly registry: Registry;
  readonly events: Counter;
  readonly gaps: Counter;
  readonly duplicates: Counter;
  readonly reordered: Counter;
  readonly lost: Counter<'reason'>;
  readonly overflow: Counter<'reason'>;
  readonly samples: Counter;
  readonly unknownMetrics: Counter;
  readonly decodeErrors: Counter<'reason'>;
  readonly deadLetters: Counter<'reason'>;
  readonly eventDelay: Histogram;
  readonly lateness: Histogram;
  readonly lag: Gauge<'partition'>;
  readonly partitionsOwned: Gauge;
  readonly skipped: Counter;
  readonly rebalances: Counter;
  readonly scrapeDuration: Histogram;
  readonly scrapeSize: Gauge;
  readonly scrapesAborted: Counter;
  readonly alertTransitions: Counter<'alertname' | 'severity' | 'state'>;
  readonly ruleFailures: Counter<'alertname'>;
  readonly alertLogFailures: Counter;
  readonly rulesRefused: Gauge;
  readonly rulesReloaded: Gauge;
  readonly rulesReloadedAt: Gauge;
  readonly historyFilling: Gauge;
  /** Counters of their alerts begin at 0. */
  readonly knowRules: (rules: readonly RuleText[]) => void;
  readonly notificationsSent: Counter<'alertmanager'>;
  readonly notificationsFailed: Counter<'alertmanager'>;
}

/** What the figures are looked up in when they are asked for. */
export interface Shown {
  /** Whether this replica owns its partitions beyond doubt; nothing of a node is shown otherwise. */
  fresh(): boolean;
  readonly state: Pick<State, 'nodes'>;
  readonly judge: Pick<Judge, 'rules' | 'lives'>;
}

/** @param certificate the file with what is shown to Kafka */
export function createConsumerMetrics({ fresh, state, judge }: Shown, certificate?: string): ConsumerMetrics {
  const meters = createMeters(PIPELINE_METRICS);
  meters.gauge('sysmon_build_info').set({ component: 'consumer', version: VERSION, node_version: process.version }, 1);
  showCertificateExpiry(meters, certificate);
  meters.gauge('sysmon_ownership_fresh', (gauge) => gauge.set(fresh() ? 1 : 0));
  meters.gauge('sysmon_nodes_up', (gauge) => gauge.set(fresh() ? state.nodes().filter(({ up }) => up).length : 0));
  meters.gauge('sysmon_rules_loaded', (gauge) => gauge.set(judge.rules().length));
  meters.gauge('sysmon_alerts', (gauge) => {
    gauge.reset();
    if (!fresh()) return;
    for (const { alertname, severity, state, cluster, node } of judge.lives()) {
      gauge.inc({ alertname, severity, state, cluster, node });
    }
  });
  const lost = meters.counter('sysmon_events_lost_total');
  for (const reason of LOSS_REASONS) lost.inc({ reason }, 0);
  const overflow = meters.counter('sysmon_overflow_total');
  for (const reason of [...OVERFLOWS, ...JUDGE_OVERFLOWS]) overflow.inc({ reason }, 0);
  const ruleFailures = meters.counter('sysmon_rule_failures_total');
  const alertTransitions = meters.counter('sysmon_alert_transitions_total');
  const knowRule = (rule: RuleText): void => {
    const severity = severityOf(rule) ?? DEFAULT_SEVERITY;
    ruleFailures.inc({ alertname: rule.alert }, 0);
    // A counter whose first increase is also its first value has none for whoever asks for the increase.
    for (const state of ALERT_STATES) alertTransitions.inc({ alertname: rule.alert, severity, state }, 0);
  };
  for (const { rule } of BUILT_IN_RULES) knowRule(rule);
  return {
    registry: meters.registry,
    events: meters.counter('sysmon_events_total'),
    gaps: meters.counter('sysmon_gaps_total'),
    duplicates: meters.counter('sysmon_events_duplicate_total'),
    reordered: meters.counter('sysmon_events_reordered_total'),
    lost,
    overflow,
    samples: meters.counter('sysmon_samples_total'),
    unknownMetrics: meters.counter('sysmon_unknown_metrics_total'),
    decodeErrors: meters.counter('sysmon_decode_errors_total'),
    deadLetters: meters.counter('sysmon_dead_letters_total'),
    eventDelay: meters.histogram('sysmon_event_delay_seconds'),
    lateness: meters.histogram('sysmon_event_lateness_seconds'),
    lag: meters.gauge('sysmon_partition_lag'),
    partitionsOwned: meters.gauge('sysmon_partitions_owned'),
    skipped: meters.counter('sysmon_records_skipped_total'),
    rebalances: meters.counter('sysmon_rebalances_total'),
    scrapeDuration: meters.histogram('sysmon_scrape_duration_seconds'),
    scrapeSize: meters.gauge('sysmon_scrape_size_bytes'),
    scrapesAborted: meters.counter('sysmon_scrapes_aborted_total'),
    alertTransitions,
    ruleFailures,
    knowRules: (rules) => rules.forEach(knowRule),
    rulesRefused: meters.gauge('sysmon_rules_refused'),
    rulesReloaded: meters.gauge('sysmon_rules_last_reload_successful'),
    rulesReloadedAt: meters.gauge('sysmon_rules_last_reload_success_timestamp_seconds'),
    historyFilling: meters.gauge('sysmon_history_filling'),
    alertLogFailures: meters.counter('sysmon_alert_log_failures_total'),
    notificationsSent: meters.counter('sysmon_notifications_sent_total'),
    notificationsFailed: meters.counter('sysmon_notifications_failed_total'),
  };
}
