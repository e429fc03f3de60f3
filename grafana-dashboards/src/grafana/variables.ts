/** What can be chosen above a dashboard. */
import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PROMETHEUS, SOURCE_VARIABLES } from './sources.ts';

/** Prometheus takes the query's text as it is. */
const CLASSIC = 5;

export const sources = () => [
  new DatasourceVariableBuilder(SOURCE_VARIABLES.prometheus).label('Prometheus data source').type('prometheus'),
  new DatasourceVariableBuilder(SOURCE_VARIABLES.loki).label('Loki data source').type('loki'),
];

/** Nodes that are silent are still among them: `sysmon_node_up` outlives what a node says. */
export const cluster = () => choice('cluster', 'label_values(sysmon_node_up, cluster)');
export const node = () => choice('node', 'label_values(sysmon_node_up{cluster="$cluster"}, node)');
export const clusters = () => choices('cluster', 'label_values(sysmon_node_up, cluster)');
export const nodes = () => choices('node', 'label_values(sysmon_node_up{cluster=~"$cluster"}, node)');

/** Where the pipeline runs: its consumers, their log, and Kafka. Outside of Kubernetes there is none, which all includes. */
export const namespaces = () => choices('namespace', 'label_values(sysmon_partitions_owned, namespace)');

/** How much of the fleet a ranking shows. */
export const top = () =>
  new CustomVariableBuilder('top').label('Top').values('5,10,20').current({ text: '10', value: '10' });

function choice(name: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(capitalized(name))
    .datasource(PROMETHEUS)
    .query({ qryType: CLASSIC, query, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc);
}

/** Several or all. All is anything, also nothing: a line of the log for many nodes names no single one. */
function choices(name: string, query: string): QueryVariableBuilder {
  return choice(name, query)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: ['All'], value: ['$__all'] });
}

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
