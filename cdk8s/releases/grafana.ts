/**
 * Grafana as part of kube-prometheus-stack: dashboards from any namespace in folders by annotation, Loki beside Prometheus, and ways between the two:
 * from an alert's log line to the node's series, its dashboard and the whole life of that alert; from series to what was said about their node.
 *
 * Grafana replaces `$NAME` in provisioning files by its environment: a variable of its own is written `$${name}` there.
 */
import { UIDS } from '../../grafana-dashboards/src/grafana/links.ts';
import { LOKI, MONITORING, PROMETHEUS } from './names.ts';
import { address, type Values } from './release.ts';

/** As kube-prometheus-stack would call its own. */
const PROMETHEUS_UID = 'prometheus';
const LOKI_UID = 'loki';

/** A variable of Grafana's, as it is written in a provisioning file. */
const variable = (name: string): string => `$$\{${name}}`;

/** A JSON field of an alert's line, as a variable for the target of a correlation. */
const fromLine = (field: string): Values => ({
  type: 'regex',
  field: 'Line',
  expression: `"${field}":"([^"]+)"`,
  mapValue: field,
});

/** From a field of a result to a query. (A `type` beside `label` would end Grafana 11 and 12 at start.) */
const correlation = (
  field: string,
  target: string,
  label: string,
  description: string,
  expr: string,
  transformations: Values[] = [],
): Values => ({
  targetUID: target,
  label,
  description,
  config: {
    type: 'query',
    field,
    target: { refId: 'A', expr, ...(target === LOKI_UID ? { queryType: 'range' } : {}) },
    transformations,
  },
});

/** From each line that tells of a node. */
const ofLine = (target: string, label: string, description: string, expr: string): Values =>
  correlation('Line', target, label, description, expr, [fromLine('node')]);

/** From each row of series that are labelled with their node; Grafana has the row's labels as variables. */
const ofSeries = (label: string, description: string, expr: string): Values =>
  correlation('node', LOKI_UID, label, description, expr);

/** In the place of the chart's own, which cannot have correlations. */
const PROMETHEUS_SOURCE: Values = {
  name: 'Prometheus',
  uid: PROMETHEUS_UID,
  type: 'prometheus',
  access: 'proxy',
  isDefault: true,
  url: address(MONITORING, PROMETHEUS),
  // The longest interval at which anything is asked here, so that a rate has samples enough.
  jsonData: { httpMethod: 'POST', timeInterval: '30s' },
  correlations: [
    ofSeries(
      'Alerts of this node',
      'What became pending, firing or resolved on the node of this series',
      `{event="alert"} | node="${variable('node')}"`,
    ),
    ofSeries('Logs of this node', 'What pods on the node of this series wrote', `{node_name="${variable('node')}"}`),
  ],
};

/** Explore with the lines of one alert, as the address of a derived field. */
function exploreLife(): string {
  const expr = '{event="alert"} | alertId="VALUE"';
  const panes = {
    life: {
      datasource: LOKI_UID,
      queries: [
        { refId: 'A', datasource: { type: 'loki', uid: LOKI_UID }, editorMode: 'code', queryType: 'range', expr },
      ],
      range: { from: 'now-24h', to: 'now' },
    },
  };
  const encoded = encodeURIComponent(JSON.stringify(panes)).replace('VALUE', () => variable('__value.raw'));
  return `/explore?schemaVersion=1&orgId=1&panes=${encoded}`;
}

const HOUR_MS = 60 * 60_000;

const LOKI_SOURCE: Values = {
  name: 'Loki',
  uid: LOKI_UID,
  type: 'loki',
  access: 'proxy',
  url: address(MONITORING, LOKI),
  jsonData: {
    derivedFields: [
      {
        name: 'Life of this alert',
        matcherType: 'label',
        matcherRegex: '^alertId$',
        url: exploreLife(),
        urlDisplayLabel: 'pending, firing, resolved',
      },
      {
        name: 'This node then',
        matcherType: 'label',
        matcherRegex: '^node$',
        url: `/d/${UIDS.node}?var-node=${variable('__value.raw')}&time=${variable('__value.time')}&time.window=${HOUR_MS}`,
        urlDisplayLabel: 'dashboard of the node, an hour around it',
      },
    ],
  },
  correlations: [
    ofLine(
      PROMETHEUS_UID,
      'Load of this node',
      'What the node of this line did around it',
      `node_load1{job="node-exporter",instance="${variable('node')}"}`,
    ),
    ofLine(
      PROMETHEUS_UID,
      'Busy CPU of this node',
      'The share of time in which its CPUs worked',
      `1 - avg(rate(node_cpu_seconds_total{job="node-exporter",mode="idle",instance="${variable('node')}"}[5m]))`,
    ),
    ofLine(
      LOKI_UID,
      'Other alerts of this node',
      'Everything that was wrong with the node around this line',
      `{event="alert"} | node="${variable('node')}"`,
    ),
  ],
};

export const GRAFANA: Values = {
  // A random password in the secret kube-prometheus-stack-grafana: the chart keeps it through upgrades.
  defaultDashboardsTimezone: 'browser',
  testFramework: { enabled: false },
  'grafana.ini': {
    analytics: { reporting_enabled: false, check_for_updates: false, check_for_plugin_updates: false },
  },
  sidecar: {
    dashboards: {
      searchNamespace: 'ALL',
      // Both are needed for the annotation to mean a folder.
      folderAnnotation: 'grafana_folder',
      provider: { foldersFromFilesStructure: true },
    },
    datasources: { searchNamespace: 'ALL', defaultDatasourceEnabled: false },
  },
  additionalDataSources: [PROMETHEUS_SOURCE, LOKI_SOURCE],
  resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '768Mi' } },
};
