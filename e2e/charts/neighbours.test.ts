/** The charts are released apart, and have to fit all the same: as each comes, one finds what the other makes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1EnvVar, V1NetworkPolicyPeer, V1Volume } from '@kubernetes/client-node';
import { ALERTS_TOPIC, DEAD_LETTER_TOPIC, METRICS_TOPIC } from '#contract/topic.ts';
import { CASES, NAMESPACE, objectsOf } from './charts.ts';
import type { KubernetesObject } from './object.ts';
import { containersOf, type Pod, podsOf } from './pods.ts';
import { selects } from './references.ts';

function objectsOfCase(chart: string, values: string): readonly KubernetesObject[] {
  const found = CASES.find((each) => each.chart === chart && each.values === values);
  assert.ok(found, `${chart} ${values}`);
  return objectsOf(found);
}

function podOf(objects: readonly KubernetesObject[], component: string): Pod {
  const pod = podsOf(objects).find(({ labels }) => labels['app.kubernetes.io/component'] === component);
  assert.ok(pod, component);
  return pod;
}

function envOf(pod: Pod): Readonly<Record<string, string | undefined>> {
  const env = containersOf(pod).flatMap((container): readonly V1EnvVar[] => container.env ?? []);
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
}

/** secret → its keys that are mounted. */
function secretsOf(pod: Pod): Readonly<Record<string, readonly string[]>> {
  const sources = (pod.template?.spec?.volumes ?? []).flatMap(({ secret, projected }: V1Volume) => [
    ...(secret === undefined ? [] : [{ name: secret.secretName, items: secret.items }]),
    ...(projected?.sources ?? []).flatMap((source) => (source.secret === undefined ? [] : [source.secret])),
  ]);
  return Object.fromEntries(sources.map(({ name, items }) => [String(name), (items ?? []).map(({ key }) => key)]));
}

const kafka = objectsOfCase('kafka', 'default');
const ours = objectsOfCase('system-monitoring', 'default');
const cluster = kafka.find(({ kind }) => kind === 'Kafka');

test('producer and consumer ask for the Kafka of the chart beside them, at its listener with certificates', () => {
  assert.ok(cluster);
  const { name } = cluster.metadata;
  const [listener] = cluster.spec.kafka.listeners.filter(({ tls }: { tls: boolean }) => tls);
  assert.equal(listener.authentication.type, 'tls');
  for (const component of ['producer', 'consumer']) {
    const env = envOf(podOf(ours, component));
    assert.equal(env.KAFKA_BROKERS, `${name}-kafka-bootstrap.${NAMESPACE}.svc:${listener.port}`);
  }
});

test('they may reach its listener, whatever their release is called', () => {
  const [{ networkPolicyPeers }] = cluster?.spec.kafka.listeners ?? [];
  for (const values of ['default', 'everything']) {
    for (const component of ['producer', 'consumer']) {
      const { labels } = podOf(objectsOfCase('system-monitoring', values), component);
      const admits = networkPolicyPeers.some(({ podSelector }: V1NetworkPolicyPeer) => selects(podSelector, labels));
      assert.ok(admits, `${values} ${component}`);
    }
  }
});

test("they mount the secrets that Strimzi writes for the users, and trust the cluster's own authority", () => {
  const users = kafka.filter(({ kind }) => kind === 'KafkaUser').map(({ metadata }) => metadata.name);
  assert.deepEqual(users.toSorted(), ['system-monitoring-consumer', 'system-monitoring-producer']);
  for (const component of ['producer', 'consumer']) {
    const secrets = secretsOf(podOf(ours, component));
    assert.deepEqual(secrets[`system-monitoring-${component}`], ['user.crt', 'user.key']);
    assert.deepEqual(secrets[`${cluster?.metadata.name}-cluster-ca-cert`], ['ca.crt']);
  }
});

test('the topics are those of the contract, with its settings', () => {
  const topics = new Map(
    kafka
      .filter(({ kind }) => kind === 'KafkaTopic')
      .map(({ metadata, spec }) => [spec.topicName ?? metadata.name, spec]),
  );
  for (const { name, partitions, config } of [METRICS_TOPIC, DEAD_LETTER_TOPIC, ALERTS_TOPIC]) {
    const topic = topics.get(name);
    assert.ok(topic, name);
    assert.equal(topic.partitions, partitions, name);
    for (const [key, value] of Object.entries(config)) assert.equal(String(topic.config[key]), value, `${name} ${key}`);
  }
});

interface Rule {
  readonly resource: { readonly type: string; readonly name: string; readonly patternType?: string };
  readonly operations: readonly string[];
}

function mayDo(user: string): readonly string[] {
  const found = kafka.find(({ kind, metadata }) => kind === 'KafkaUser' && metadata.name === user);
  const rules: readonly Rule[] = found?.spec.authorization.acls ?? [];
  return rules.flatMap(({ resource, operations }) => {
    assert.notEqual(resource.patternType, 'prefix', 'rights are for what is named in full');
    return operations.map((operation) => `${operation} ${resource.type} ${resource.name}`);
  });
}

test('the users have the rights that their service needs, and none of the others\u2019', () => {
  const group = envOf(podOf(ours, 'consumer')).KAFKA_GROUP ?? 'system-monitoring';
  const producer = mayDo('system-monitoring-producer');
  assert.ok(producer.includes('Write topic system.metrics'));
  assert.deepEqual(
    producer.filter((right) => !/^(Write|Describe) topic system\.metrics$/.test(right)),
    [],
  );
  const consumer = mayDo('system-monitoring-consumer');
  for (const right of [
    'Read topic system.metrics',
    `Read group ${group}`,
    'Write topic system.metrics.dlq',
    'Read topic system.alerts',
    'Write topic system.alerts',
  ]) {
    assert.ok(consumer.includes(right), right);
  }
  assert.ok(!consumer.includes('Write topic system.metrics'));
  assert.deepEqual(
    [...producer, ...consumer].filter((right) => right.endsWith(' *') || right.startsWith('All ')),
    [],
  );
});

test('where there is no Strimzi, the plain broker answers where the chart for it is told', () => {
  const plain = objectsOfCase('plain-kafka', 'default');
  const [host, port] = String(
    envOf(podOf(objectsOfCase('system-monitoring', 'plain'), 'producer')).KAFKA_BROKERS,
  ).split(':');
  const service = plain.find(({ kind, metadata }) => kind === 'Service' && metadata.name === host);
  assert.ok(service?.spec.ports.some((each: { port: number }) => each.port === Number(port)));
});
