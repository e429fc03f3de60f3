import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeSeriesRelabelings } from './relabelings.ts';

/** As Prometheus relabels: the sources joined by `;`, an anchored expression, an empty value removes the label. */
function relabelled(series: Readonly<Record<string, string>>): Record<string, string> {
  const labels = { ...series };
  for (const { sourceLabels = [], regex = '(.*)', targetLabel, replacement = '$1' } of nodeSeriesRelabelings(
    'node-exporter',
  )) {
    const match = new RegExp(`^(?:${regex})$`).exec(sourceLabels.map((name) => labels[name] ?? '').join(';'));
    if (match === null) continue;
    labels[targetLabel] = replacement.replaceAll('$1', match[1] ?? '');
    if (labels[targetLabel] === '') delete labels[targetLabel];
  }
  return labels;
}

const TARGET = {
  job: 'x-consumer',
  instance: '10.0.0.1:8080',
  namespace: 'ns',
  service: 'x-consumer',
  endpoint: 'http',
  pod: 'x-consumer-0',
  container: 'consumer',
};

test("a node's series look as if the node ran node_exporter", () => {
  assert.deepEqual(
    relabelled({ __name__: 'node_cpu_seconds_total', cluster: 'a', node: 'n1', cpu: '0', mode: 'idle', ...TARGET }),
    {
      __name__: 'node_cpu_seconds_total',
      cluster: 'a',
      node: 'n1',
      cpu: '0',
      mode: 'idle',
      job: 'node-exporter',
      instance: 'n1',
    },
  );
});

test("the consumer's own series keep the labels of their target", () => {
  for (const __name__ of [
    'sysmon_node_up',
    'sysmon_events_total',
    'nodejs_version_info',
    'process_cpu_seconds_total',
  ]) {
    const series = { __name__, ...TARGET };
    assert.deepEqual(relabelled(series), series);
  }
});
