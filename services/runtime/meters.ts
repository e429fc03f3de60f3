/**
 * What a service says about itself, through prom-client. Each metric is created from its row in a table, so a name, type or
 * label that the table does not have does not compile.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface MeterDef {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

type NameOf<Table, Type> = { [N in keyof Table]: Table[N] extends { type: Type } ? N : never }[keyof Table] & string;
type LabelOf<Def> = Def extends { labels: readonly (infer L extends string)[] } ? L : never;

export interface Meters<Table extends Readonly<Record<string, MeterDef>>> {
  readonly registry: Registry;
  counter<N extends NameOf<Table, 'counter'>>(name: N): Counter<LabelOf<Table[N]>>;
  /** @param read sets the gauge at each scrape, for what is cheaper to look up than to follow. */
  gauge<N extends NameOf<Table, 'gauge'>>(
    name: N,
    read?: (gauge: Gauge<LabelOf<Table[N]>>) => void,
  ): Gauge<LabelOf<Table[N]>>;
  histogram<N extends NameOf<Table, 'histogram'>>(name: N): Histogram<LabelOf<Table[N]>>;
}

/** prom-client's gauges that end in `_total`, which Prometheus's linter rightly refuses. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

/**
 * The monitor behind prom-client's distribution of event loop lag wakes the process a hundred times a second, which costs
 * more CPU than all that the producer does. It cannot be left out, but be made to sleep; the lag at a scrape stays.
 */
const ASLEEP_MS = 24 * 60 * 60 * 1000;
const LAG_DISTRIBUTION = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(
  (part) => `nodejs_eventloop_lag_${part}_seconds`,
);

/** A registry of its own, with the figures of the process (`process_*`, `nodejs_*`) already in it. */
export function createMeters<Table extends Readonly<Record<string, MeterDef>>>(table: Table): Meters<Table> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: ASLEEP_MS });
  for (const name of [...MISNAMED, ...LAG_DISTRIBUTION]) registry.removeSingleMetric(name);
  const row = (name: string) => {
    const { help, labels } = table[name] as MeterDef;
    return { name, help, labelNames: labels as never, registers: [registry] };
  };
  return {
    registry,
    counter: (name) => new Counter(row(name)),
    gauge: (name, read) => {
      const collect = read === undefined ? {} : { collect: () => read(gauge) };
      const gauge: ReturnType<Meters<Table>['gauge']> = new Gauge({ ...row(name), ...collect });
      return gauge as never;
    },
    histogram: (name) => new Histogram({ ...row(name), buckets: [...((table[name] as MeterDef).buckets ?? [])] }),
  };
}
