import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Deployment, deploy, farewell } from './deploy.ts';
import { fakeCluster, fakePrograms } from './fake-cluster.ts';
import { imagesIn } from './images.ts';
import { planNamespaces } from './namespaces.ts';
import type { KubeObject } from './objects.ts';
import { findDoor } from './open.ts';
import { type Choices, plan } from './plan.ts';
import { createProgress } from './progress.ts';
import type { Outcome } from './run.ts';
import { judgeTargets } from './scraping.ts';
import { earlierChart, nodesUp, otherImages } from './upgrade-check.ts';

const CHOICES: Choices = {
  profile: 'kind',
  skip: ['strimzi-kafka-operator', 'promtail', 'kafka', 'system-monitoring', 'kube-prometheus-stack'],
  logShipper: 'promtail',
  chartsDir: undefined,
  imageRegistry: undefined,
  valuesDir: undefined,
  set: undefined,
};
const READY = '/api/v1/namespaces/monitoring/services/loki:3100/proxy/ready';

function setUp(answers: Readonly<Record<string, Partial<Outcome>>>, pages = {}, objects: readonly KubeObject[] = []) {
  const programs = fakePrograms(answers);
  let time = 0;
  const clock = {
    now: () => time,
    async pause(ms: number) {
      time += ms;
    },
  };
  const deployment: Deployment = {
    target: { run: programs.run, context: 'kind-kind' },
    cluster: fakeCluster({ pages, objects }),
    clock,
    progress: createProgress({ isTTY: false, columns: 80, write: () => undefined }, clock.now),
    timeoutMs: 10_000,
  };
  return { deployment, calls: programs.calls };
}

test('a release is installed into its namespace, and asked whether it answers', async () => {
  const { deployment, calls } = setUp({}, { [READY]: 'ready' });
  await deploy(
    deployment,
    plan(CHOICES, () => false),
  );
  assert.deepEqual(
    calls.map((call) => call.split(' ').slice(0, 3).join(' ')),
    ['kubectl apply --server-side', 'helm upgrade loki', 'helm get manifest'],
  );
});

test('a release that does not answer is not ready', async () => {
  const { deployment } = setUp({});
  await assert.rejects(
    deploy(
      deployment,
      plan(CHOICES, () => false),
    ),
    /loki: not ready after 10 s[\s\S]*no answer from service loki:3100\/ready/,
  );
});

test('definitions are applied before the release that needs them', async () => {
  const { deployment, calls } = setUp({ 'helm show crds': { stdout: 'kind: CustomResourceDefinition' } });
  const releases = plan(
    { ...CHOICES, skip: ['kube-prometheus-stack', 'loki', 'promtail', 'kafka', 'system-monitoring'] },
    () => false,
  );
  await deploy(deployment, releases);
  const verbs = calls.map((call) => call.split(' ').slice(0, 2).join(' '));
  assert.deepEqual(verbs, ['kubectl apply', 'helm show', 'kubectl apply', 'helm upgrade', 'helm get']);
  assert.match(calls[2] ?? '', /--server-side --force-conflicts/);
});

test('when helm gives up on a job of the chart, the job is diagnosed', async () => {
  const job: KubeObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'admission-create', namespace: 'monitoring' },
  };
  const failure = {
    code: 1,
    stderr: 'Error: INSTALLATION FAILED: failed pre-install: timed out waiting for the condition',
  };
  const { deployment } = setUp({ 'helm upgrade': failure }, {}, [job]);
  await assert.rejects(
    deploy(
      deployment,
      plan(CHOICES, () => false),
    ),
    /loki: helm failed\n[\s\S]*Job admission-create: it has not ended/,
  );
});

test('at the end Grafana comes with the command that prints its password', async () => {
  const grafana: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'stack-grafana', labels: { 'app.kubernetes.io/name': 'grafana' } },
  };
  const { deployment } = setUp({}, {}, [grafana]);
  const text = await farewell(deployment, []);
  assert.match(text, /make open, then http:\/\/127\.0\.0\.1:3000/);
  assert.match(text, /kubectl get secret stack-grafana --namespace monitoring --context kind-kind .*admin-password/);
});

test('open finds Grafana, else the consumer, else says that nothing is there', async () => {
  const service = (name: string, labels: Record<string, string>, spec = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels },
    spec,
  });
  const ours = { 'app.kubernetes.io/part-of': 'system-monitoring', 'app.kubernetes.io/component': 'consumer' };
  const objects = [
    service('headless', ours, { clusterIP: 'None' }),
    service('consumer', ours, { clusterIP: '10.0.0.1' }),
    service('grafana', { 'app.kubernetes.io/name': 'grafana' }),
  ];
  const found = async (held: readonly KubeObject[]) => (await findDoor(fakeCluster({ objects: held }))).service;
  assert.equal(await found(objects), 'grafana');
  assert.equal(await found(objects.slice(0, 2)), 'consumer');
  await assert.rejects(found([]), /nothing of ours is deployed here/);
});

test('a namespace of somebody else keeps its labels, and is told if it is too strict', async () => {
  const foreign = (enforce: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'system-monitoring', labels: { 'pod-security.kubernetes.io/enforce': enforce } },
  });
  const strict = await planNamespaces(fakeCluster({ objects: [foreign('restricted')] }), ['system-monitoring']);
  assert.deepEqual(strict.apply, []);
  assert.match(strict.notes[0] ?? '', /enforces restricted: pods that need privileged will be refused/);
  const open = await planNamespaces(fakeCluster({ objects: [foreign('privileged')] }), ['system-monitoring']);
  assert.deepEqual(open, { apply: [], notes: [] });
});

test('images are found in containers, custom resources, arguments, and one of all versions of Kafka', () => {
  const objects = [
    {
      kind: 'Deployment',
      spec: { containers: [{ image: 'a:1', args: ['--prometheus-config-reloader=b:2', '--other=c'] }] },
    },
    { kind: 'Prometheus', spec: { image: 'd:3' } },
    { kind: 'Deployment', env: [{ name: 'STRIMZI_KAFKA_IMAGES', value: '4.2.0=kafka:4.2.0\n4.3.1=kafka:4.3.1\n' }] },
  ];
  assert.deepEqual(imagesIn(objects), ['a:1', 'b:2', 'd:3', 'kafka:4.3.1']);
  const older = { kind: 'Kafka', spec: { kafka: { version: '4.2.0' } } };
  assert.deepEqual(imagesIn([...objects, older]).at(-1), 'kafka:4.2.0');
});

test('targets of a monitor are up, down with a reason, or not there yet', () => {
  const monitor: KubeObject = {
    apiVersion: 'x',
    kind: 'ServiceMonitor',
    metadata: { name: 'consumer', namespace: 'ns' },
  };
  const target = (health: string, lastError = '', name = 'consumer') => ({
    scrapePool: `serviceMonitor/ns/${name}/0`,
    health,
    lastError,
    labels: { pod: 'consumer-1', instance: '10.0.0.1:8080' },
  });
  assert.equal(judgeTargets(monitor, [target('up'), target('down', 'x', 'consumer-2')]), undefined);
  assert.equal(judgeTargets(monitor, undefined), 'Prometheus does not answer');
  assert.equal(judgeTargets(monitor, [target('up', '', 'other')]), 'Prometheus has not found any yet');
  assert.equal(
    judgeTargets(monitor, [target('up'), target('down', 'connection refused')]),
    '1 of 2 up; consumer-1: connection refused',
  );
  assert.equal(judgeTargets(monitor, [target('unknown')]), '0 of 1 up; consumer-1: not scraped yet');
});

test('the nodes that report are read from the metrics of a replica', () => {
  const metrics =
    'sysmon_node_up{cluster="c",node="a"} 1\nsysmon_node_up{cluster="c",node="b"} 0\nsysmon_node_up_total{node="x"} 1\n';
  assert.deepEqual(nodesUp(metrics), ['a']);
});

test('before there is a tag, upgrade-check says how to get an earlier chart', async () => {
  const { run } = fakePrograms({ 'git describe': { code: 128, stderr: 'fatal: No names found' } });
  await assert.rejects(
    earlierChart(run, undefined),
    /no tag before this commit.* PREVIOUS=folder\/charts\/system-monitoring$/,
  );
});

test('the images of the earlier chart are others only if its version of them is', () => {
  assert.equal(otherImages('version: 0.1.0\nappVersion: 0.1.0', 'version: 0.2.0\nappVersion: 0.2.0'), '0.1.0');
  assert.equal(otherImages('version: 0.1.0\nappVersion: 0.1.0', 'version: 0.1.1\nappVersion: 0.1.0'), undefined);
});
