/** Queries of panels. Their letters (refId) are given when the dashboard is put together, unless arithmetic names them. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { TypeMathBuilder } from '@grafana/grafana-foundation-sdk/expr';
import * as loki from '@grafana/grafana-foundation-sdk/loki';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import { EXPRESSION, LOKI, PROMETHEUS } from './sources.ts';

export type Query = Builder<Dataquery>;

/** A line for each series, over the time that is shown. @param legend with `{{label}}`. */
export function over(expr: string, legend: string): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder()
    .datasource(PROMETHEUS)
    .editorMode(prometheus.QueryEditorMode.Code)
    .expr(expr)
    .legendFormat(legend)
    .range();
}

/** What is now, a value for each series. */
export function now(expr: string, legend = ''): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder()
    .datasource(PROMETHEUS)
    .editorMode(prometheus.QueryEditorMode.Code)
    .expr(expr)
    .legendFormat(legend)
    .instant();
}

/** The same as rows of a table, a column for each label. */
export function rows(expr: string): prometheus.DataqueryBuilder {
  return now(expr).format(prometheus.PromQueryFormat.Table);
}

/** The buckets of a histogram over time. */
export function buckets(expr: string): prometheus.DataqueryBuilder {
  return over(expr, '{{le}}').format(prometheus.PromQueryFormat.Heatmap);
}

export function logs(expr: string): loki.DataqueryBuilder {
  return logql(expr).queryType(loki.LokiQueryType.Range);
}

/** Numbers from lines, over the time that is shown. */
export function logsOver(expr: string, legend: string): loki.DataqueryBuilder {
  return logql(expr).queryType(loki.LokiQueryType.Range).legendFormat(legend);
}

/** Numbers from lines, one for each series. */
export function logsNow(expr: string, legend = ''): loki.DataqueryBuilder {
  return logql(expr).queryType(loki.LokiQueryType.Instant).legendFormat(legend);
}

/** Arithmetic on other queries of the panel, by their letters. */
export function math(expression: string): TypeMathBuilder {
  return new TypeMathBuilder().datasource(EXPRESSION).expression(expression);
}

function logql(expr: string): loki.DataqueryBuilder {
  return new loki.DataqueryBuilder().datasource(LOKI).editorMode(loki.QueryEditorMode.Code).expr(expr);
}
