/**
 * Helm's commands, with flags that both of its majors know: Helm 4 renamed or removed `--atomic`, `--force` and the bare `--dry-run`,
 * and its `--wait` means something else than Helm 3's. So none of them is used: deploy waits by itself.
 */
import { stringify } from 'yaml';
import type { PlannedRelease } from './plan.ts';
import type { Outcome, Run } from './run.ts';

export interface Target {
  readonly run: Run;
  readonly context: string;
}

export function upgradeArgs(release: PlannedRelease, context: string, timeout: string): readonly string[] {
  return [
    ...['upgrade', release.name, ...chartArgs(release), '--install'],
    // Definitions are applied before (definitions.ts); Helm 4 refuses to share them with another.
    ...['--skip-crds', '--timeout', timeout, '--history-max', '5'],
    ...['--namespace', release.namespace, '--kube-context', context],
  ];
}

export function templateArgs(release: PlannedRelease, ...flags: string[]): readonly string[] {
  return ['template', release.name, ...chartArgs(release), '--skip-crds', '--namespace', release.namespace, ...flags];
}

/** Chart and values, of which later ones win. Values that follow from the choices come by standard input (`-`). */
function chartArgs(release: PlannedRelease): readonly string[] {
  const set = release.set === undefined ? [] : ['--set', release.set];
  const values = [...release.valuesFiles, '-', ...release.ownValuesFiles].flatMap((file) => ['--values', file]);
  return [release.chart, ...release.chartFlags, ...values, ...set];
}

/** What stands on standard input for `--values -`. */
export const input = (release: PlannedRelease): string => stringify(release.values);

export async function upgrade(target: Target, release: PlannedRelease, timeoutMs: number): Promise<Outcome> {
  const timeout = `${Math.ceil(timeoutMs / 1000)}s`;
  return await target.run('helm', upgradeArgs(release, target.context, timeout), input(release));
}

/** What the release consists of, as YAML documents. */
export async function manifest(target: Target, { name, namespace }: Named): Promise<Outcome> {
  return await target.run('helm', [
    'get',
    'manifest',
    name,
    '--namespace',
    namespace,
    '--kube-context',
    target.context,
  ]);
}

export async function uninstall(target: Target, { name, namespace }: Named): Promise<Outcome> {
  const flags = ['--ignore-not-found', '--namespace', namespace, '--kube-context', target.context];
  return await target.run('helm', ['uninstall', name, ...flags]);
}

/** The definitions in a chart and its dependencies, as YAML documents. */
export async function definitions(target: Target, release: PlannedRelease): Promise<Outcome> {
  return await target.run('helm', ['show', 'crds', release.chart, ...release.chartFlags]);
}

export interface InstalledRelease {
  readonly name: string;
  readonly namespace: string;
  /** Name and version of its chart, such as loki-18.11.0. */
  readonly chart: string;
  readonly status: string;
  readonly revision: string;
}

/** Every release of the cluster, also those that failed or are in the middle of something. */
export async function installed(target: Target): Promise<readonly InstalledRelease[]> {
  const flags = [
    '--all-namespaces',
    '--deployed',
    '--failed',
    '--pending',
    '--uninstalling',
    '--output',
    'json',
    '--kube-context',
    target.context,
  ];
  const { code, stdout } = await target.run('helm', ['list', ...flags]);
  return code === 0 ? JSON.parse(stdout || '[]') : [];
}

type Named = Pick<PlannedRelease, 'name' | 'namespace'>;
