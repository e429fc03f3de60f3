/**
 * All nodes at once. Nothing here draws a line for each node: a table of the moment, counts of nodes by how much they do, the middle and the
 * worst of all, and rankings of a few.
 */
import {
  BarGaugeDisplayMode,
  TableCellBackgroundDisplayMode,
  TableCellDisplayMode,
} from '@grafana/grafana-foundation-sdk/common';
import { badFrom, GOOD, SEVERITIES, SEVERITY_COLORS, type Severity, worseFrom } from '../grafana/colors.ts';
import { toNode, toNodeOfSeries } from '../grafana/links.ts';
import { bars, heat, number, ranking, rowsOf, timeSeries } from '../grafana/panels.ts';
import { now, over, rows } from '../grafana/queries.ts';
import { NETWORK_CARDS, NODES, orNone, REAL_FILESYSTEMS } from '../selectors.ts';
import { inSeverityColors } from './alert-lines.ts';

const perNode = (aggregate: string, expr: string): string => `${aggregate} by (cluster, node) (${expr})`;
const rate = (series: string, matchers = ''): string => `rate(${series}{${matchers}${NODES}}[$__rate_interval])`;

const UP = perNode('max', `sysmon_node_up{${NODES}}`);
/** Waiting for a disk is idle time, too. The CPUs of a node become one first: that is the smaller sum. */
const CPU = `1 - ${perNode('sum', `avg by (cluster, node, mode) (${rate('node_cpu_seconds_total', 'mode=~"idle|iowait",')})`)}`;
const MEMORY = perNode('max', `1 - node_memory_MemAvailable_bytes{${NODES}} / node_memory_MemTotal_bytes{${NODES}}`);
const filesystem = (name: string) => `node_filesystem_${name}{${REAL_FILESYSTEMS},${NODES}}`;
/** One that is mounted read-only, such as an image, is full for ever. */
const DISK = perNode(
  'max',
  `1 - ${filesystem('avail_bytes')} / ${filesystem('size_bytes')} unless ${filesystem('readonly')} == 1`,
);
const network = (name: string) =>
  perNode('sum', `8 * ${rate(`node_network_${name}_bytes_total`, `${NETWORK_CARDS},`)}`);
const waiting = (what: string): string => perNode('max', rate(`node_pressure_${what}_waiting_seconds_total`));
const firing = (severity: Severity): string =>
  perNode('sum', `sysmon_alerts{state="firing",severity="${severity}",${NODES}}`);
const orZero = (expr: string): string => `(${expr} or 0 * ${UP})`;

/** The largest of several figures of each node; one that is unknown counts for nothing. */
const largest = (...each: readonly string[]): string =>
  `max by (cluster, node) (${each.map((expr, index) => `label_replace(${expr}, "what", "${index}", "", "")`).join(' or ')})`;
const PSI = largest(waiting('cpu'), waiting('memory'), waiting('io'));

/**
 * What comes first: silence (300), then critical alerts (from 200), then warnings (from 50), more of them before fewer; then the
 * share of whatever is nearest to its end.
 */
const TROUBLE = [
  `300 * (1 - ${UP})`,
  `200 * (${orZero(firing('critical'))} > bool 0) + 10 * clamp_max(${orZero(firing('critical'))}, 9)`,
  `50 * (${orZero(firing('warning'))} > bool 0) + clamp_max(${orZero(firing('warning'))}, 9)`,
  `(${largest(CPU, MEMORY, DISK, PSI)} or 0 * ${UP})`,
].join(' + ');

export const nodeTable = () => {
  const gauge = (warning: number, critical: number) => [
    { id: 'unit', value: 'percentunit' },
    { id: 'min', value: 0 },
    { id: 'max', value: 1 },
    { id: 'decimals', value: 0 },
    { id: 'thresholds', value: worseFrom(warning, critical).build() },
    { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.Gauge, mode: BarGaugeDisplayMode.Basic } },
  ];
  const unit = (value: string) => [{ id: 'unit', value }];
  const coloured = [
    {
      id: 'custom.cellOptions',
      value: { type: TableCellDisplayMode.ColorBackground, mode: TableCellBackgroundDisplayMode.Basic },
    },
  ];
  const alerts = (severity: Severity) => [
    { id: 'thresholds', value: badFrom(1, SEVERITY_COLORS[severity]).build() },
    { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } },
    { id: 'unit', value: 'short' },
  ];
  const status = [
    {
      id: 'mappings',
      value: [
        {
          type: 'value',
          options: { 0: { text: 'silent', color: SEVERITY_COLORS.critical }, 1: { text: 'up', color: GOOD } },
        },
      ],
    },
    ...coloured,
  ];
  const link = [{ id: 'links', value: [toNode({ cluster: 'Cluster', node: 'Node' }).build()] }];
  return rowsOf({
    title: 'Nodes, the worst first',
    description:
      'A row for each node. First those that are silent, then by critical alerts, by warnings, by what is nearest to its end. A silent node shows what is still known. A click on the name opens the node.',
    width: 24,
    height: 14,
    queries: [
      rows(UP),
      rows(CPU),
      rows(MEMORY),
      rows(DISK),
      rows(network('receive')),
      rows(network('transmit')),
      rows(PSI),
      rows(orZero(firing('critical'))),
      rows(orZero(firing('warning'))),
      rows(TROUBLE),
    ],
    columns: [
      { field: 'node', name: 'Node', width: 200, properties: link },
      { field: 'cluster', name: 'Cluster', width: 110 },
      { field: 'Value #A', name: 'Status', width: 80, properties: status },
      { field: 'Value #B', name: 'CPU', properties: gauge(0.8, 0.95) },
      { field: 'Value #C', name: 'Memory', properties: gauge(0.85, 0.95) },
      { field: 'Value #D', name: 'Fullest disk', properties: gauge(0.9, 0.97) },
      { field: 'Value #E', name: 'Net in', width: 100, properties: unit('bps') },
      { field: 'Value #F', name: 'Net out', width: 100, properties: unit('bps') },
      { field: 'Value #G', name: 'Waiting (PSI)', properties: gauge(0.3, 0.6) },
      { field: 'Value #H', name: 'Critical', width: 80, properties: alerts('critical') },
      { field: 'Value #I', name: 'Warning', width: 80, properties: alerts('warning') },
      { field: 'Value #J', name: 'Trouble', width: 80, properties: [{ id: 'decimals', value: 1 }, ...unit('short')] },
    ],
    sortBy: 'Trouble',
  });
};

export const nodesUp = () =>
  number({
    title: 'Nodes up',
    description: 'Nodes that were heard within three of their intervals.',
    width: 4,
    unit: 'short',
    queries: [now(`sum(${UP})`)],
  });

export const nodesSilent = () =>
  number({
    title: 'Nodes silent',
    description: 'Nodes that are known and were not heard for three of their intervals.',
    width: 4,
    unit: 'short',
    queries: [now(`count(${UP}) - sum(${UP})`)],
  }).thresholds(badFrom(1));

export const firingNow = (severity: Severity) =>
  number({
    title: `Firing: ${severity}`,
    description: `Alerts of severity ${severity} that fire now.`,
    width: 4,
    unit: 'short',
    queries: [now(orNone(`sum(sysmon_alerts{state="firing",severity="${severity}",${NODES}})`, NODES))],
  }).thresholds(badFrom(1, SEVERITY_COLORS[severity]));

export const pendingNow = () =>
  number({
    title: 'Pending',
    description: 'Alerts whose condition holds, for less long than it has to.',
    width: 4,
    unit: 'short',
    queries: [now(orNone(`sum(sysmon_alerts{state="pending",${NODES}})`, NODES))],
  });

export const alertsOverTime = () =>
  inSeverityColors(
    bars({
      title: 'Alerts that fire, by severity',
      description: 'How many fire at a time, of all the nodes that are chosen.',
      width: 24,
      height: 6,
      unit: 'short',
      queries: SEVERITIES.map((severity) =>
        over(orNone(`sum(sysmon_alerts{state="firing",severity="${severity}",${NODES}})`, NODES), severity),
      ),
    })
      .min(0)
      .decimals(0),
  );

/**
 * Nodes by tenths of a share. `count_values` counts what is equal, so that Prometheus answers ten series and not one for each node; a
 * tenth that no node is in is none, so that each has its row.
 */
function byTenths(share: string): string {
  const tenth = `clamp(floor(10 * (${share})) * 10, 0, 90)`;
  const none = Array.from({ length: 10 }, (_, index) => `label_replace(vector(0), "from", "${index * 10}", "", "")`);
  return `count_values("from", ${tenth}) or on (from) (${none.join(' or ')})`;
}

/**
 * What is drawn over time is worked out anew for each CPU of each node and each point: with 1,000 nodes a point of the CPU's heat cost
 * Prometheus 50 ms. So there are fewer points than pixels.
 */
const POINTS = 30;

const heatOf = (title: string, what: string, share: string) =>
  heat({
    title,
    description: `How many nodes ${what}, in steps of ten percent, over time. A dark row on top is a fleet at its end.`,
    width: 8,
    unit: 'short',
    queries: [over(byTenths(share), '{{from}} %')],
  }).maxDataPoints(POINTS);

export const heatOfCpu = () => heatOf('Heat: CPU', 'keep their CPUs how busy', CPU);
export const heatOfMemory = () => heatOf('Heat: memory', 'have used how much of their memory', MEMORY);
export const heatOfPressure = () => heatOf('Heat: waiting (PSI)', 'let tasks wait for how much of the time', PSI);

const spreadOf = (title: string, what: string, share: string) =>
  timeSeries({
    title,
    description: `${what}: of the node in the middle, and of the worst.`,
    width: 6,
    unit: 'percentunit',
    queries: [over(`max(${share})`, 'worst'), over(`quantile(0.5, ${share})`, 'median')],
  })
    .maxDataPoints(POINTS)
    .min(0)
    .max(1);

export const spreadOfCpu = () => spreadOf('CPU', 'Share of busy CPU time', CPU);
export const spreadOfMemory = () => spreadOf('Memory', 'Share of memory used', MEMORY);
export const spreadOfDisks = () => spreadOf('Fullest disk', 'Share used of the fullest file system', DISK);
export const spreadOfPressure = () => spreadOf('Waiting (PSI)', 'Share of time in which tasks waited', PSI);

const rankingOf = (title: string, description: string, expr: string, unit: string) =>
  ranking({
    title,
    description,
    width: 6,
    unit,
    queries: [now(`topk($top, ${expr})`, '{{node}}')],
  }).dataLinks([toNodeOfSeries()]);

export const topCpu = () =>
  rankingOf('Most CPU', 'The nodes whose CPUs are busiest now.', CPU, 'percentunit')
    .max(1)
    .thresholds(worseFrom(0.8, 0.95));
export const topMemory = () =>
  rankingOf('Most memory', 'The nodes that have used most of their memory.', MEMORY, 'percentunit')
    .max(1)
    .thresholds(worseFrom(0.85, 0.95));
export const topDisk = () =>
  rankingOf('Fullest disks', 'The nodes with the fullest file systems.', DISK, 'percentunit')
    .max(1)
    .thresholds(worseFrom(0.9, 0.97));
export const topNetwork = () =>
  rankingOf(
    'Most network traffic',
    'The nodes that receive and send most.',
    `(${network('receive')} + ${network('transmit')})`,
    'bps',
  );
