/** What a row of the catalogue holds. */

export interface MetricDef {
  /** `untyped` where node_exporter says so: the kernel does not tell whether it counts or measures. */
  readonly type: 'counter' | 'gauge' | 'untyped';
  /** The base unit, as it ends the name; `info` marks a constant 1 whose labels are the content. */
  readonly unit:
    | 'seconds'
    | 'bytes'
    | 'info'
    | 'count'
    | 'boolean'
    | 'hertz'
    | 'celsius'
    | 'volts'
    | 'amperes'
    | 'watts'
    | 'joules'
    | 'ratio';
  /** A sentence. `*` stands for what a pattern's `*` stands for. */
  readonly help: string;
  readonly labels: readonly string[];
}

export type MetricTable = Readonly<Record<string, MetricDef>>;
