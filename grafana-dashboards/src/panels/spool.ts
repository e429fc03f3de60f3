/** What waits on the nodes, as their producers say. */
import { BarGaugeDisplayMode, TableCellDisplayMode } from '@grafana/grafana-foundation-sdk/common';
import { SEVERITY_COLORS, worseFrom } from '../grafana/colors.ts';
import { toNode } from '../grafana/links.ts';
import { bars, rowsOf, timeSeries } from '../grafana/panels.ts';
import { over, rows } from '../grafana/queries.ts';
import { NODES } from '../selectors.ts';

const perNode = (aggregate: string, expr: string) => `${aggregate} by (cluster, node) (${expr})`;
const producer = (name: string) => `sysmon_producer_${name}{${NODES}}`;

export const spoolTable = () => {
  const unit = (value: string) => [{ id: 'unit', value }];
  const gauge = [
    ...unit('percentunit'),
    { id: 'min', value: 0 },
    { id: 'max', value: 1 },
    { id: 'thresholds', value: worseFrom(0.5, 0.7).build() },
    { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.Gauge, mode: BarGaugeDisplayMode.Basic } },
  ];
  const disk = [
    {
      id: 'mappings',
      value: [
        {
          type: 'value',
          options: { 0: { text: 'memory alone', color: SEVERITY_COLORS.warning }, 1: { text: 'disk' } },
        },
      ],
    },
  ];
  return rowsOf({
    title: 'Spool of each node, the fullest first',
    description:
      'Events that wait to be published, how much of the room they take, how long the oldest has waited, and how many were given up within the time shown.',
    width: 24,
    queries: [
      rows(perNode('sum', producer('spool_events'))),
      rows(perNode('max', `${producer('spool_bytes')} / ${producer('spool_max_bytes')}`)),
      rows(perNode('max', `${producer('spool_oldest_seconds')}`)),
      rows(perNode('max', `${producer('spool_oldest_seconds')} / ${producer('spool_max_age_seconds')}`)),
      rows(perNode('sum', `increase(${producer('events_dropped_total')}[$__range])`)),
      rows(perNode('min', producer('spool_disk_ok'))),
    ],
    columns: [
      {
        field: 'node',
        name: 'Node',
        width: 220,
        properties: [{ id: 'links', value: [toNode({ cluster: 'Cluster', node: 'Node' }).build()] }],
      },
      { field: 'cluster', name: 'Cluster', width: 120 },
      { field: 'Value #A', name: 'Events', width: 100, properties: unit('short') },
      { field: 'Value #B', name: 'Room taken', properties: gauge },
      { field: 'Value #C', name: 'Oldest', width: 100, properties: unit('s') },
      { field: 'Value #D', name: 'Of the longest wait', properties: gauge },
      { field: 'Value #E', name: 'Given up', width: 100, properties: [{ id: 'decimals', value: 0 }, ...unit('short')] },
      { field: 'Value #F', name: 'Kept on', width: 130, properties: disk },
    ],
    sortBy: 'Room taken',
  });
};

export const published = () =>
  timeSeries({
    title: 'Published, and not',
    description:
      'Events per second that Kafka has taken, and attempts that failed, of all producers. What failed is tried again.',
    width: 12,
    unit: 'ops',
    queries: [
      over(`sum(rate(${producer('events_published_total')}[$__rate_interval]))`, 'published'),
      over(`sum by (code) (rate(${producer('publish_failures_total')}[$__rate_interval]))`, 'failed: {{code}}'),
    ],
  }).min(0);

export const givenUp = () =>
  bars({
    title: 'Given up by producers',
    description:
      'Events that will never reach Kafka: no room, too old, damaged, refused, or left when the process stopped.',
    width: 12,
    unit: 'short',
    queries: [
      over(`sum by (reason) (increase(${producer('events_dropped_total')}[$__rate_interval]))`, '{{reason}}'),
      over(`sum(increase(${producer('events_quarantined_total')}[$__rate_interval]))`, 'refused, kept raw'),
    ],
  }).min(0);

export const measuring = () =>
  timeSeries({
    title: 'Measurements skipped',
    description: 'Times at which a node should have been measured and was not, of all; the worst ten.',
    width: 12,
    unit: 'percentunit',
    queries: [
      over(
        `topk(10, rate(${producer('ticks_skipped_total')}[$__rate_interval]) / (rate(${producer('ticks_total')}[$__rate_interval]) + rate(${producer('ticks_skipped_total')}[$__rate_interval])))`,
        '{{node}}',
      ),
    ],
  }).min(0);

export const hostViews = () =>
  timeSeries({
    title: 'Views that are not the host’s',
    description:
      'Aspects that a producer cannot prove to be of its host, so that it publishes nothing of them; how many nodes.',
    width: 12,
    unit: 'short',
    queries: [
      over(
        `count by (aspect) (sysmon_host_view_ok{${NODES}} == 0) or sum by (aspect) (0 * sysmon_host_view_ok{${NODES}})`,
        '{{aspect}}',
      ),
    ],
  }).min(0);
