/**
 * Grafana as part of kube-prometheus-stack: dashboards from any namespace in folders by annotation, Loki beside Prometheus, and ways from an alert's
 * log line to the node's series and to the whole life of that alert.
 *
 * Grafana replaces `$NAME` in provisioning files by its environment: a variable of its own is written `$${name}` there.
 */
import { LOKI, MONITORING } from './names.ts';
import { address, type Values } from './release.ts';

/** The data source that kube-prometheus-stack itself provisions. */
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

/** A link from each line that has the fields to a query. (A `type` beside `label` would end Grafana 11 and 12 at start.) */
const correlation = (
  target: string,
  label: string,
  description: string,
  expr: string,
  ...fields: string[]
): Values => ({
  targetUID: target,
  label,
  description,
  config: {
    type: 'query',
    field: 'Line',
    target: { refId: 'A', expr, ...(target === LOKI_UID ? { queryType: 'range' } : {}) },
    transformations: fields.map(fromLine),
  },
});

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
    ],
  },
  correlations: [
    correlation(
      PROMETHEUS_UID,
      'Load of this node',
      'What the node of this line did around it',
      `node_load1{job="node-exporter",instance="${variable('node')}"}`,
      'node',
    ),
    correlation(
      PROMETHEUS_UID,
      'Busy CPU of this node',
      'The share of time in which its CPUs worked',
      `1 - avg(rate(node_cpu_seconds_total{job="node-exporter",mode="idle",instance="${variable('node')}"}[5m]))`,
      'node',
    ),
    correlation(
      LOKI_UID,
      'Other alerts of this node',
      'Everything that was wrong with the node around this line',
      `{event="alert"} | node="${variable('node')}"`,
      'node',
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
    datasources: { searchNamespace: 'ALL' },
  },
  additionalDataSources: [LOKI_SOURCE],
  resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '768Mi' } },
};
