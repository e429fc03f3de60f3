import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeCluster, fakePrograms } from '../fake-cluster.ts';
import type { KubeObject } from '../objects.ts';
import { type Choices, plan } from '../plan.ts';
import { examineCharts } from './charts.ts';
import { examineChoices } from './choices.ts';
import { examineCluster, judgeInstalled, judgeNodes, judgeStorage, judgeVersion } from './cluster.ts';
import { type Finding, report } from './finding.ts';
import { judgeDocker, judgeHelm, judgeInotify } from './machine.ts';

const CHOICES: Choices = {
  profile: 'kind',
  skip: [],
  logShipper: 'promtail',
  chartsDir: '/nowhere',
  imageRegistry: undefined,
  valuesDir: undefined,
  set: undefined,
};
const RELEASES = plan(CHOICES, () => false);
const said = (stdout: string, code = 0, stderr = '') => ({ code, stdout, stderr });
const node = (name: string, ready: boolean, spec = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec,
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});

const HELMS = [
  ['v3.15.4+gfa9efb0', 'fail'],
  ['v3.16.0+g1', 'ok'],
  ['v3.22', 'ok'],
  ['v4.1.4+g05fa379', 'ok'],
] as const;
for (const [version, level] of HELMS) {
  test(`helm ${version} is ${level}`, () => assert.equal(judgeHelm(said(version)).level, level));
}

test('a program that is missing is told with where to get it', () => {
  const { level, fix } = judgeHelm(said('', 127));
  assert.deepEqual([level, /https:\/\/helm\.sh/.test(fix ?? '')], ['fail', true]);
});

test('docker tells its memory: too little fails, scarce warns', () => {
  const level = (gib: number) => judgeDocker(said(`${gib * 1024 ** 3} 28.0.1\n`)).map((finding) => finding.level);
  assert.deepEqual(
    [level(2), level(5), level(8)],
    [
      ['ok', 'fail'],
      ['ok', 'warn'],
      ['ok', 'ok'],
    ],
  );
});

test('a daemon of docker that does not answer is not a docker that is missing', () => {
  const [missing] = judgeDocker(said('', 127, 'spawn docker ENOENT'));
  const [silent] = judgeDocker(said('', 1, 'Cannot connect to the Docker daemon\nmore'));
  assert.match(missing?.found ?? '', /^not found$/);
  assert.match(silent?.found ?? '', /does not answer: Cannot connect to the Docker daemon$/);
});

test('inotify limits that are too low come with the command that raises them', () => {
  const [finding] = judgeInotify((name) => (name === 'max_user_instances' ? '128\n' : '1048576\n'));
  assert.deepEqual(finding?.found, 'fs.inotify.max_user_instances is 128');
  assert.match(finding?.fix ?? '', /^sudo sysctl fs\.inotify\.max_user_instances=512 /);
  assert.equal(judgeInotify(() => undefined)[0]?.level, 'ok');
});

test('a Kubernetes older than Strimzi supports is refused', () => {
  assert.deepEqual(
    ['v1.29.9', 'v1.30.0', 'v1.36.3'].map((version) => judgeVersion('x', version).level),
    ['fail', 'ok', 'ok'],
  );
});

test('nodes that are closed or not ready are named', () => {
  assert.deepEqual(judgeNodes([node('a', true), node('b', true)]).level, 'ok');
  assert.match(judgeNodes([node('a', true), node('b', false)]).fix ?? '', /kubectl describe node b/);
  assert.match(judgeNodes([node('a', true, { unschedulable: true })]).fix ?? '', /kubectl uncordon a/);
});

test('without a default storage class Kafka would wait for its volume', () => {
  const standard = (annotations: Record<string, string>): KubeObject => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations },
  });
  assert.equal(judgeStorage([standard({})]).level, 'warn');
  assert.equal(judgeStorage([standard({ 'storageclass.kubernetes.io/is-default-class': 'true' })]).level, 'ok');
});

test('archives that are missing are named as they have to be', () => {
  const [finding] = examineCharts(RELEASES, '/nowhere');
  assert.equal(finding?.level, 'fail');
  assert.match(
    finding?.found ?? '',
    /missing in \/nowhere: strimzi-kafka-operator-1\.2\.0\.tgz, kube-prometheus-stack-88\.5\.3\.tgz/,
  );
});

test('a log shipper that is left out with Loki is told, unless that was asked for', () => {
  const told = (skip: Choices['skip']) => {
    const choices = { ...CHOICES, skip };
    return examineChoices(
      plan(choices, () => false),
      choices,
    );
  };
  assert.match(told(['loki'])[0]?.found ?? '', /^promtail is left out with loki: no VALUES_DIR\/promtail\.yaml/);
  assert.deepEqual([told([]), told(['loki', 'promtail']), told(['promtail'])], [[], [], []]);
});

test('the same chart under another name is a reason to leave ours out', () => {
  const other = {
    name: 'prom',
    namespace: 'ops',
    chart: 'kube-prometheus-stack-80.0.0',
    status: 'deployed',
    revision: '1',
  };
  assert.match(judgeInstalled([other], RELEASES)[0]?.fix ?? '', /SKIP=kube-prometheus-stack/);
  const ours = { ...other, name: 'kube-prometheus-stack', namespace: 'monitoring' };
  assert.deepEqual(judgeInstalled([ours], RELEASES), []);
});

test('a release that an interrupted helm has locked fails before anything is changed', () => {
  const locked = {
    name: 'loki',
    namespace: 'monitoring',
    chart: 'loki-18.11.0',
    status: 'pending-upgrade',
    revision: '2',
  };
  const [finding] = judgeInstalled([locked], RELEASES);
  assert.deepEqual(
    [finding?.level, finding?.fix?.startsWith('helm rollback loki --namespace monitoring')],
    ['fail', true],
  );
});

test('a cluster that does not answer is told as one line with what to do', async () => {
  const dead = {
    ...fakeCluster({}),
    version: () => Promise.reject(new Error('connect ECONNREFUSED 127.0.0.1:1')),
  };
  const findings = await examineCluster(dead, { run: fakePrograms().run, context: 'kind-kind' }, RELEASES);
  assert.deepEqual(
    findings.map(({ level }) => level),
    ['fail'],
  );
  assert.match(findings[0]?.fix ?? '', /make kind-up/);
});

test('the report lines up what was found and indents what to do', () => {
  const findings: Finding[] = [
    { what: 'helm', level: 'ok', found: 'v4.1.4' },
    { what: 'storage', level: 'warn', found: 'none', fix: 'make one' },
  ];
  assert.equal(report(findings), '✓ helm     v4.1.4\n! storage  none\n           → make one');
});
