/** Operations that read: what an event has of a metric, and which of that a selector takes. */
import type { Metric } from '#contract/metrics.ts';
import { labelOf } from '../labels.ts';
import { LOOKBACK_MS, type Matcher, type Selector } from '../promql/ast.ts';
import { VectorOperation } from './operation.ts';
import { Derivation, type Part, PartOfShape, type Shape } from './shape.ts';
import type { Source, Table } from './table.ts';

/**
 * All series of a metric in the last event; none when that was too long ago.
 *
 * @param index among the metrics that rules read
 * @param plain the shape of a metric without labels
 */
export function readMetric({ name, labels }: Metric, index: number, plain: Shape): VectorOperation {
  return new VectorOperation({
    cost: labels.length === 0 ? 1 : 8,
    nameAt: () => name,
    sampledMs: ({ node }) => node.heardMs,
    run(into, { node, timeMs }) {
      const series = timeMs - node.heardMs < LOOKBACK_MS ? node.metrics[name] : undefined;
      if (series === undefined) into.takeNone();
      else if (typeof series === 'number') into.take(plain)[0] = series;
      else {
        const known = node.layouts[index];
        if (known?.count === series.length && known.read(series, into.take(known))) return;
        const layout = node.changeLayout(index, labels, series);
        layout.read(series, into.take(layout));
      }
    },
  });
}

/** Those series of a metric that some selector wants. */
export function select(of: VectorOperation, selectors: readonly Selector[]): VectorOperation {
  const parts = new Derivation((shape) => partOf(shape, selectors));
  const always = selectors.some(({ nodeMatchers }) => nodeMatchers.length === 0);
  return new VectorOperation({
    cost: of.cost,
    nameAt: of.nameAt,
    sampledMs: of.sampledMs,
    run(into, moment) {
      if (!always && !moment.node.isSelectedByAny(selectors)) {
        into.takeNone();
        return;
      }
      of.prepare(moment);
      const { shape, rows } = parts.of(of.shape);
      if (rows === undefined) {
        into.share(shape, of.values);
        return;
      }
      const from = of.values;
      const values = into.take(shape);
      for (let i = 0; i < rows.length; i++) values[i] = from[rows[i] as number] as number;
    },
  });
}

/** What a selector was so long before the moment: the last sample within the look-back, if the series was in that event. */
export function selectPast(selector: Selector, source: Source): VectorOperation {
  const parts = new Derivation((shape) => partOf(shape, [selector]));
  let sampledMs = 0;
  return new VectorOperation({
    cost: 4,
    nameAt: () => selector.metric.name,
    sampledMs: () => sampledMs,
    run(into, { node, timeMs }) {
      into.takeNone();
      if (!node.isSelectedBy(selector)) return;
      const table = node.tables[source.table.index] as Table;
      const { columns } = table;
      const at = timeMs - selector.offsetMs;
      const index = columns.indexAfter(at) - 1;
      if (index < 0 || columns.timeAt(index) <= at - LOOKBACK_MS) return;
      sampledMs = columns.timeAt(index);
      const place = table.placeOf(source);
      const { shape, rows } = parts.of(place.shape);
      const values = into.take(shape);
      const from = columns.at(index) + 1 + place.base;
      for (let i = 0; i < shape.count; i++) {
        values[i] = columns.data[from + (rows === undefined ? i : (rows[i] as number))] as number;
      }
    },
  });
}

/** The series that any of the selectors takes, as far as their own labels decide. */
export function partOf(shape: Shape, selectors: readonly Pick<Selector, 'matchers'>[]): Part {
  if (selectors.some(({ matchers }) => matchers.length === 0)) return { shape, rows: undefined };
  const rows: number[] = [];
  for (let row = 0; row < shape.count; row++) {
    const labels = shape.labelsAt(row);
    const matches = ({ label, matches }: Matcher) => matches(labelOf(labels, label));
    if (selectors.some(({ matchers }) => matchers.every(matches))) rows.push(row);
  }
  if (rows.length === shape.count) return { shape, rows: undefined };
  const list = Int32Array.from(rows);
  return { shape: new PartOfShape(shape, list), rows: list };
}
