/** What Helm itself makes of the sample chart, which has every kind of token in it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { sampleChart } from '../cdk8s/helm/testdata/sample.ts';
import { type Finished, outcome } from './tools/process.ts';
import { skipWithoutTool, TOOLS } from './tools/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'helm-sample-'));
after(() => rmSync(folder, { recursive: true }));
for (const [path, text] of sampleChart().files()) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

for (const helm of ['helm3', 'helm4'] as const) {
  const skip = skipWithoutTool(helm);
  const run = (...args: readonly string[]) => outcome(join(TOOLS[helm].folder, 'helm'), args);
  const render = (...args: readonly string[]) => run('template', 'rel', folder, '--kube-version', '1.36.0', ...args);

  for (const values of ['default', 'full']) {
    const file = join(folder, 'ci', `${values}-values.yaml`);
    test(`${helm} finds nothing wrong with the chart, ${values} values`, { skip }, async () => {
      const { status, stdout, stderr } = await run('lint', '--strict', folder, '--values', file);
      assert.equal(status, 0, stdout + stderr);
    });
  }

  test(`${helm}: the defaults become what they say`, { skip }, async () => {
    const { Deployment, ConfigMap } = objects(await render());
    assert.equal(Deployment.metadata.name, 'rel-sample-server');
    const { replicas, strategy, template } = Deployment.spec;
    assert.deepEqual([replicas, strategy.rollingUpdate.maxUnavailable], [2, '25%']);
    const [container] = template.spec.containers;
    assert.deepEqual(Object.keys(template.spec).sort(), ['containers', 'hostPID', 'tolerations']);
    assert.deepEqual(container.args, ['--level', 'info']);
    assert.deepEqual(container.env, [{ name: 'LIMIT', value: '5000000' }]);
    assert.equal(container.image, 'ghcr.io/example/server:1.2.3');
    assert.equal(ConfigMap.metadata.annotations, undefined);
    assert.deepEqual(ConfigMap.data, {
      limit: '5000000 of info',
      digits: '2.2',
      yes: 'yes',
      json: '{"a":{"b":{}},"level":{"false":1}}',
      'alert.txt': 'CPU of {{ $labels.node }} is at {{ printf "%.0f" $value }}\nand `{{ raw }}`\n\n',
    });
  });

  test(`${helm}: all that may be there is there`, { skip }, async () => {
    const { Deployment, ConfigMap } = objects(await render('--values', join(folder, 'ci/full-values.yaml')));
    assert.equal(ConfigMap, undefined);
    const { strategy, template } = Deployment.spec;
    assert.equal(strategy.rollingUpdate.maxUnavailable, 1);
    assert.equal(template.metadata.labels['example.org/tier'], 'back');
    const { containers, ...spec } = template.spec;
    assert.deepEqual(spec, {
      hostPID: false,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      affinity: { nodeAffinity: {} },
      tolerations: [{ operator: 'Exists' }],
      priorityClassName: 'high',
      terminationGracePeriodSeconds: 0,
      volumes: [{ name: 'scratch', emptyDir: {} }],
      securityContext: { runAsNonRoot: true },
    });
    assert.deepEqual(containers[0].args, ['--level', 'debug', '--verbose']);
    assert.deepEqual(containers[0].env, [
      { name: 'LIMIT', value: '123456789' },
      { name: 'DEBUG', value: 'on' },
      { name: 'EXTRA', value: 'on' },
    ]);
  });

  for (const [set, message] of [
    ['server.imag.tag=x', /imag/],
    ['replicas=x', /replicas/],
  ] as const) {
    test(`${helm} refuses ${set} and names the key`, { skip }, async () => {
      const { status, stderr } = await render('--set', set);
      assert.notEqual(status, 0);
      assert.match(stderr, message);
    });
  }
}

// biome-ignore lint/suspicious/noExplicitAny: manifests of several kinds
function objects({ status, stdout, stderr }: Finished): Record<string, any> {
  assert.equal(status, 0, stderr);
  return Object.fromEntries(parseAllDocuments(stdout).map((each) => [each.toJS()?.kind, each.toJS()]));
}
