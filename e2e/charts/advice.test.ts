/** Mistakes that no schema of values can see end with a sentence that says what to do, before anything is installed. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { outcome } from '../tools/process.ts';
import { skipWithoutTool, TOOLS } from '../tools/tools.ts';
import { HELMS } from './charts.ts';

const CHART = join(import.meta.dirname, '../../charts/system-monitoring');

/** A kind by which the chart knows that there is a cluster to ask. */
const CONNECTED = ['--api-versions', 'v1/Pod'];

const MISTAKES: readonly (readonly [mistake: string, args: readonly string[], advice: RegExp])[] = [
  [
    'a cluster without the Prometheus operator',
    CONNECTED,
    /does not know ServiceMonitor, PodMonitor, PrometheusRule.+--set serviceMonitor\.enabled=false --set podMonitor\.enabled=false/s,
  ],
  [
    'a cluster with a part of it',
    [...CONNECTED, '--set', 'serviceMonitor.enabled=false', '--api-versions', 'monitoring.coreos.com/v1/PodMonitor'],
    /does not know PrometheusRule \(/,
  ],
  ['TLS without bootstrap servers', ['--set', 'kafka.tls.enabled=true'], /kafka\.bootstrapServers, which is empty/],
  [
    'a login without secrets',
    ['--set', 'kafka.bootstrapServers=a:1,kafka.sasl.mechanism=plain'],
    /expected kafka\.sasl\.producerSecret and kafka\.sasl\.consumerSecret/,
  ],
  [
    'certificates that would not be used',
    ['--set', 'kafka.bootstrapServers=a:1,kafka.tls.caSecret=ca'],
    /kafka\.tls\.enabled is false/,
  ],
  [
    'rules twice',
    ['--set', 'consumer.rules.inline=a,consumer.rules.existingConfigMap=b'],
    /are both set: expected one of them/,
  ],
  [
    'simulated nodes among the real ones',
    ['--set', 'simulation.enabled=true,simulation.clusterName=default'],
    /simulation\.clusterName is the clusterName of the real nodes/,
  ],
];

for (const [mistake, args, advice] of MISTAKES) {
  for (const helm of HELMS) {
    test(`${mistake}: ${helm} refuses it with advice`, { skip: skipWithoutTool(helm) }, async () => {
      const { status, stderr } = await outcome(join(TOOLS[helm].folder, 'helm'), [
        ...['template', 'system-monitoring', CHART, '--kube-version', '1.36.0'],
        ...args,
      ]);
      assert.equal(status, 1);
      assert.match(stderr, advice);
    });
  }
}
