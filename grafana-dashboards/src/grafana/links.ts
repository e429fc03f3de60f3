/**
 * Ways from one view to another. A dashboard can be opened around a moment (`time`, `time.window`); Explore cannot, so it opens twice, side by
 * side: what was before the moment, the newest first, and what came after, the oldest first.
 *
 * A link's text is completed by Grafana, which escapes what it fills in: `${node}` and the like stay as they are.
 */
import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';
import { SOURCE_VARIABLES } from './sources.ts';

export const UIDS = {
  fleet: 'sysmon-fleet',
  node: 'sysmon-node',
  alerts: 'sysmon-alerts',
  pipeline: 'sysmon-pipeline',
} as const;

const WINDOW_MS = 30 * 60_000;
const SOURCES = Object.values(SOURCE_VARIABLES).map((name) => `\${${name}:queryparam}`);
/** Of the point that was clicked. */
const MOMENT = `time=\${__value.time}&time.window=${WINDOW_MS}`;

export function link(title: string, url: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(url).targetBlank(false);
}

const dashboard = (uid: string, ...parameters: readonly string[]): string =>
  `/d/${uid}?${[...SOURCES, ...parameters].join('&')}`;

/** From a row of a table to the node that it names, at the time that is shown. @param columns as the table calls them. */
export const toNode = (columns: { readonly cluster: string; readonly node: string }): DashboardLinkBuilder =>
  link('This node', dashboard(UIDS.node, ...ofRow(columns), '${__url_time_range}'));

/** The same around the time in a column of the row. */
export const toNodeThen = (columns: { readonly cluster: string; readonly node: string }): DashboardLinkBuilder =>
  link('This node at that time', dashboard(UIDS.node, ...ofRow(columns), MOMENT));

const ofRow = ({ cluster, node }: { readonly cluster: string; readonly node: string }) => [
  `var-cluster=\${__data.fields["${cluster}"]}`,
  `var-node=\${__data.fields["${node}"]}`,
];

/** From a series that is labelled with its node. */
export const toNodeOfSeries = (): DashboardLinkBuilder =>
  link(
    'This node',
    dashboard(
      UIDS.node,
      'var-cluster=${__field.labels.cluster}',
      'var-node=${__field.labels.node}',
      '${__url_time_range}',
    ),
  );

/** From a point of a node's panel to what was said about the node around it. */
export const aroundThePoint = (): readonly DashboardLinkBuilder[] => [
  link('Logs of this node, before and after', logsAround()),
  link('Alerts of this node around it', dashboard(UIDS.alerts, '${cluster:queryparam}', '${node:queryparam}', MOMENT)),
];

/** The alert log about the node, and what its pods wrote. */
const LOGS_OF_NODE = ['{event="alert"} | cluster="${cluster}" | node="${node}"', '{node_name="${node}"}'];

function logsAround(): string {
  const source = `\${${SOURCE_VARIABLES.loki}}`;
  const pane = (from: string, to: string, direction: 'backward' | 'forward') => ({
    datasource: source,
    queries: LOGS_OF_NODE.map((expr, index) => ({
      refId: 'AB'[index],
      datasource: { type: 'loki', uid: source },
      editorMode: 'code',
      queryType: 'range',
      direction,
      expr,
    })),
    range: { from, to },
  });
  const moment = '${__value.time}';
  const panes = { before: pane('${__from}', moment, 'backward'), after: pane(moment, '${__to}', 'forward') };
  return `/explore?schemaVersion=1&orgId=1&panes=${encoded(JSON.stringify(panes))}`;
}

/** As an address has it, but for the variables. */
const encoded = (text: string): string =>
  text
    .split(/(\$\{[^}]+\})/)
    .map((part, index) => (index % 2 === 1 ? part : encodeURIComponent(part)))
    .join('');

/** The others, above each dashboard. */
export const toDashboards = (own: keyof typeof UIDS): readonly DashboardLinkBuilder[] =>
  (Object.keys(UIDS) as (keyof typeof UIDS)[])
    .filter((name) => name !== own)
    .map((name) =>
      link(name[0]?.toUpperCase() + name.slice(1), `/d/${UIDS[name]}?${SOURCES.join('&')}`).keepTime(true),
    );
