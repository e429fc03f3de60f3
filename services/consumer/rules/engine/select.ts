/** Operations that read: what an event has of a metric, and which of that a selector takes. */
import type { Row } from '#contract/event.ts';
import type { Metric } from '#contract/metrics.ts';
import { labelOf } from '../labels.ts';
import { LOOKBACK_MS, type Matcher, type Selector } from '../promql/ast.ts';
import { type Moment, VectorOperation } from './operation.ts';
import { Derivation, type Layout, PartOfShape, type Shape } from './shape.ts';
import type { Source } from './table.ts';

/** All series of a metric in the last event; none when that was too long ago. */
export class MetricOperation extends VectorOperation {
  readonly metric: Metric;
  readonly cost: number;
  readonly #index: number;
  readonly #plain: Shape;

  /**
   * @param index among the metrics that rules read
   * @param plain the shape of a metric without labels
   */
  constructor(metric: Metric, index: number, plain: Shape) {
    super();
    this.metric = metric;
    this.#index = index;
    this.#plain = plain;
    this.cost = metric.labels.length === 0 ? 1 : 8;
  }

  override nameAt(): string {
    return this.metric.name;
  }

  protected run({ node, timeMs }: Moment): void {
    const series = timeMs - node.heardMs < LOOKBACK_MS ? node.metrics[this.metric.name] : undefined;
    if (series === undefined) this.takeNone();
    else if (typeof series === 'number') this.take(this.#plain)[0] = series;
    else this.#takeRows(series, node.layouts[this.#index], node);
  }

  #takeRows(rows: readonly Row[], known: Layout | undefined, node: Moment['node']): void {
    if (known !== undefined && rows.length === known.count && known.read(rows, this.take(known))) return;
    const layout = node.changeLayout(this.#index, this.metric.labels, rows);
    layout.read(rows, this.take(layout));
  }
}

/** Those series of a metric that some selector wants. */
export class SelectOperation extends VectorOperation {
  readonly cost: number;
  readonly #of: MetricOperation;
  readonly #selectors: readonly Selector[];
  readonly #part: Derivation<Part>;

  constructor(of: MetricOperation, selectors: readonly Selector[]) {
    super();
    this.#of = of;
    this.#selectors = selectors;
    this.#part = new Derivation((shape) => partOf(shape, selectors));
    this.cost = of.cost;
  }

  override nameAt(): string {
    return this.#of.metric.name;
  }

  protected run(moment: Moment): void {
    if (!moment.node.isSelectedByAny(this.#selectors)) {
      this.takeNone();
      return;
    }
    this.#of.prepare(moment);
    const { shape, rows } = this.#part.of(this.#of.shape);
    if (rows === undefined) {
      this.shape = shape;
      this.values = this.#of.values;
      return;
    }
    const values = this.take(shape);
    for (let i = 0; i < rows.length; i++) values[i] = this.#of.values[rows[i] as number] as number;
  }
}

/** What a selector was so long before the moment: the last sample within the look-back, if the series was in that event. */
export class PastOperation extends VectorOperation {
  readonly cost = 4;
  /** When the sample was taken. */
  sampledMs = 0;
  readonly #selector: Selector;
  readonly #source: Source;
  readonly #part: Derivation<Part>;

  constructor(selector: Selector, source: Source) {
    super();
    this.#selector = selector;
    this.#source = source;
    this.#part = new Derivation((shape) => partOf(shape, [selector]));
  }

  override nameAt(): string {
    return this.#selector.metric.name;
  }

  protected run({ node, timeMs }: Moment): void {
    this.takeNone();
    const table = node.tables[this.#source.table.index];
    if (table === undefined || !node.isSelectedBy(this.#selector)) return;
    const { columns } = table;
    const at = timeMs - this.#selector.offsetMs;
    const index = columns.indexAfter(at) - 1;
    if (index < 0 || columns.timeAt(index) <= at - LOOKBACK_MS) return;
    this.sampledMs = columns.timeAt(index);
    const { shape, base } = table.placeOf(this.#source);
    const part = this.#part.of(shape);
    const values = this.take(part.shape);
    const from = columns.at(index) + 1 + base;
    for (let i = 0; i < part.shape.count; i++) {
      values[i] = columns.data[from + (part.rows === undefined ? i : (part.rows[i] as number))] as number;
    }
  }
}

/** Some rows of a shape; all of them without a list. */
export interface Part {
  readonly shape: Shape;
  readonly rows: Int32Array | undefined;
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
