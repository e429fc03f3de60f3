/** Where queries go, as variables of each dashboard: whoever imports it chooses, and nothing in it names a server. */
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';

/** Names as Grafana's dashboard linter wants them. */
export const SOURCE_VARIABLES = { prometheus: 'prometheus_datasource', loki: 'loki_datasource' } as const;

export const PROMETHEUS = { type: 'prometheus', uid: `\${${SOURCE_VARIABLES.prometheus}}` } satisfies DataSourceRef;
export const LOKI = { type: 'loki', uid: `\${${SOURCE_VARIABLES.loki}}` } satisfies DataSourceRef;

/** Each query of the panel names its own. */
export const MIXED = { type: 'datasource', uid: '-- Mixed --' } satisfies DataSourceRef;
/** Grafana's own arithmetic on the results of other queries. */
export const EXPRESSION = { type: '__expr__', uid: '__expr__' } satisfies DataSourceRef;
