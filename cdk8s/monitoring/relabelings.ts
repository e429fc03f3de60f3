/**
 * What Prometheus does to the consumer's series before it stores them. The nodes' series shall look as if each node ran
 * node_exporter, because that is what people's dashboards and rules expect: `job="node-exporter"` unless told otherwise, `instance=<node>`, and
 * nothing that tells which replica of the consumer passed them on; otherwise every rebalance would begin new series. The
 * consumer's own series (`sysmon_*`, `process_*`, `nodejs_*`) keep their target's labels.
 *
 * `node_.+()` has an empty group: what it matches sets a label to nothing, which removes it. A `labeldrop` would remove it
 * from every series.
 */

/** RelabelConfig of monitoring.coreos.com/v1, as far as it is used here. */
export interface Relabeling {
  readonly sourceLabels?: readonly string[];
  readonly regex?: string;
  readonly targetLabel: string;
  readonly replacement?: string;
}

/** Labels that the Prometheus operator gives to a target of a ServiceMonitor, besides `job` and `instance`. */
const OF_THE_TARGET = ['namespace', 'service', 'endpoint', 'pod', 'container'] as const;

/** @param job what the nodes' series get as `job`. */
export const nodeSeriesRelabelings = (job: string): readonly Relabeling[] => [
  { sourceLabels: ['__name__', 'node'], regex: 'node_.+;(.+)', targetLabel: 'instance', replacement: '$1' },
  { sourceLabels: ['__name__'], regex: 'node_.+', targetLabel: 'job', replacement: job },
  ...OF_THE_TARGET.map((targetLabel) => ({
    sourceLabels: ['__name__'],
    regex: 'node_.+()',
    targetLabel,
    replacement: '$1',
  })),
];
