/** How the consumers share the work, and what it costs to ask them. */
import { bars, timeSeries } from '../grafana/panels.ts';
import { over } from '../grafana/queries.ts';
import { CONSUMERS } from '../selectors.ts';

const perReplica = (expr: string) => `sum by (instance) (${expr})`;
const rate = (series: string) => `rate(${series}{${CONSUMERS}}[$__rate_interval])`;
/** The consumers among all processes that tell the same of themselves. */
const consumersOf = (expr: string) => `${expr} and on (instance, job) sysmon_partitions_owned{${CONSUMERS}}`;

export const rebalances = () =>
  bars({
    title: 'Rebalances',
    description: 'Times the group shared out its partitions. While it does, nothing is read for a moment.',
    width: 8,
    unit: 'short',
    queries: [over(`max(increase(sysmon_rebalances_total{${CONSUMERS}}[$__rate_interval]))`, 'rebalances')],
  }).min(0);

export const owned = () =>
  timeSeries({
    title: 'Partitions of each replica',
    description: 'Who reads what. Together they are all partitions of the topic.',
    width: 8,
    unit: 'short',
    queries: [over(perReplica(`sysmon_partitions_owned{${CONSUMERS}}`), '{{instance}}')],
  }).min(0);

export const fresh = () =>
  timeSeries({
    title: 'Ownership confirmed',
    description:
      'Whether the group has confirmed of late what the replica owns (1). It shows no node while it has not (0).',
    width: 8,
    unit: 'short',
    queries: [over(`min by (instance) (sysmon_ownership_fresh{${CONSUMERS}})`, '{{instance}}')],
  })
    .min(0)
    .max(1);

export const scrapeTime = () =>
  timeSeries({
    title: 'Scrape: time to answer',
    description:
      'How long /metrics takes to answer, 99 of 100 times, and how long a scrape takes as Prometheus sees it.',
    width: 8,
    unit: 's',
    queries: [
      over(`histogram_quantile(0.99, sum by (le) (${rate('sysmon_scrape_duration_seconds_bucket')}))`, '99 %'),
      over(`max(${consumersOf(`scrape_duration_seconds{${CONSUMERS}}`)})`, 'the slowest, in Prometheus'),
    ],
  }).min(0);

export const scrapeSize = () =>
  timeSeries({
    title: 'Scrape: size',
    description: "Size of the nodes' part of an answer, uncompressed, of each replica.",
    width: 8,
    unit: 'bytes',
    queries: [over(perReplica(`sysmon_scrape_size_bytes{${CONSUMERS}}`), '{{instance}}')],
  }).min(0);

export const scrapeSeries = () =>
  timeSeries({
    title: 'Scrape: series',
    description: 'Series that Prometheus takes from each replica with each scrape.',
    width: 8,
    unit: 'short',
    queries: [
      over(perReplica(consumersOf(`scrape_samples_post_metric_relabeling{${CONSUMERS}}`)), '{{instance}}'),
      over(`sum(${rate('sysmon_scrapes_aborted_total')})`, 'hung up on, per second'),
    ],
  }).min(0);

export const cpu = () =>
  timeSeries({
    title: 'Consumer: CPU',
    description: 'CPUs that each replica uses.',
    width: 8,
    unit: 'short',
    queries: [over(perReplica(consumersOf(rate('process_cpu_seconds_total'))), '{{instance}}')],
  }).min(0);

export const memory = () =>
  timeSeries({
    title: 'Consumer: memory',
    description: 'Memory that each replica has in use (resident).',
    width: 8,
    unit: 'bytes',
    queries: [over(perReplica(consumersOf(`process_resident_memory_bytes{${CONSUMERS}}`)), '{{instance}}')],
  }).min(0);

export const eventLoop = () =>
  timeSeries({
    title: 'Consumer: event loop lag',
    description: 'How long work waits for the one thread of the replica. Seconds of it keep heartbeats from the group.',
    width: 8,
    unit: 's',
    queries: [over(perReplica(consumersOf(`nodejs_eventloop_lag_seconds{${CONSUMERS}}`)), '{{instance}}')],
  }).min(0);

export const overflow = () =>
  bars({
    title: 'No room for',
    description:
      'What the consumer left out because its bounds were reached, by reason: nodes, series, past of series, alerts.',
    width: 24,
    height: 6,
    unit: 'short',
    queries: [over(`sum by (reason) (increase(sysmon_overflow_total{${CONSUMERS}}[$__rate_interval]))`, '{{reason}}')],
  }).min(0);
