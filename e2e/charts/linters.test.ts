/**
 * kube-score and checkov look at the charts as they are meant for production, and find nothing. What is meant so has the
 * linter's own annotation on the object, with the reason.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { finished, outcome } from '../tools/process.ts';
import { skipWithoutTool, TOOLS } from '../tools/tools.ts';
import { CASES } from './charts.ts';

const files = CASES.filter(({ values }) => values === 'production').map(({ golden }) => golden);

test('kube-score finds nothing critical in production', {
  skip: skipWithoutTool('kubeScore'),
}, async () => {
  const options = ['score', '--output-format', 'json', '--kubernetes-version', 'v1.36'];
  // It ends with 1 when something is critical; what it found is on its output all the same.
  const { stdout, stderr } = await outcome(join(TOOLS.kubeScore.folder, 'kube-score'), [...options, ...files]);
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

test('checkov finds nothing wrong in production', { skip: skipWithoutTool('checkov') }, async () => {
  const options = ['--framework', 'kubernetes', '--skip-download', '--soft-fail', '--compact', '--output', 'json'];
  const args = ['-m', 'checkov.main', ...options, ...files.flatMap((file) => ['--file', file])];
  const { results, summary } = JSON.parse(
    await finished('python3', args, { env: { PYTHONPATH: TOOLS.checkov.folder } }),
  ) as Checked;
  assert.ok(summary.passed > 100 && summary.parsing_errors === 0, JSON.stringify(summary));
  const failed = results.failed_checks.map(({ check_id, resource }) => `${check_id} ${resource}`);
  assert.deepEqual(failed, []);
});

interface Checked {
  readonly results: { readonly failed_checks: readonly { readonly check_id: string; readonly resource: string }[] };
  readonly summary: { readonly passed: number; readonly parsing_errors: number };
}
