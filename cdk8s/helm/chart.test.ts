import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { ApiObject, App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { type Construct, Construct as Scope } from 'constructs';
import { HelmChart, onlyWhen } from './chart.ts';
import { valuePaths } from './expression.ts';
import { manifestOf } from './manifest.ts';
import { sampleChart, VALUES } from './testdata/sample.ts';
import { helm } from './tokens.ts';

test('a chart with every kind of token in it reads as the golden text', () => {
  const text = [...sampleChart().files()].map(([path, content]) => `=== ${path}\n${content}`).join('');
  const file = new URL('testdata/sample.golden', import.meta.url);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'));
});

test('the same source makes the same files', () => {
  assert.deepEqual(sampleChart().files(), sampleChart().files());
});

function scope(): Construct {
  return new Chart(new App(), 'test');
}

function podOf(spec: Partial<k8s.PodSpec>): unknown {
  const pod = new k8s.KubePod(scope(), 'pod', { metadata: { name: 'x' }, spec: { containers: [], ...spec } });
  return manifestOf(pod).spec;
}

test('tokens in place of lists and objects pass through the typed objects of cdk8s', () => {
  const tolerations: k8s.Toleration[] = helm.yaml('.Values.t');
  const affinity: k8s.Affinity = helm.optional.yaml('.Values.a');
  const securityContext = helm.when('.Values.s', { runAsUser: helm.number('.Values.u') });
  const item = helm.splice<k8s.Volume>('.Values.v');
  const nodeSelector: Record<string, string> = { a: 'b', ...helm.entries('.Values.n') };
  assert.deepEqual(podOf({ tolerations, affinity, securityContext, volumes: [item], nodeSelector }), {
    containers: [],
    tolerations,
    affinity,
    securityContext,
    volumes: [item],
    nodeSelector,
  });
});

test('names of properties that cdk8s writes differently keep their tokens', () => {
  const given = { hostPid: helm.boolean('.Values.h'), setHostnameAsFqdn: true, hostIpc: false };
  assert.deepEqual(podOf(given), { containers: [], hostPID: given.hostPid, setHostnameAsFQDN: true, hostIPC: false });
});

test('amounts and ports that are numbers or texts keep their tokens', () => {
  const storage = k8s.Quantity.fromString(helm.string('.Values.size'));
  const claim = new k8s.KubePersistentVolumeClaim(scope(), 'claim', {
    metadata: { name: 'x' },
    spec: { resources: { requests: { storage } } },
  });
  assert.deepEqual(manifestOf(claim).spec, { resources: { requests: { storage: storage.value } } });
});

test('a token in place of all labels or annotations stays whole', () => {
  const labels = helm.yaml<Record<string, string>>('.Values.l');
  const map = new k8s.KubeConfigMap(scope(), 'map', { metadata: { name: 'x', labels } });
  assert.deepEqual(manifestOf(map).metadata, { name: 'x', labels });
});

test('a property that cdk8s does not know is refused instead of dropped', () => {
  const misspelt = { tolerances: [] } as Partial<k8s.PodSpec>;
  assert.throws(
    () => podOf(misspelt),
    /test\/pod\/spec: cdk8s' type of this object does not know the property tolerances/,
  );
});

function empty(): HelmChart {
  const metadata = { name: 'c', description: 'd', version: '1.0.0', appVersion: '1', kubeVersion: '>=1.30.0-0' };
  return new HelmChart({ metadata, values: VALUES, notes: '', readme: () => '', ci: {} });
}

const X = { apiVersion: 'v1', kind: 'X' };

test('an object exists under the conditions of all that it stands in', () => {
  const chart = empty();
  const outer = onlyWhen('.Values.a', new Scope(chart, 'outer'));
  onlyWhen('eq 1 1', new ApiObject(outer, 'x', { ...X, metadata: { name: 'x' } }));
  assert.match(chart.files().get('templates/outer/x.yaml') ?? '', /^\{\{- if and \.Values\.a \(eq 1 1\) \}\}$/m);
});

test('an object without a name is refused: a name that cdk8s makes up changes with its place', () => {
  assert.throws(() => new ApiObject(empty(), 'x', X), /c\/x: expected metadata\.name, found none/);
});

test('two files of one name are refused', () => {
  const chart = empty();
  new ApiObject(chart, 'x', { ...X, metadata: { name: 'x' } });
  chart.addFile('templates/x.yaml', '');
  assert.throws(() => chart.files(), /templates\/x\.yaml: expected one object or file of this name, found two/);
});

test('a token in a file that is written by hand is refused', () => {
  const chart = empty();
  chart.addFile('a.txt', `x ${helm.string('.Values.a')}`);
  assert.throws(() => chart.files(), /a\.txt: expected a text without tokens/);
});

test('the compiler refuses paths that do not exist and types that do not fit', () => {
  const v = valuePaths<{ readonly a: { readonly name: string; readonly count?: number } }>();
  helm.string(v.a.name);
  helm.optional.number(v.a.count);
  // @ts-expect-error there is no such value
  helm.string(v.a.nam);
  // @ts-expect-error a text where a number is wanted
  helm.number(v.a.name);
  // @ts-expect-error it may be missing
  helm.number(v.a.count);
  // @ts-expect-error a group of values is no text
  helm.string(v.a);
  assert.equal(`${v.a.name}`, '.Values.a.name');
});
