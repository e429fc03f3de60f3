/** Mistakes that no schema of values can see end with a sentence that says what to do, before anything is installed. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Finished, outcome } from '../tools/process.ts';
import { skipWithoutTool, TOOLS } from '../tools/tools.ts';
import { HELMS, type Helm } from './charts.ts';

const CHARTS = join(import.meta.dirname, '../../charts');

const served = (...kinds: readonly string[]) => kinds.flatMap((kind) => ['--api-versions', kind]);
/** A kind by which a chart knows that there is a cluster to ask. */
const CONNECTED = served('v1/Pod');
const PROMETHEUS = served(
  ...['ServiceMonitor', 'PodMonitor', 'PrometheusRule'].map((kind) => `monitoring.coreos.com/v1/${kind}`),
);
const STRIMZI = served(
  ...['Kafka', 'KafkaNodePool', 'KafkaTopic', 'KafkaUser'].map((kind) => `kafka.strimzi.io/v1/${kind}`),
);
/** As an older Strimzi has them. */
const BEFORE_V1 = served(...['Kafka', 'KafkaUser'].map((kind) => `kafka.strimzi.io/v1beta2/${kind}`));

type Case = readonly [mistake: string, args: readonly string[], advice: RegExp];

const MISTAKES: Readonly<Record<string, readonly Case[]>> = {
  kafka: [
    [
      'a cluster without Strimzi',
      [...CONNECTED, ...PROMETHEUS],
      /does not know Kafka, KafkaNodePool, KafkaTopic, KafkaUser \(kafka\.strimzi\.io\/v1\): Strimzi's operator is not installed/,
    ],
    ['a cluster with an old Strimzi', [...CONNECTED, ...PROMETHEUS, ...BEFORE_V1], /is older than 1\.0/],
    [
      'a cluster without the Prometheus operator',
      [...CONNECTED, ...STRIMZI],
      /does not know PodMonitor, PrometheusRule.+--set podMonitor\.enabled=false --set prometheusRule\.enabled=false/s,
    ],
  ],
  'plain-kafka': [
    [
      'a setting of the broker that the chart makes',
      ['--set', 'extraEnv[0].name=KAFKA_HEAP_OPTS,extraEnv[0].value=-Xmx1g'],
      /extraEnv has KAFKA_HEAP_OPTS, which the chart sets itself: set heap instead/,
    ],
  ],
  'system-monitoring': [
    ...(
      [
        ['producer', 'INTERVAL', 'set producer.interval instead'],
        ['producer', 'KAFKA_BROKERS', 'set kafka.bootstrapServers instead'],
        ['producer', 'NODE_NAME', 'leave it out'],
        ['consumer', 'LOG_LEVEL', 'set consumer.logLevel instead'],
        ['simulation', 'SIMULATE', 'set simulation.nodes instead'],
      ] as const
    ).map(
      ([path, name, advice]): Case => [
        `${name} among the variables that people add`,
        ['--set', `${path}.extraEnv[0].name=${name},${path}.extraEnv[0].value=x`],
        new RegExp(`${path}.extraEnv has ${name}, which the chart sets itself: ${advice}`),
      ],
    ),
    [
      'a cluster without Strimzi, where no brokers are named',
      [...CONNECTED, ...PROMETHEUS, ...BEFORE_V1],
      /does not know KafkaUser .+ kafka\.bootstrapServers is empty.+--set kafka\.bootstrapServers=host:port.+--reuse-values/s,
    ],
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
    [
      'a topic that the Kafka beside it does not have',
      ['--set', 'kafka.topic=other'],
      /kafka\.topic is not system\.metrics.+kafka\.bootstrapServers/,
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
      'no rules at all',
      ['--set', 'consumer.rules.default=false'],
      /expected consumer\.rules\.inline or consumer\.rules\.existingConfigMap/,
    ],
    [
      'simulated nodes among the real ones',
      ['--set', 'simulation.enabled=true,simulation.clusterName=default'],
      /simulation\.clusterName is the clusterName of the real nodes/,
    ],
  ],
};

/** What the same charts do not complain of. */
const WELL: readonly (readonly [chart: string, what: string, args: readonly string[]])[] = [
  ['kafka', 'with both operators', [...CONNECTED, ...PROMETHEUS, ...STRIMZI]],
  [
    'kafka',
    'without Prometheus, if told to',
    [...CONNECTED, ...STRIMZI, '--set', 'podMonitor.enabled=false,prometheusRule.enabled=false'],
  ],
  ['system-monitoring', 'with both operators', [...CONNECTED, ...PROMETHEUS, ...STRIMZI]],
  [
    'system-monitoring',
    'with a variable that it only sets for other values',
    ['--set', 'consumer.extraEnv[0].name=MAX_NODES,consumer.extraEnv[0].value=5'],
  ],
  [
    'system-monitoring',
    'without Strimzi, if brokers are named',
    [...CONNECTED, ...PROMETHEUS, '--set', 'kafka.bootstrapServers=a:9092'],
  ],
];

function template(helm: Helm, chart: string, args: readonly string[]): Promise<Finished> {
  const folder = join(CHARTS, chart);
  return outcome(join(TOOLS[helm].folder, 'helm'), ['template', chart, folder, '--kube-version', '1.36.0', ...args]);
}

for (const helm of HELMS) {
  const skip = skipWithoutTool(helm);
  for (const [chart, mistakes] of Object.entries(MISTAKES)) {
    for (const [mistake, args, advice] of mistakes) {
      test(`${chart}: ${mistake}: ${helm} refuses it with advice`, { skip }, async () => {
        const { status, stderr } = await template(helm, chart, args);
        assert.equal(status, 1);
        assert.match(stderr, advice);
      });
    }
  }
  for (const [chart, what, args] of WELL) {
    test(`${chart}: ${helm} installs it ${what}`, { skip }, async () => {
      const { status, stderr } = await template(helm, chart, args);
      assert.equal(status, 0, stderr);
    });
  }
}
