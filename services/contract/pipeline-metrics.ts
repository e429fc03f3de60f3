/**
 * What the pipeline says about itself, next to what it says about nodes: the same kind of table as metrics.ts, under a
 * prefix of its own. The services create their prom-client metrics from these rows, so code, docs and dashboards agree.
 */

export interface PipelineMetricDef {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in the unit that the name ends with. */
  readonly buckets?: readonly number[];
}

export const PIPELINE_METRICS = {
  // both
  sysmon_build_info: {
    type: 'gauge',
    help: 'The version that runs, and the Node.js it runs on.',
    // Not `service`, which Prometheus' operator gives to what it scrapes.
    labels: ['component', 'version', 'node_version'],
  },
  sysmon_kafka_certificate_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When the certificate that is shown to Kafka ends; there only with KAFKA_TLS_CERT.',
    labels: [],
  },

  // producer
  sysmon_producer_ticks_total: { type: 'counter', help: 'Times at which the node was measured.', labels: [] },
  sysmon_producer_ticks_skipped_total: {
    type: 'counter',
    help: 'Times at which it should have been measured and was not, because the time before took too long.',
    labels: [],
  },
  sysmon_producer_collector_failures_total: {
    type: 'counter',
    help: 'Collections in which a collector could not read all it looks for.',
    labels: ['collector'],
  },
  sysmon_host_view_ok: {
    type: 'gauge',
    help: "Whether an aspect of what is seen is the host's and not the container's; what is not is not published.",
    labels: ['aspect'],
  },
  sysmon_producer_events_published_total: {
    type: 'counter',
    help: 'Events that every in-sync replica of the topic has.',
    labels: [],
  },
  sysmon_producer_events_dropped_total: {
    type: 'counter',
    help: 'Events given up: for want of room, too old, damaged on disk, refused by the bus, or left when the process stopped.',
    labels: ['reason'],
  },
  sysmon_producer_publish_failures_total: {
    type: 'counter',
    help: 'Attempts to publish that failed; each is made again, in halves if the bus refused it as it was.',
    labels: ['code'],
  },
  sysmon_producer_gaps_published_total: {
    type: 'counter',
    help: 'Gaps published in the place of events that were given up.',
    labels: [],
  },
  sysmon_producer_events_quarantined_total: {
    type: 'counter',
    help: 'Events that the bus refuses, kept raw on disk.',
    labels: [],
  },
  sysmon_producer_spool_events: { type: 'gauge', help: 'Events waiting to be published.', labels: [] },
  sysmon_producer_spool_bytes: {
    type: 'gauge',
    help: 'What the waiting events take, in memory and on disk; a file on disk counts until all of it is published.',
    labels: [],
  },
  sysmon_producer_spool_max_bytes: { type: 'gauge', help: 'Size at which the oldest waiting events go.', labels: [] },
  sysmon_producer_spool_oldest_seconds: {
    type: 'gauge',
    help: 'How long the oldest waiting event has waited; 0 if none waits.',
    labels: [],
  },
  sysmon_producer_spool_max_age_seconds: { type: 'gauge', help: 'Age at which a waiting event goes.', labels: [] },
  sysmon_producer_spool_disk_ok: {
    type: 'gauge',
    help: 'Whether the disk took the last event; there only with SPOOL_DIR.',
    labels: [],
  },
  sysmon_producer_spool_failures_total: {
    type: 'counter',
    help: 'Calls about the spool that the file system refused, by errno.',
    labels: ['code'],
  },
  sysmon_producer_spool_damaged_bytes_total: {
    type: 'counter',
    help: 'Bytes on disk that were not as they had been written, where events had waited.',
    labels: [],
  },

  // consumer: events
  sysmon_events_total: { type: 'counter', help: 'Events decoded and applied.', labels: [] },
  sysmon_events_duplicate_total: {
    type: 'counter',
    help: 'Events delivered again, or so late that they were no longer awaited; not applied.',
    labels: [],
  },
  sysmon_events_reordered_total: {
    type: 'counter',
    help: 'Events that came after a newer one of their node; not applied.',
    labels: [],
  },
  sysmon_events_lost_total: {
    type: 'counter',
    help: 'Events missing from their epoch: given up by the producer, deleted before they were read (skipped), or unknown.',
    labels: ['reason'],
  },
  sysmon_gaps_total: {
    type: 'counter',
    help: 'Records in which a producer says what it has lost.',
    labels: [],
  },
  sysmon_overflow_total: {
    type: 'counter',
    help: 'What there was no room for: events and gaps (nodes, series_per_node, series), not applied; samples that rules would read (history); alerts.',
    labels: ['reason'],
  },
  sysmon_samples_total: { type: 'counter', help: 'Samples of the events applied.', labels: [] },
  sysmon_unknown_metrics_total: {
    type: 'counter',
    help: 'Metrics of events that the catalogue does not know; skipped.',
    labels: [],
  },
  sysmon_decode_errors_total: { type: 'counter', help: 'Records that are not events.', labels: ['reason'] },
  sysmon_dead_letters_total: {
    type: 'counter',
    help: 'Records that are not events, kept raw on the dead letter topic.',
    labels: ['reason'],
  },
  sysmon_event_delay_seconds: {
    type: 'histogram',
    help: "From the event's time on the node's clock to its application on the consumer's.",
    labels: [],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600],
  },
  sysmon_event_lateness_seconds: {
    type: 'histogram',
    help: 'From the time of an event until its producer sent it, both on the clock of the node.',
    labels: [],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600],
  },

  // consumer: partitions
  sysmon_partition_lag: {
    type: 'gauge',
    help: 'Records of an owned partition not yet applied.',
    labels: ['partition'],
  },
  sysmon_partitions_owned: { type: 'gauge', help: 'Partitions of the topic that this replica owns.', labels: [] },
  sysmon_records_skipped_total: {
    type: 'counter',
    help: 'Records deleted from the topic before they were read.',
    labels: [],
  },
  sysmon_ownership_fresh: {
    type: 'gauge',
    help: 'Whether the group has confirmed of late what this replica owns; no node is shown while it has not.',
    labels: [],
  },
  sysmon_rebalances_total: { type: 'counter', help: 'Times the group shared out its partitions.', labels: [] },

  // consumer: nodes
  sysmon_nodes_up: {
    type: 'gauge',
    help: 'Nodes that are shown and not silent for three of their intervals.',
    labels: [],
  },

  // consumer: scrapes
  sysmon_scrape_duration_seconds: {
    type: 'histogram',
    help: 'From a request of /metrics to the last byte of its answer.',
    labels: [],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  sysmon_scrape_size_bytes: {
    type: 'gauge',
    help: "Size of the nodes' part of the last answer of /metrics, uncompressed.",
    labels: [],
  },
  sysmon_scrapes_aborted_total: {
    type: 'counter',
    help: 'Requests of /metrics that hung up before the end of the answer.',
    labels: [],
  },

  // consumer: alerts
  sysmon_rules_loaded: { type: 'gauge', help: 'Rules that events are judged by.', labels: [] },
  sysmon_rules_refused: {
    type: 'gauge',
    help: 'Rules of the files that are not judged, since this engine cannot; the log says why.',
    labels: [],
  },
  sysmon_history_filling: {
    type: 'gauge',
    help: 'Partitions whose past is being read for rules that look back far; these are not judged there until it is.',
    labels: [],
  },
  sysmon_rules_last_reload_successful: {
    type: 'gauge',
    help: 'Whether the rule files were without a mistake when they were read last; otherwise the rules before them go on.',
    labels: [],
  },
  sysmon_rules_last_reload_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When rules were loaded last.',
    labels: [],
  },
  sysmon_alerts: {
    type: 'gauge',
    help: 'Alerts that are pending or firing.',
    labels: ['alertname', 'severity', 'state', 'cluster', 'node'],
  },
  sysmon_alert_transitions_total: {
    type: 'counter',
    help: 'Alerts that became pending, firing or resolved, as the lines of the alert log count them.',
    labels: ['alertname', 'severity', 'state'],
  },
  sysmon_rule_failures_total: {
    type: 'counter',
    help: 'Times that a rule could not be judged, since two of its alerts on a node would have the same labels.',
    labels: ['alertname'],
  },
  sysmon_alert_log_failures_total: {
    type: 'counter',
    help: 'Lines that could not be written to the alert log file; standard output has them.',
    labels: [],
  },
  sysmon_notifications_sent_total: {
    type: 'counter',
    help: 'Alerts that an Alertmanager was told of and took; each is told again as long as it fires.',
    labels: ['alertmanager'],
  },
  sysmon_notifications_failed_total: {
    type: 'counter',
    help: 'Requests that an Alertmanager did not answer, or refused in whole or in part.',
    labels: ['alertmanager'],
  },
} as const satisfies Record<string, PipelineMetricDef>;

/** Series about a node that outlive its own: rendered with the node's, one for each node known. */
export const NODE_STATUS_METRICS = {
  sysmon_node_up: {
    type: 'gauge',
    help: 'Whether the node was heard within three of its intervals, not counting times in which nobody listened.',
    labels: ['cluster', 'node'],
  },
  sysmon_node_event_age_seconds: {
    type: 'gauge',
    help: "Since the node's last event arrived.",
    labels: ['cluster', 'node'],
  },
  sysmon_node_clock_skew_seconds: {
    type: 'gauge',
    help: "How far the node's clock is behind the broker's, with the way between them; below 0 if it is ahead.",
    labels: ['cluster', 'node'],
  },
  sysmon_node_completeness_ratio: {
    type: 'gauge',
    help: "The part of the node's last several hundred events that was not lost.",
    labels: ['cluster', 'node'],
  },
  sysmon_node_events_received_total: {
    type: 'counter',
    help: 'Events of the node that arrived, each counted once.',
    labels: ['cluster', 'node'],
  },
  sysmon_node_events_lost_total: {
    type: 'counter',
    help: 'Events of the node that did not arrive while they were awaited.',
    labels: ['cluster', 'node'],
  },
  sysmon_node_events_duplicate_total: {
    type: 'counter',
    help: 'Events of the node that arrived again, or when they were no longer awaited.',
    labels: ['cluster', 'node'],
  },
  sysmon_node_events_reordered_total: {
    type: 'counter',
    help: 'Events of the node that arrived after a newer one.',
    labels: ['cluster', 'node'],
  },
  sysmon_node_conflicts_total: {
    type: 'counter',
    help: 'Times that a run of the producer went on although another had begun: two claim the name, or somebody forges or repeats.',
    labels: ['cluster', 'node'],
  },
} as const satisfies Record<string, PipelineMetricDef>;
