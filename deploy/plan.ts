/** Which releases are installed, in which order, from which chart and with which values. Decided before anything is touched. */

import type { Release } from '../cdk8s/releases/release.ts';
import { PROFILES, type Profile, RELEASES, type ReleaseName } from '../cdk8s/releases/table.ts';

export interface Choices {
  readonly profile: Profile;
  readonly skip: readonly ReleaseName[];
  readonly logShipper: ReleaseName;
  readonly chartsDir: string | undefined;
  readonly imageRegistry: string | undefined;
  readonly valuesDir: string | undefined;
  readonly set: string | undefined;
}

export interface PlannedRelease extends Release {
  /** What helm is told: a folder, an archive, a reference or a name. */
  readonly chart: string;
  /** `--repo`, `--version`, where the chart is not a file. */
  readonly chartFlags: readonly string[];
  readonly valuesFiles: readonly string[];
  /** Values that come from the environment, as a tree; empty when there are none. */
  readonly values: object;
  readonly set: string | undefined;
}

/** @param exists whether there is such a file */
export function plan(choices: Choices, exists: (path: string) => boolean): readonly PlannedRelease[] {
  return RELEASES.filter((release) => isWanted(release.name, choices)).map((release) =>
    planned(release, choices, exists),
  );
}

export function isWanted(name: ReleaseName, { profile, skip, logShipper }: Choices): boolean {
  if ((name === 'promtail' || name === 'alloy') && name !== logShipper) return false;
  const without: readonly ReleaseName[] = PROFILES[profile].without;
  return !skip.includes(name) && !without.includes(name);
}

/** A release as it is installed, whether the plan has it or not. */
export function planned(release: Release, choices: Choices, exists: (path: string) => boolean): PlannedRelease {
  const { profile, valuesDir, imageRegistry, set } = choices;
  const { name, registryValue } = release;
  const files = [`charts/values/${name}.yaml`, `charts/values/${profile}/${name}.yaml`].filter(exists);
  const own = valuesDir === undefined ? [] : [`${valuesDir}/${name}.yaml`].filter(exists);
  const registry = imageRegistry === undefined || registryValue === undefined ? {} : at(registryValue, imageRegistry);
  return {
    ...release,
    ...chartOf(release, choices.chartsDir),
    valuesFiles: [...files, ...own],
    values: name === 'system-monitoring' ? { ...registry, tests: testsWithout(choices) } : registry,
    set: name === 'system-monitoring' ? set : undefined,
  };
}

/** The archive that CHARTS_DIR has to hold for a release of a third party. */
export function archive({ name, home }: Release): string | undefined {
  return 'folder' in home ? undefined : `${name}-${home.version}.tgz`;
}

function chartOf(release: Release, chartsDir: string | undefined): Pick<PlannedRelease, 'chart' | 'chartFlags'> {
  const { name, home } = release;
  if ('folder' in home) return { chart: home.folder, chartFlags: [] };
  if (chartsDir !== undefined) return { chart: `${chartsDir}/${archive(release)}`, chartFlags: [] };
  const version = ['--version', home.version];
  if ('oci' in home) return { chart: home.oci, chartFlags: version };
  return { chart: name, chartFlags: ['--repo', home.repository, ...version] };
}

/** `helm test` asks only what is there. */
function testsWithout(choices: Choices): object {
  return {
    ...(isWanted('kube-prometheus-stack', choices) ? {} : { prometheusUrl: '' }),
    ...(isWanted('loki', choices) ? {} : { lokiUrl: '' }),
  };
}

/** `a.b` and a leaf → {a: {b: leaf}} */
function at(path: string, leaf: string): object {
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), leaf) as object;
}
