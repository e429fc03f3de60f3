import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from './deploy.ts';
import { fakeCluster, fakePrograms, pod } from './fake-cluster.ts';
import { namespace } from './namespaces.ts';
import type { KubeObject } from './objects.ts';
import { type Choices, plan } from './plan.ts';
import { createProgress } from './progress.ts';
import type { Outcome } from './run.ts';
import { undeploy } from './undeploy.ts';

const CHOICES: Choices = {
  profile: 'kind',
  skip: [],
  logShipper: 'promtail',
  chartsDir: undefined,
  imageRegistry: undefined,
  valuesDir: undefined,
  set: undefined,
};
const RELEASES = plan(CHOICES, () => false);
const INSTALLED = [
  { name: 'strimzi-kafka-operator', namespace: 'strimzi' },
  { name: 'kafka', namespace: 'system-monitoring' },
  { name: 'system-monitoring', namespace: 'system-monitoring' },
];
/** What `helm list` prints of those of INSTALLED. */
const listed = (...names: readonly string[]): Partial<Outcome> => ({
  stdout: JSON.stringify(INSTALLED.filter(({ name }) => names.includes(name))),
});
const OPERATOR: KubeObject = {
  ...pod('operator', { conditions: [{ type: 'Ready', status: 'True' }] }),
  metadata: { name: 'operator', labels: { 'strimzi.io/kind': 'cluster-operator' } },
};

const topic = (metadata: object = {}): KubeObject => ({
  apiVersion: 'kafka.strimzi.io/v1',
  kind: 'KafkaTopic',
  metadata: { name: 'system.alerts', namespace: 'system-monitoring', ...metadata },
});

/** @param later what happens in the cluster while it is waited for */
function setUp(
  objects: readonly KubeObject[],
  answers: Record<string, Partial<Outcome>>,
  later?: (left: KubeObject[]) => void,
) {
  const cluster = fakeCluster({ objects });
  const programs = fakePrograms({ 'helm list': { stdout: JSON.stringify(INSTALLED) }, ...answers });
  const printed: string[] = [];
  let time = 0;
  const clock = {
    now: () => time,
    async pause(ms: number) {
      time += ms;
      later?.(cluster.objects);
    },
  };
  const terminal = { isTTY: false, columns: 80, write: (text: string) => void printed.push(text) };
  const deployment: Deployment = {
    target: { run: programs.run, context: 'kind-kind' },
    cluster,
    clock,
    progress: createProgress(terminal, clock.now),
    timeoutMs: 10_000,
  };
  const changes = () =>
    programs.calls
      .filter((call) => /^(?:helm uninstall|kubectl delete|kubectl patch)/.test(call))
      .map((call) => call.split(' --')[0]);
  return { deployment, changes, printed: () => printed.join('') };
}

test('releases go in reverse order, data and namespaces stay', async () => {
  const volume: KubeObject = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data-0', namespace: 'system-monitoring' },
    status: { capacity: { storage: '2Gi' } },
  };
  const { deployment, changes, printed } = setUp([namespace('system-monitoring'), volume], {});
  await undeploy(deployment, RELEASES, false);
  assert.deepEqual(changes(), [
    'helm uninstall system-monitoring',
    'helm uninstall kafka',
    'helm uninstall strimzi-kafka-operator',
  ]);
  assert.match(printed(), /kept, and used again .*PURGE=1[\s\S]*volume system-monitoring\/data-0 \(2Gi\)/);
});

test("the operator stays until Kafka's resources are gone", async () => {
  const objects = [OPERATOR, topic({ finalizers: ['x'], deletionTimestamp: 'now' })];
  const manifest = { 'helm get manifest kafka': { stdout: JSON.stringify(topic()) } };
  const { deployment, changes, printed } = setUp(objects, manifest, (left) => left.splice(1, 1));
  await undeploy(deployment, RELEASES, false);
  assert.deepEqual(changes().at(-1), 'helm uninstall strimzi-kafka-operator');
  assert.match(printed(), /waiting for 1 of Kafka's resources/);
});

test('when it takes too long it says what is still there', async () => {
  const objects = [OPERATOR, topic({ finalizers: ['x'], deletionTimestamp: 'now' })];
  const { deployment } = setUp(objects, {});
  await assert.rejects(undeploy(deployment, RELEASES, false), /still there after 10 s: KafkaTopic system\.alerts/);
});

test('a topic whose operator does not run any more loses its finalizer', async () => {
  const objects = [topic({ finalizers: ['strimzi.io/topic-operator'], deletionTimestamp: 'now' })];
  const { deployment, changes } = setUp(objects, {}, (left) => left.splice(0, 1));
  await undeploy(deployment, RELEASES, false);
  assert.equal(changes()[0], 'kubectl patch kafkatopics.kafka.strimzi.io system.alerts');
});

test('a Kafka that is to be kept keeps its operator, and is not waited for', async () => {
  const kept = topic({ annotations: { 'helm.sh/resource-policy': 'keep' } });
  const manifest = { 'helm get manifest kafka': { stdout: JSON.stringify(kept) } };
  const { deployment, changes, printed } = setUp([kept], manifest);
  await undeploy(deployment, RELEASES, false);
  assert.deepEqual(changes(), ['helm uninstall system-monitoring', 'helm uninstall kafka']);
  assert.match(printed(), /kept strimzi-kafka-operator, the operator of KafkaTopic system\.alerts/);
});

test('nor does a second undeploy take the operator away from a Kafka that the first has kept', async () => {
  const { deployment, changes, printed } = setUp([topic()], { 'helm list': listed('strimzi-kafka-operator') });
  await undeploy(deployment, RELEASES, false);
  assert.deepEqual(changes(), []);
  assert.match(printed(), /kept strimzi-kafka-operator, the operator of KafkaTopic system\.alerts/);
});

test('PURGE after that deletes what was kept before the operator, in a namespace of somebody else, too', async () => {
  const ours = topic({ annotations: { 'meta.helm.sh/release-name': 'kafka' } });
  const { deployment, changes } = setUp([ours], { 'helm list': listed('strimzi-kafka-operator') }, (left) =>
    left.splice(0, 1),
  );
  await undeploy(deployment, RELEASES, true);
  assert.deepEqual(changes(), ['kubectl delete KafkaTopic system.alerts', 'helm uninstall strimzi-kafka-operator']);
});

test("PURGE leaves a Kafka of somebody else in somebody else's namespace, with its operator", async () => {
  const { deployment, changes, printed } = setUp([topic()], { 'helm list': listed('strimzi-kafka-operator') });
  await undeploy(deployment, RELEASES, true);
  assert.deepEqual(changes(), []);
  assert.match(printed(), /kept strimzi-kafka-operator/);
});

test('PURGE with Kafka in SKIP leaves Kafka', async () => {
  const ours = topic({ annotations: { 'meta.helm.sh/release-name': 'kafka' } });
  const { deployment, changes } = setUp([ours], { 'helm list': listed('strimzi-kafka-operator') });
  await undeploy(
    deployment,
    RELEASES.filter(({ name }) => name !== 'kafka'),
    true,
  );
  assert.deepEqual(changes(), []);
});

test('PURGE deletes what was kept, our namespaces, and definitions that only we applied and nobody uses', async () => {
  const definition = (kind: string, managers: readonly string[]): KubeObject => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${kind.toLowerCase()}s.example.org`,
      managedFields: managers.map((manager) => ({ manager, operation: 'Apply' })),
    },
    spec: { group: 'example.org', names: { kind }, versions: [{ name: 'v1', served: true }] },
  });
  const ours = 'system-monitoring-deploy';
  const objects = [
    namespace('system-monitoring'),
    { ...namespace('monitoring'), metadata: { name: 'monitoring' } },
    definition('Unused', [ours]),
    definition('Used', [ours]),
    definition('Foreign', [ours, 'helm']),
    { apiVersion: 'example.org/v1', kind: 'Used', metadata: { name: 'x' } },
  ];
  const kept = topic({ annotations: { 'helm.sh/resource-policy': 'keep' } });
  const answers = {
    'helm get manifest kafka': { stdout: JSON.stringify(kept) },
    'helm list': listed('kafka'),
  };
  const { deployment, changes } = setUp(objects, answers, (left) => left.splice(0, 1));
  await undeploy(deployment, RELEASES, true);
  assert.deepEqual(changes(), [
    'helm uninstall kafka',
    'kubectl delete KafkaTopic system.alerts',
    'kubectl delete namespace system-monitoring',
    'kubectl delete customresourcedefinition unuseds.example.org',
  ]);
});
