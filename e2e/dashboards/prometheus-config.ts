/** What the Prometheus operator makes of our monitors, for processes on this machine: the same labels, the same relabelling. */
import { nodeSeriesRelabelings } from '../../cdk8s/monitoring/relabelings.ts';
import { CLUSTER, NAMESPACE } from './names.ts';

const INTERVAL = '1s';

/** @param consumer host:port, and @param producers host:port by the node that each is on. */
export function prometheusConfig(consumer: string, producers: Readonly<Record<string, string>>): object {
  const target = (component: string) => ({
    job: `system-monitoring-${component}`,
    namespace: NAMESPACE,
    pod: `system-monitoring-${component}-0`,
    container: component,
    endpoint: 'http',
  });
  return {
    scrape_configs: [
      {
        job_name: 'consumer',
        scrape_interval: INTERVAL,
        static_configs: [
          { targets: [consumer], labels: { ...target('consumer'), service: 'system-monitoring-consumer' } },
        ],
        metric_relabel_configs: nodeSeriesRelabelings('node-exporter').map(
          ({ sourceLabels, regex, targetLabel, replacement }) => ({
            source_labels: sourceLabels,
            regex,
            target_label: targetLabel,
            replacement,
          }),
        ),
      },
      {
        job_name: 'producers',
        scrape_interval: INTERVAL,
        static_configs: Object.entries(producers).map(([node, address]) => ({
          targets: [address],
          labels: { ...target('producer'), cluster: CLUSTER, node },
        })),
      },
    ],
  };
}
