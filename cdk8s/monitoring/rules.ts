/**
 * Rules for Prometheus about the pipeline itself: does what watches the nodes still watch? The consumer judges the nodes
 * on the stream by rules of its own (services/consumer/rules); nobody but Prometheus can tell that the consumer is gone.
 *
 * An alert says in its summary what is wrong and in its description what it means and where to look first. `critical`: the
 * nodes are not watched, somebody is needed now. `warning`: some of them are not, or will not be soon. `info`: a part of
 * what should be known is not. Braces are Prometheus' own templates.
 */
import { certificateRules } from './rules/certificates.ts';
import { consumerRules } from './rules/consumer.ts';
import { NODE_UP, nodeRules } from './rules/nodes.ts';
import { producerRules } from './rules/producer.ts';
import type { Rule } from './rules/rule.ts';

interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** Matchers that select the series of one release's consumers and producers, such as `job="a-consumer",namespace="a"`. */
export interface Selectors {
  readonly consumers: string;
  readonly producers: string;
}

export function pipelineRules({ consumers, producers }: Selectors): readonly RuleGroup[] {
  return [
    {
      name: 'system-monitoring.recording',
      rules: [
        {
          record: 'namespace_job:sysmon_events:rate5m',
          expr: `sum by (namespace, job) (rate(sysmon_events_total{${consumers}}[5m]))`,
        },
        {
          record: 'namespace_job:sysmon_partition_lag:sum',
          expr: `sum by (namespace, job) (sysmon_partition_lag{${consumers}})`,
        },
        {
          record: 'namespace_job:sysmon_event_delay_seconds:p99_rate5m',
          expr: `histogram_quantile(0.99, sum by (namespace, job, le) (rate(sysmon_event_delay_seconds_bucket{${consumers}}[5m])))`,
        },
        {
          // Another release may hear nodes of the same names: without its labels both would record one series.
          record: NODE_UP,
          expr: `max by (namespace, job, cluster, node) (sysmon_node_up{${consumers}})`,
        },
      ],
    },
    { name: 'system-monitoring.consumer', rules: consumerRules(consumers) },
    { name: 'system-monitoring.certificates', rules: certificateRules(consumers, producers) },
    { name: 'system-monitoring.nodes', rules: nodeRules(consumers) },
    { name: 'system-monitoring.producer', rules: producerRules(producers) },
  ];
}
