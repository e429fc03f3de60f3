/** The kinds of panels, as all dashboards draw them. Each has a title, a sentence that says what is seen, and a width of 24. */
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import * as common from '@grafana/grafana-foundation-sdk/common';
import type { DataTransformerConfig, DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as logs from '@grafana/grafana-foundation-sdk/logs';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type { Query } from './queries.ts';
import { LOKI, PROMETHEUS } from './sources.ts';

interface Panel {
  readonly title: string;
  readonly description: string;
  /** Of the 24 columns of the grid. */
  readonly width: number;
  readonly height?: number;
  readonly queries: readonly Query[];
}

interface WithUnit extends Panel {
  /** As Grafana names it: `percentunit`, `bytes`, `Bps`, `s`, `short` for plain numbers. */
  readonly unit: string;
}

/** What all kinds can be told. */
interface Builder<Kind> {
  title(title: string): Kind;
  description(description: string): Kind;
  datasource(source: typeof PROMETHEUS): Kind;
  span(columns: number): Kind;
  height(rows: number): Kind;
  targets(queries: Query[]): Kind;
}

/** What every panel has. @param usual the height of its kind. */
function framed<Kind extends Builder<Kind>>(builder: Kind, panel: Panel, usual = 8, source = PROMETHEUS): Kind {
  const { title, description, width, height = usual, queries } = panel;
  return builder
    .title(title)
    .description(description)
    .datasource(source)
    .span(width)
    .height(height)
    .targets([...queries]);
}

export function timeSeries(panel: WithUnit) {
  return framed(new timeseries.PanelBuilder(), panel)
    .unit(panel.unit)
    .lineWidth(1)
    .fillOpacity(10)
    .showPoints(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .calcs([]),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
}

/** Parts of a whole, one on the other. */
export function stacked(panel: WithUnit) {
  return timeSeries(panel)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'))
    .fillOpacity(60)
    .lineWidth(0);
}

/** Counts in steps, one on the other. */
export function bars(panel: WithUnit) {
  return stacked(panel).drawStyle(common.GraphDrawStyle.Bars);
}

/** One number, or one for each series. */
export function number(panel: WithUnit) {
  return framed(new stat.PanelBuilder(), panel, 4)
    .unit(panel.unit)
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false));
}

/** A bar for each series, the longest first if the query says so. */
export function ranking(panel: WithUnit) {
  return framed(new bargauge.PanelBuilder(), panel)
    .unit(panel.unit)
    .min(0)
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .valueMode(common.BarGaugeValueMode.Text)
    .namePlacement(common.BarGaugeNamePlacement.Left)
    .showUnfilled(false)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false));
}

/** How many there are of each size, over time: rows are the sizes, the darker the more. */
export function heat(panel: WithUnit) {
  return framed(new heatmap.PanelBuilder(), panel)
    .unit(panel.unit)
    .calculate(false)
    .cellGap(1)
    .color(
      new heatmap.HeatmapColorOptionsBuilder()
        .mode(heatmap.HeatmapColorMode.Scheme)
        .scheme('Blues')
        .scale(heatmap.HeatmapColorScale.Exponential)
        .exponent(0.5)
        .steps(64),
    )
    .filterValues(new heatmap.FilterValueRangeBuilder().le(1e-9))
    .cellValues(new heatmap.CellValuesBuilder().unit('short').decimals(0))
    .yAxis(new heatmap.YAxisConfigBuilder().unit(panel.unit).axisPlacement(common.AxisPlacement.Left))
    .showLegend()
    .tooltip(new heatmap.HeatmapTooltipBuilder().mode(common.TooltipDisplayMode.Single).showColorScale(true));
}

/** A column of a table: the query's letter or label that it shows, and how. */
export interface Column {
  /** A label, or `Value #A`. */
  readonly field: string;
  readonly name: string;
  readonly width?: number;
  readonly properties?: readonly DynamicConfigValue[];
}

interface Table extends Panel {
  readonly columns: readonly Column[];
  /** What makes the fields of the columns, where the query does not. */
  readonly before?: readonly DataTransformerConfig[];
  /** The column that rows are sorted by, the largest first. */
  readonly sortBy?: string;
}

/** Rows of several queries that agree in all labels become one; what is no column is left out. */
export function rowsOf(panel: Table) {
  const { columns, before = [], sortBy } = panel;
  const built = framed(new table.PanelBuilder(), panel, 10)
    .cellHeight(common.TableCellHeight.Sm)
    .showHeader(true)
    .transformations([...before])
    // Rows agree in what is left, so the time goes first.
    .withTransformation({
      id: 'filterFieldsByName',
      options: { include: { names: columns.map(({ field }) => field) } },
    })
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: {},
        includeByName: {},
        indexByName: Object.fromEntries(columns.map(({ field }, index) => [field, index])),
        renameByName: Object.fromEntries(columns.map(({ field, name }) => [field, name])),
      },
    });
  if (sortBy !== undefined) {
    built.sortBy([new common.TableSortByFieldStateBuilder().displayName(sortBy).desc(true)]);
  }
  for (const { name, width: pixels, properties = [] } of columns) {
    const own = [...(pixels === undefined ? [] : [{ id: 'custom.width', value: pixels }]), ...properties];
    if (own.length > 0) built.overrideByName(name, own);
  }
  return built;
}

/** Lines, the newest first, each with the colour of its level. */
export function stream(panel: Panel) {
  return framed(new logs.PanelBuilder(), panel, 10, LOKI)
    .showTime(true)
    .showLabels(false)
    .showCommonLabels(false)
    .wrapLogMessage(true)
    .prettifyLogMessage(false)
    .enableLogDetails(true)
    .dedupStrategy(common.LogsDedupStrategy.None)
    .sortOrder(common.LogsSortOrder.Descending);
}
