/** Do events arrive: how late, how far behind, and is any missing, doubled or no event at all? */
import { badBelow, badFrom } from '../grafana/colors.ts';
import { toNodeOfSeries } from '../grafana/links.ts';
import { bars, heat, number, ranking, timeSeries } from '../grafana/panels.ts';
import { buckets, now, over } from '../grafana/queries.ts';
import { CONSUMERS, NODES } from '../selectors.ts';

const rate = (series: string) => `rate(${series}{${CONSUMERS}}[$__rate_interval])`;
const increase = (series: string) => `increase(${series}{${CONSUMERS}}[$__rate_interval])`;
const quantile = (q: number, histogram: string) =>
  `histogram_quantile(${q}, sum by (le) (${rate(`${histogram}_bucket`)}))`;
/** What is counted by reason begins with the first of its reason. */
const orNone = (expr: string) =>
  `${expr} or label_replace(0 * count(sysmon_partitions_owned{${CONSUMERS}}), "reason", "none", "", "")`;

export const nodesUp = () =>
  number({
    title: 'Nodes up',
    description: 'Nodes that are shown now, by all replicas of the consumer together.',
    width: 4,
    unit: 'short',
    queries: [now(`sum(sysmon_nodes_up{${CONSUMERS}})`)],
  });

export const delayNow = () =>
  number({
    title: 'Delay, 99 %',
    description: 'From measuring to applying: 99 of 100 events take less, in the last minutes.',
    width: 4,
    unit: 's',
    queries: [now(quantile(0.99, 'sysmon_event_delay_seconds'))],
  }).thresholds(badFrom(10, 'orange'));

export const lagNow = () =>
  number({
    title: 'Lag',
    description: 'Records on the topic that are not applied yet, of all partitions.',
    width: 4,
    unit: 'short',
    queries: [now(`sum(max by (partition) (sysmon_partition_lag{${CONSUMERS}}))`)],
  });

export const lostNow = () =>
  number({
    title: 'Lost',
    description: 'Events that will not arrive any more, within the time shown.',
    width: 4,
    unit: 'short',
    queries: [now(`sum(increase(sysmon_events_lost_total{${CONSUMERS}}[$__range]))`)],
  })
    .decimals(0)
    .thresholds(badFrom(0.5));

export const deadLettersNow = () =>
  number({
    title: 'Dead letters',
    description: 'Records that were no events, within the time shown.',
    width: 4,
    unit: 'short',
    queries: [
      now(
        `sum(increase(sysmon_dead_letters_total{${CONSUMERS}}[$__range])) or 0 * count(sysmon_partitions_owned{${CONSUMERS}})`,
      ),
    ],
  })
    .decimals(0)
    .thresholds(badFrom(0.5, 'orange'));

export const ownersNow = () =>
  number({
    title: 'Partitions read',
    description: 'Partitions that some replica owns beyond doubt. All of them, or some nodes are not watched.',
    width: 4,
    unit: 'short',
    queries: [now(`sum(sysmon_partitions_owned{${CONSUMERS}} * sysmon_ownership_fresh{${CONSUMERS}})`)],
  }).thresholds(badBelow(1));

export const delay = () =>
  timeSeries({
    title: 'Delay from end to end',
    description:
      "From the event's time on the node to its application by the consumer. What is late at its producer already (it waited in the spool) is below.",
    width: 12,
    unit: 's',
    queries: [
      over(quantile(0.99, 'sysmon_event_delay_seconds'), '99 %'),
      over(quantile(0.9, 'sysmon_event_delay_seconds'), '90 %'),
      over(quantile(0.5, 'sysmon_event_delay_seconds'), 'half'),
      over(quantile(0.99, 'sysmon_event_lateness_seconds'), '99 %, until it was sent'),
    ],
  }).min(0);

export const delayHeat = () =>
  heat({
    title: 'Events by delay',
    description: 'How many events took how long, over time. Those below zero are from clocks that are ahead.',
    width: 12,
    unit: 's',
    queries: [buckets(`sum by (le) (${increase('sysmon_event_delay_seconds_bucket')})`)],
  });

export const lag = () =>
  timeSeries({
    title: 'Lag of each partition',
    description:
      'Records of the partition that are not applied yet. One that grows alone has a node that writes too much.',
    width: 12,
    unit: 'short',
    queries: [over(`max by (partition) (sysmon_partition_lag{${CONSUMERS}})`, 'partition {{partition}}')],
  }).min(0);

export const throughput = () =>
  timeSeries({
    title: 'Events applied',
    description: 'Events per second, of each replica of the consumer.',
    width: 12,
    unit: 'ops',
    queries: [over(`sum by (instance) (${rate('sysmon_events_total')})`, '{{instance}}')],
  }).min(0);

export const lost = () =>
  bars({
    title: 'Lost events',
    description:
      'Events whose place in the sequence stays empty: given up by the producer, deleted before they were read (skipped), or unknown.',
    width: 8,
    unit: 'short',
    queries: [
      over(`sum by (reason) (${increase('sysmon_events_lost_total')})`, '{{reason}}'),
      over(`sum(${increase('sysmon_records_skipped_total')})`, 'records deleted unread'),
    ],
  }).min(0);

export const doubled = () =>
  bars({
    title: 'Doubled and out of order',
    description:
      'Events that arrived again, or after a newer one. They are counted and not applied, so they do no harm.',
    width: 8,
    unit: 'short',
    queries: [
      over(`sum(${increase('sysmon_events_duplicate_total')})`, 'doubled'),
      over(`sum(${increase('sysmon_events_reordered_total')})`, 'out of order'),
    ],
  }).min(0);

export const deadLetters = () =>
  bars({
    title: 'Dead letters by reason',
    description:
      'Records that are no events, kept raw on the dead letter topic. Somebody else writes, or something newer.',
    width: 8,
    unit: 'short',
    queries: [over(orNone(`sum by (reason) (${increase('sysmon_dead_letters_total')})`), '{{reason}}')],
  }).min(0);

export const leastComplete = () =>
  ranking({
    title: 'Nodes that lose most',
    description: "Events lost within the time shown, of each node; the topic's first look at a node counts nothing.",
    width: 8,
    unit: 'short',
    queries: [
      now(
        `topk($top, sum by (cluster, node) (increase(sysmon_node_events_lost_total{${NODES}}[$__range])))`,
        '{{node}}',
      ),
    ],
  })
    .decimals(0)
    .dataLinks([toNodeOfSeries()]);

export const oldest = () =>
  ranking({
    title: 'Nodes not heard for longest',
    description: 'How long ago the last event of the node arrived.',
    width: 8,
    unit: 's',
    queries: [now(`topk($top, min by (cluster, node) (sysmon_node_event_age_seconds{${NODES}}))`, '{{node}}')],
  }).dataLinks([toNodeOfSeries()]);

export const clocks = () =>
  ranking({
    title: 'Clocks that are most wrong',
    description: "How far the node's clock is from the broker's, whichever is ahead.",
    width: 8,
    unit: 's',
    queries: [now(`topk($top, max by (cluster, node) (abs(sysmon_node_clock_skew_seconds{${NODES}})))`, '{{node}}')],
  }).dataLinks([toNodeOfSeries()]);
