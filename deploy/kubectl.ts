/** What a deployment writes past helm: namespaces and definitions, by server-side apply. */
import { stringify } from 'yaml';
import { PipelineError } from '#runtime/errors.ts';
import { explain } from './explain.ts';
import type { Target } from './helm.ts';
import type { KubeObject } from './objects.ts';

/** By this name the cluster remembers what was applied here. */
export const FIELD_MANAGER = 'system-monitoring-deploy';

/** @returns how many objects were applied */
export async function apply({ run, context }: Target, text: string): Promise<number> {
  // Whoever owned a field of a definition before, helm or a hand: the newest version has to win.
  const flags = ['--server-side', '--force-conflicts', '--field-manager', FIELD_MANAGER];
  const { code, stdout, stderr } = await run('kubectl', ['apply', ...flags, '--context', context, '-f', '-'], text);
  if (code !== 0) throw new PipelineError('DEPLOY', `kubectl apply failed\n${explain(stderr)}`);
  return stdout.trim().split('\n').length;
}

export const documents = (objects: readonly KubeObject[]): string =>
  objects.map((each) => stringify(each)).join('---\n');

/** Deletes an object and everything that belongs to it; it may be gone already. */
export async function remove({ run, context }: Target, kind: string, name: string, namespace?: string): Promise<void> {
  const where = namespace === undefined ? [] : ['--namespace', namespace];
  const flags = ['--ignore-not-found', '--wait=false', '--context', context];
  const { code, stderr } = await run('kubectl', ['delete', kind, name, ...where, ...flags]);
  if (code !== 0) throw new PipelineError('DEPLOY', `kubectl delete ${kind} ${name} failed\n${explain(stderr)}`);
}
