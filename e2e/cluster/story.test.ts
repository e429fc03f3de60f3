import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { run } from '../programs.ts';

const home = mkdtempSync(join(tmpdir(), 'e2e-cluster-'));
process.once('exit', () => rmSync(home, { recursive: true }));
const kubeconfig = join(home, 'kubeconfig');
const named = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name, cluster: { server: 'https://127.0.0.1:1' } }],
  users: [{ name, user: {} }],
  contexts: [{ name, context: { cluster: name, user: name } }],
  'current-context': name,
});
writeFileSync(kubeconfig, stringify(named('production')));

const CASES = [
  ['without a kubeconfig', {}, /^✗ the kubeconfig has no current context; there is none\. `make kind-up`/],
  [
    'in a cluster that is not of kind, unless it is named',
    { KUBECONFIG: kubeconfig },
    /^✗ .* production, which is not/,
  ],
  ['in a cluster that is not there', { KUBECONFIG: kubeconfig, CONTEXT: 'kind-x' }, /^✗ CONTEXT=kind-x: .* no such/],
] as const;
for (const [where, env, expected] of CASES) {
  test(`The story breaks nothing ${where}, and says why in a sentence`, async () => {
    const clean = { HOME: home, KUBECONFIG: '', CONTEXT: '', NODE_TEST_CONTEXT: '', KUBERNETES_SERVICE_HOST: '' };
    const story = run(process.execPath, ['e2e/cluster/story.e2e.ts'], { ...clean, ...env });
    const { code } = await story.end();
    assert.equal(code, 2, story.stdout());
    assert.match(story.stderr(), expected);
  });
}
