/**
 * kube-score and checkov look at the charts as they are meant for production, and find nothing: with the charts' own examples
 * of it, and with what `make deploy` takes for PROFILE=production. What is meant so has the linter's own annotation on the
 * object, with the reason.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { finished, outcome } from '../tools/process.ts';
import { skipWithoutTool, TOOLS, type ToolName } from '../tools/tools.ts';
import { CASES, type Case, CHARTS, render } from './charts.ts';

/** In place of the digest of an image that is published later; without one checkov would miss it (CKV_K8S_43). */
const DIGEST = `sha256:${'0'.repeat(64)}`;
const DIGESTS = ['producer', 'consumer'].map((service) => `${service}.image.digest=${DIGEST}`);

/** What `make deploy` installs of ours: chart → what is set besides its files of values. */
const DEPLOYED: Readonly<Record<string, readonly string[]>> = { kafka: [], 'system-monitoring': DIGESTS };

const scratch = mkdtempSync(join(tmpdir(), 'linted-'));
after(() => rmSync(scratch, { recursive: true }));

/** Each the files with the objects to look at. */
const RENDERED: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  "the charts' examples of production": async () =>
    CASES.filter(({ values }) => values === 'production').map(({ golden }) => golden),
  'what PROFILE=production deploys': () =>
    Promise.all(Object.entries(DEPLOYED).map(([chart, set]) => deployed(chart, set))),
};

async function deployed(chart: string, set: readonly string[]): Promise<string> {
  const own: Case = { chart, folder: join(CHARTS, chart), values: 'deployed', golden: join(scratch, `${chart}.yaml`) };
  const files = ['', 'production/'].map((folder) => join(CHARTS, 'values', folder, `${chart}.yaml`));
  writeFileSync(own.golden, await render('helm4', own, { files: files.filter(existsSync), set }));
  return own.golden;
}

function skipWithout(...names: readonly ToolName[]): false | string {
  return names.map(skipWithoutTool).find((reason) => reason !== false) ?? false;
}

for (const [what, render] of Object.entries(RENDERED)) {
  test(`kube-score finds nothing critical in ${what}`, { skip: skipWithout('helm4', 'kubeScore') }, async () => {
    const options = ['score', '--output-format', 'json', '--kubernetes-version', 'v1.36', ...(await render())];
    // It ends with 1 when something is critical; what it found is on its output all the same.
    const { stdout, stderr } = await outcome(join(TOOLS.kubeScore.folder, 'kube-score'), options);
    const objects: readonly Scored[] = stdout === '' ? [] : JSON.parse(stdout);
    const workloads = objects.filter(({ type_meta }) => ['DaemonSet', 'Deployment'].includes(type_meta.kind));
    assert.equal(workloads.length, 2, stderr);
    const critical = objects.flatMap(({ object_name, checks }) =>
      checks
        .filter(({ grade, skipped }) => grade === CRITICAL && !skipped)
        .map(({ check }) => `${check.id} ${object_name}`),
    );
    assert.deepEqual(critical, []);
  });

  test(`checkov finds nothing wrong in ${what}`, { skip: skipWithout('helm4', 'checkov') }, async () => {
    const options = ['--framework', 'kubernetes', '--skip-download', '--soft-fail', '--compact', '--output', 'json'];
    const files = (await render()).flatMap((file) => ['--file', file]);
    const args = ['-m', 'checkov.main', ...options, ...files];
    const { results, summary } = JSON.parse(
      await finished('python3', args, { env: { PYTHONPATH: TOOLS.checkov.folder } }),
    ) as Checked;
    assert.ok(summary.passed > 100 && summary.parsing_errors === 0, JSON.stringify(summary));
    const failed = results.failed_checks.map(({ check_id, resource }) => `${check_id} ${resource}`);
    assert.deepEqual(failed, []);
  });
}

const CRITICAL = 1;

interface Scored {
  readonly object_name: string;
  readonly type_meta: { readonly kind: string };
  readonly checks: readonly {
    readonly check: { readonly id: string };
    readonly grade: number;
    readonly skipped: boolean;
  }[];
}

interface Checked {
  readonly results: { readonly failed_checks: readonly { readonly check_id: string; readonly resource: string }[] };
  readonly summary: { readonly passed: number; readonly parsing_errors: number };
}
