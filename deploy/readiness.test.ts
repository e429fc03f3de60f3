import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from './objects.ts';
import { isWaitedFor, missing } from './readiness.ts';

const object = (kind: string, spec: object, status?: object, generation = 2): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', namespace: 'ns', generation },
  spec,
  ...(status && { status }),
});

const READY = { type: 'Ready', status: 'True' };

const CASES: readonly (readonly [string, KubeObject | undefined, RegExp | undefined])[] = [
  ['nothing', undefined, /does not exist yet/],
  [
    'a status of an earlier generation',
    object(
      'Deployment',
      { replicas: 1 },
      { observedGeneration: 1, updatedReplicas: 1, availableReplicas: 1, replicas: 1 },
    ),
    /not seen this version/,
  ],
  ['a Deployment without a status', object('Deployment', { replicas: 2 }), /0 of 2 pods are of the new version/],
  [
    'a Deployment with an old pod',
    object('Deployment', { replicas: 2 }, { replicas: 3, updatedReplicas: 2, availableReplicas: 2 }),
    /1 pods of the old version/,
  ],
  [
    'a Deployment that is not available',
    object('Deployment', { replicas: 2 }, { replicas: 2, updatedReplicas: 2, availableReplicas: 1 }),
    /1 of 2 pods available/,
  ],
  [
    'a Deployment that is done',
    object(
      'Deployment',
      { replicas: 2 },
      { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
    ),
    undefined,
  ],
  ['a Deployment of no pods', object('Deployment', { replicas: 0 }, {}), undefined],
  [
    'a StatefulSet in the middle',
    object('StatefulSet', { replicas: 3 }, { updatedReplicas: 1, readyReplicas: 3 }),
    /1 of 3 pods are of the new version/,
  ],
  ['a StatefulSet that is done', object('StatefulSet', {}, { updatedReplicas: 1, readyReplicas: 1 }), undefined],
  ['a DaemonSet that no node takes', object('DaemonSet', {}, { desiredNumberScheduled: 0 }), /no node takes it/],
  [
    'a DaemonSet with an old pod',
    object('DaemonSet', {}, { desiredNumberScheduled: 3, updatedNumberScheduled: 2, numberAvailable: 3 }),
    /2 of 3 nodes have the new version/,
  ],
  [
    'a DaemonSet that is done',
    object('DaemonSet', {}, { desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 }),
    undefined,
  ],
  ['a Kafka nobody has looked at', object('Kafka', {}), /operator has not said anything/],
  [
    'a Kafka that its operator refuses',
    object(
      'Kafka',
      {},
      {
        observedGeneration: 2,
        conditions: [
          { type: 'NotReady', status: 'True', reason: 'InvalidResourceException', message: 'no such version' },
          { type: 'Ready', status: 'False' },
        ],
      },
    ),
    /not Ready, InvalidResourceException: no such version/,
  ],
  ['a Kafka that is ready', object('Kafka', {}, { observedGeneration: 2, conditions: [READY] }), undefined],
  [
    'a topic that was ready before it changed',
    object('KafkaTopic', {}, { observedGeneration: 1, conditions: [READY] }),
    /not seen this version/,
  ],
  [
    'a Prometheus without pods',
    object(
      'Prometheus',
      {},
      {
        conditions: [
          { type: 'Reconciled', status: 'True', observedGeneration: 2 },
          { type: 'Available', status: 'False', reason: 'NoPodReady', message: 'shard 0' },
        ],
      },
    ),
    /not Available, NoPodReady: shard 0/,
  ],
  [
    'a Prometheus of an earlier generation',
    object(
      'Prometheus',
      {},
      {
        conditions: [
          { type: 'Reconciled', status: 'True', observedGeneration: 1 },
          { type: 'Available', status: 'True', observedGeneration: 1 },
        ],
      },
    ),
    /operator has not seen/,
  ],
  ['a ConfigMap that exists', object('ConfigMap', {}), undefined],
];

for (const [what, given, expected] of CASES) {
  test(`${what} is ${expected === undefined ? 'ready' : 'not ready'}`, () => {
    const found = missing(given);
    if (expected === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', expected);
  });
}

test('what is being deleted is not ready, whatever its status says', () => {
  const deployment = object('Deployment', { replicas: 0 }, {});
  const deleted = { ...deployment, metadata: { ...deployment.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  assert.match(missing(deleted) ?? '', /being deleted/);
});

test('only kinds that become ready are waited for', () => {
  assert.deepEqual(
    ['Deployment', 'KafkaUser', 'ConfigMap', 'Service'].map((kind) => isWaitedFor({ kind })),
    [true, true, false, false],
  );
});
