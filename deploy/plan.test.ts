import assert from 'node:assert/strict';
import { test } from 'node:test';
import { input, templateArgs, upgradeArgs } from './helm.ts';
import { type Choices, plan } from './plan.ts';

const CHOICES: Choices = {
  profile: 'kind',
  skip: [],
  logShipper: 'promtail',
  chartsDir: undefined,
  imageRegistry: undefined,
  valuesDir: undefined,
  set: undefined,
};

const names = (choices: Partial<Choices>): readonly string[] =>
  plan({ ...CHOICES, ...choices }, () => false).map(({ name }) => name);

const release = (name: string, choices: Partial<Choices>, files: readonly string[] = []) => {
  const found = plan({ ...CHOICES, ...choices }, (path) => files.includes(path)).find((each) => each.name === name);
  assert.ok(found, `${name} is not planned`);
  return found;
};

test('operators come before what they operate, and ours comes last', () => {
  const order = ['strimzi-kafka-operator', 'kube-prometheus-stack', 'loki', 'promtail', 'kafka', 'system-monitoring'];
  assert.deepEqual(names({}), order);
});

test('without Strimzi a plain broker takes the place of the operator and its Kafka', () => {
  const order = ['kube-prometheus-stack', 'loki', 'promtail', 'plain-kafka', 'system-monitoring'];
  assert.deepEqual(names({ profile: 'without-strimzi' }), order);
});

test('one log shipper is installed: the chosen one', () => {
  const withAlloy = names({ logShipper: 'alloy' });
  assert.deepEqual([withAlloy.includes('alloy'), withAlloy.includes('promtail')], [true, false]);
});

test('what the cluster already has is left out', () => {
  const left = names({ skip: ['strimzi-kafka-operator', 'kube-prometheus-stack', 'loki', 'promtail'] });
  assert.deepEqual(left, ['kafka', 'system-monitoring']);
});

test('A chart comes from its repository, its registry, an archive or our own folder', () => {
  const chart = (name: string, choices: Partial<Choices> = {}) => {
    const { chart, chartFlags } = release(name, choices);
    return [chart, ...chartFlags].join(' ');
  };
  assert.match(chart('loki'), /^loki --repo https:\/\/grafana-community\S+ --version 18\.11\.0$/);
  assert.match(chart('strimzi-kafka-operator'), /^oci:\/\/\S+ --version 1\.2\.0$/);
  assert.equal(chart('loki', { chartsDir: '/charts' }), '/charts/loki-18.11.0.tgz');
  assert.equal(chart('system-monitoring', { chartsDir: '/charts' }), 'charts/system-monitoring');
});

test('values are added from the general to the personal, as far as there are files', () => {
  const files = ['charts/values/loki.yaml', 'charts/values/kind/loki.yaml', '/mine/loki.yaml'];
  const flags = (there: readonly string[]) => templateArgs(release('loki', { valuesDir: '/mine' }, there)).join(' ');
  assert.match(
    flags(files),
    / --values charts\/values\/loki\.yaml --values charts\/values\/kind\/loki\.yaml --values - --values \/mine\/loki\.yaml /,
  );
  assert.match(flags(files.slice(0, 1)), / --values charts\/values\/loki\.yaml --values - --skip-crds/);
});

const LEFT_OUT = [
  ['system-monitoring', 'kube-prometheus-stack', { consumer: { alertmanagerUrl: '' }, tests: { prometheusUrl: '' } }],
  ['system-monitoring', 'loki', { tests: { lokiUrl: '' } }],
  [
    'kube-prometheus-stack',
    'loki',
    { grafana: { additionalDataSources: [], sidecar: { datasources: { defaultDatasourceEnabled: true } } } },
  ],
  ['kafka', 'strimzi-kafka-operator', { podMonitor: { operatorNamespace: '' } }],
] as const;
for (const [name, left, expected] of LEFT_OUT) {
  test(`${name} is not told of a ${left} that is left out`, () => {
    assert.deepEqual(release(name, { skip: [left] }).values, expected);
  });
}

test('a log shipper goes with Loki, unless it is told of another', () => {
  const shipsTo = (files: readonly string[]) =>
    plan({ ...CHOICES, skip: ['loki'], valuesDir: '/mine' }, (path) => files.includes(path)).some(
      ({ name }) => name === 'promtail',
    );
  assert.deepEqual([shipsTo([]), shipsTo(['/mine/promtail.yaml'])], [false, true]);
});

test('A registry of images is put where each chart has it', () => {
  const registry = (name: string): object =>
    release(name, { imageRegistry: 'registry.local', logShipper: 'alloy' }).values;
  assert.deepEqual(registry('loki'), { global: { imageRegistry: 'registry.local' } });
  assert.deepEqual(registry('alloy'), { global: { image: { registry: 'registry.local' } } });
  assert.deepEqual(registry('strimzi-kafka-operator'), { defaultImageRegistry: 'registry.local' });
});

test('SET reaches system-monitoring alone', () => {
  const flags = (name: string) =>
    upgradeArgs(release(name, { set: 'consumer.replicas=3' }), 'kind-kind', '10s').join(' ');
  assert.match(flags('system-monitoring'), / --set consumer\.replicas=3/);
  assert.doesNotMatch(flags('loki'), /--set/);
});

test('helm is called with flags that both of its majors know, for the chosen context', () => {
  const args = upgradeArgs(release('loki', {}), 'kind-kind', '600s').join(' ');
  assert.match(
    args,
    /^upgrade loki loki --repo \S+ --version 18\.11\.0 --values - --install --skip-crds --timeout 600s/,
  );
  assert.match(args, /--namespace monitoring --kube-context kind-kind$/);
  assert.doesNotMatch(args, /--(?:wait|atomic|force|dry-run)/);
});

test('rendering and installing get the same values', () => {
  const loki = release('loki', { imageRegistry: 'registry.local' }, ['charts/values/loki.yaml']);
  assert.equal(input(loki), 'global:\n  imageRegistry: registry.local\n');
  for (const args of [templateArgs(loki), upgradeArgs(loki, 'kind-kind', '1s')]) {
    assert.match(args.join(' '), /--values charts\/values\/loki\.yaml --values -/);
  }
});
