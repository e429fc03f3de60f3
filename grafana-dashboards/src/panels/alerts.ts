/** The alerts of all nodes: what fires, what was said, whether both counts agree, what takes longest and what comes most often. */
import { VizOrientation } from '@grafana/grafana-foundation-sdk/common';
import { SEVERITY_COLORS, type Severity } from '../grafana/colors.ts';
import { toNode, toNodeOfSeries, toNodeThen } from '../grafana/links.ts';
import { bars, number, ranking, rowsOf, stream } from '../grafana/panels.ts';
import { logs, logsNow, logsOver, math, now, over, type Query, rows } from '../grafana/queries.ts';
import { LOKI, MIXED } from '../grafana/sources.ts';
import { ABOUT_NODES, ALERT_LOG_HERE, CONSUMERS, NODES } from '../selectors.ts';
import { lifetimesIn, SAID, transitionsIn } from './alert-lines.ts';

/** Without what only shows that alerts arrive: it fires for ever, and has no severity. */
const FIRING = 'state="firing",severity!="none"';

const severityColours = [
  {
    id: 'mappings',
    value: [
      {
        type: 'value',
        options: Object.fromEntries(
          Object.entries(SEVERITY_COLORS).map(([severity, color]) => [severity as Severity, { color }]),
        ),
      },
    ],
  },
  { id: 'custom.cellOptions', value: { type: 'color-text' } },
];

export const firingTable = () =>
  rowsOf({
    title: 'Firing now',
    description: 'Each alert that fires, and how many of it fire on the node. A click on the name opens the node.',
    width: 12,
    queries: [rows(`sum by (cluster, node, alertname, severity) (sysmon_alerts{${FIRING},${NODES}}) > 0`)],
    columns: [
      {
        field: 'node',
        name: 'Node',
        properties: [{ id: 'links', value: [toNode({ cluster: 'Cluster', node: 'Node' }).build()] }],
      },
      { field: 'cluster', name: 'Cluster', width: 110 },
      { field: 'alertname', name: 'Alert' },
      { field: 'severity', name: 'Severity', width: 100, properties: severityColours },
      { field: 'Value', name: 'How many', width: 90, properties: [{ id: 'unit', value: 'short' }] },
    ],
    sortBy: 'How many',
  });

const states = (expr: (state: string) => string, query: (expr: string, legend: string) => Query) =>
  ['firing', 'resolved', 'pending'].map((state) => query(expr(state), state));

/** By the counter; a state that was never reached is none. */
const counted = (state: string, range: string): string =>
  `sum(increase(sysmon_alert_transitions_total{state="${state}",${CONSUMERS}}[${range}])) or 0 * count(sysmon_rules_loaded{${CONSUMERS}})`;

export const countedByCounter = () =>
  bars({
    title: 'Transitions, by the counter',
    description: 'What sysmon_alert_transitions_total says. It counts all nodes, whichever are chosen above.',
    width: 12,
    unit: 'short',
    queries: states((state) => counted(state, '$__rate_interval'), over),
  }).min(0);

export const countedByLog = () =>
  bars({
    title: 'Transitions, by the log',
    description:
      'What the lines in Loki say, of all nodes, whichever are chosen above. A line for many counts as many.',
    width: 12,
    unit: 'short',
    queries: states(
      (state) => `sum(${transitionsIn(`${ALERT_LOG_HERE},state="${state}"`, 'alert!=""', '$__auto')})`,
      logsOver,
    ),
  })
    .datasource(LOKI)
    .min(0);

/**
 * The counter's increase is estimated: Prometheus extends it to the ends of the range, which is a few percent, and misses what a new replica
 * counts before it is scraped for the first time. Counters begin at 0 for every alert that is known, so their first increase is not missed.
 */
export const reconciliation = () =>
  number({
    title: 'Counter and log, over the time shown',
    description:
      'Both counts of all transitions of all nodes, their difference, and how far they may differ: 5 %, since Prometheus estimates at the ends of the range, and 3 for what is not scraped or shipped yet. Beyond it lines are lost on the way to Loki, or counts with a replica that ended.',
    width: 12,
    height: 10,
    unit: 'short',
    queries: [
      now(
        `sum(increase(sysmon_alert_transitions_total{${CONSUMERS}}[$__range])) or 0 * count(sysmon_rules_loaded{${CONSUMERS}})`,
      ),
      logsNow(`sum(${transitionsIn(ALERT_LOG_HERE, 'alert!=""', '$__range')})`),
      math('$A - $B'),
      math('0.05 * $B + 3'),
      math('abs($A - $B) > 0.05 * $B + 3'),
    ],
  })
    .datasource(MIXED)
    .orientation(VizOrientation.Horizontal)
    .decimals(0)
    .overrideByQuery('A', [{ id: 'displayName', value: 'Counter' }])
    .overrideByQuery('B', [{ id: 'displayName', value: 'Log' }])
    .overrideByQuery('C', [{ id: 'displayName', value: 'Difference' }])
    .overrideByQuery('D', [{ id: 'displayName', value: 'Tolerance' }])
    .overrideByQuery('E', [
      { id: 'displayName', value: 'Verdict' },
      {
        id: 'mappings',
        value: [
          {
            type: 'value',
            options: {
              0: { text: 'they agree', color: 'green' },
              1: { text: 'they differ', color: SEVERITY_COLORS.critical },
            },
          },
        ],
      },
    ]);

export const differenceByAlert = () =>
  ranking({
    title: 'Difference by alert',
    description: 'The counter minus the log, of each alert, over the time shown.',
    width: 12,
    height: 10,
    unit: 'short',
    queries: [
      now(
        `sum by (alert) (label_replace(increase(sysmon_alert_transitions_total{${CONSUMERS}}[$__range]), "alert", "$1", "alertname", "(.*)"))`,
      ).hide(true),
      logsNow(`sum by (alert) (${transitionsIn(ALERT_LOG_HERE, 'alert!=""', '$__range')})`).hide(true),
      math('$A - $B'),
    ],
  })
    .datasource(MIXED)
    .displayName('${__field.labels.alert}')
    .decimals(1);

export const alertStream = () =>
  stream({
    title: 'Alert log',
    description:
      'What became pending, firing or resolved, the newest first, each line in the colour of its level. Opened, a line links to its node at its time and to the whole life of the alert.',
    width: 24,
    height: 12,
    queries: [logs(`{${ALERT_LOG_HERE}} | ${ABOUT_NODES} | ${SAID}`)],
  });

export const lineTable = () =>
  rowsOf({
    title: 'Each line, and its node at its time',
    description: 'The newest lines as rows. A click on the name opens the node as it was then.',
    width: 24,
    queries: [logs(`{${ALERT_LOG_HERE}} | ${ABOUT_NODES} | ${SAID}`).maxLines(200)],
    // The labels of a line are one field until they are taken apart.
    before: [{ id: 'extractFields', options: { source: 'labels', format: 'auto', replace: false } }],
    columns: [
      { field: 'Time', name: 'Time', width: 180 },
      {
        field: 'node',
        name: 'Node',
        width: 200,
        properties: [{ id: 'links', value: [toNodeThen({ cluster: 'Cluster', node: 'Node' }).build()] }],
      },
      { field: 'cluster', name: 'Cluster', width: 110 },
      { field: 'alert', name: 'Alert', width: 200 },
      { field: 'state', name: 'State', width: 90 },
      { field: 'severity', name: 'Severity', width: 90, properties: severityColours },
      { field: 'Line', name: 'What' },
    ],
  }).datasource(LOKI);

/** Looks every minute whether it fires. */
const FIRING_SECONDS = `60 * sum_over_time((sysmon_alerts{${FIRING},${NODES}} > bool 0)[$__range:1m])`;

export const longest = () =>
  ranking({
    title: 'The longest',
    description: 'Alerts that fired for the longest time within the time shown, those that still fire among them.',
    width: 12,
    unit: 's',
    queries: [now(`topk($top, sum by (cluster, node, alertname) (${FIRING_SECONDS}))`, '{{alertname}} {{node}}')],
  }).dataLinks([toNodeOfSeries()]);

export const noisiestAlerts = () =>
  ranking({
    title: 'The noisiest alerts',
    description: 'Alerts that began to fire most often within the time shown, on all nodes together.',
    width: 6,
    unit: 'short',
    queries: [
      now(
        `topk($top, sum by (alertname) (increase(sysmon_alert_transitions_total{${FIRING},${CONSUMERS}}[$__range])) > 0)`,
        '{{alertname}}',
      ),
    ],
  }).decimals(0);

export const noisiestNodes = () =>
  ranking({
    title: 'The noisiest nodes',
    description: 'Nodes on which alerts began to fire most often within the time shown.',
    width: 6,
    unit: 'short',
    queries: [
      logsNow(
        `topk($top, sum by (cluster, node) (${transitionsIn(`${ALERT_LOG_HERE},${FIRING}`, `${ABOUT_NODES} | node!=""`, '$__range')}))`,
        '{{node}}',
      ),
    ],
  })
    .datasource(LOKI)
    .decimals(0)
    .dataLinks([toNodeOfSeries()]);

const lifetimes = lifetimesIn(ALERT_LOG_HERE, ABOUT_NODES);

export const timeToResolve = () =>
  number({
    title: 'Time to resolve',
    description: 'From the beginning of an alert that fired to its end, of those that ended within the time shown.',
    width: 12,
    height: 8,
    unit: 's',
    queries: [
      logsNow(`quantile_over_time(0.5, ${lifetimes}) by (event)`, 'half of them'),
      logsNow(`quantile_over_time(0.9, ${lifetimes}) by (event)`, 'nine of ten'),
      logsNow(`max_over_time(${lifetimes}) by (event)`, 'the longest'),
    ],
  }).datasource(LOKI);

export const timeToResolveByAlert = () =>
  ranking({
    title: 'Time to resolve by alert',
    description: 'Of half of the alerts of each name, those that take longest.',
    width: 12,
    unit: 's',
    queries: [logsNow(`topk($top, quantile_over_time(0.5, ${lifetimes}) by (alert))`, '{{alert}}')],
  }).datasource(LOKI);
