import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutTool } from '../tools/tools.ts';
import type { KubernetesObject } from './object.ts';
import { problemsOf } from './validation.ts';

function deployment(spec: Readonly<Record<string, unknown>> = {}, container: object = {}): KubernetesObject {
  const labels = { app: 'x' };
  const containers = [{ name: 'main', image: 'x', resources: { limits: { memory: '64Mi' } }, ...container }];
  const template = { metadata: { labels }, spec: { containers, volumes: [{ name: 'tmp', emptyDir: {} }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'x', labels },
    spec: { replicas: 1, selector: { matchLabels: labels }, template, ...spec },
  };
}

function serviceMonitor(endpoint: object): KubernetesObject {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: { name: 'x' },
    spec: {
      selector: {},
      endpoints: [{ port: 'http', metricRelabelings: [{ regex: 'a', action: 'drop' }], ...endpoint }],
    },
  };
}

test("Kubernetes' kinds: another type, a missing or unknown field, and an unknown kind are told with their place", async () => {
  const cases: readonly (readonly [KubernetesObject, readonly string[]])[] = [
    [deployment(), []],
    [deployment({ replicas: '5' }), ['/spec/replicas must be integer']],
    [deployment({ replica: 5 }), ['/spec/replica is no field']],
    [deployment({ selector: undefined }), ['/spec must have required property selector']],
    [
      deployment({}, { ports: [{ containerPort: 80, protocoll: 'TCP' }] }),
      ['/spec/template/spec/containers/0/ports/0/protocoll is no field'],
    ],
    [
      deployment({}, { env: [{ name: 'N', value: 1 }] }),
      ['/spec/template/spec/containers/0/env/0/value must be string'],
    ],
    [{ ...deployment(), kind: 'Deployement' }, ['apps/v1 has no Deployement, or it is not listed here']],
  ];
  for (const [object, expected] of cases) assert.deepEqual(await problemsOf(object), expected);
});

test("the Prometheus operator's kinds are judged the same way", async () => {
  assert.deepEqual(await problemsOf(serviceMonitor({ interval: '15s' })), []);
  const unknown = '/spec/endpoints/0/scrapeInterval is no field';
  assert.deepEqual(await problemsOf(serviceMonitor({ scrapeInterval: '15s' })), [unknown]);
  assert.deepEqual(await problemsOf(serviceMonitor({ port: 8080 })), ['/spec/endpoints/0/port must be string']);
});

test('names and labels have to be ones', async () => {
  const named = (name: string, labels: Record<string, string> = {}) => ({
    ...deployment(),
    metadata: { name, labels },
  });
  assert.deepEqual(await problemsOf(named('a-b.c')), []);
  assert.deepEqual(await problemsOf(named('a_b')), ['/metadata/name a_b is no name for a Deployment']);
  assert.deepEqual(await problemsOf(named('a', { 'helm.sh/chart': 'a-1+2' })), [
    '/metadata/labels helm.sh/chart=a-1+2 is no label',
  ]);
});

test("Strimzi's kinds: unknown fields are refused, but where the definition keeps them", {
  skip: skipWithoutTool('strimziCrds'),
}, async () => {
  const topic = (spec: object): KubernetesObject => ({
    apiVersion: 'kafka.strimzi.io/v1',
    kind: 'KafkaTopic',
    metadata: { name: 'system.metrics', labels: { 'strimzi.io/cluster': 'metrics' } },
    spec,
  });
  assert.deepEqual(await problemsOf(topic({ partitions: 12, config: { 'retention.ms': 1 } })), []);
  assert.deepEqual(await problemsOf(topic({ partition: 12 })), ['/spec/partition is no field']);
  assert.deepEqual(await problemsOf(topic({ partitions: '12' })), ['/spec/partitions must be integer']);
  const mislabelled = { ...topic({}), metadata: { name: 'x', label: {} } };
  assert.deepEqual(await problemsOf(mislabelled), ['/metadata/label is no field']);
  const old = { ...topic({}), apiVersion: 'kafka.strimzi.io/v1beta2' };
  await assert.rejects(problemsOf(old), /has no kafka.strimzi.io\/v1beta2/);
});
