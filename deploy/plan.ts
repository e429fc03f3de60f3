/** Which releases are installed, in which order, from which chart and with which values. Decided before anything is touched. */

import type { Release } from '../cdk8s/releases/release.ts';
import { LOG_SHIPPERS, PROFILES, type Profile, RELEASES, type ReleaseName } from '../cdk8s/releases/table.ts';

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
  /** Ours, from the general to the special. */
  readonly valuesFiles: readonly string[];
  /** Values that follow from the choices, as a tree; they win over ours. Empty when there are none. */
  readonly values: object;
  /** The person's own, which win over both. */
  readonly ownValuesFiles: readonly string[];
  readonly set: string | undefined;
}

/** Whether there is such a file. */
type Exists = (path: string) => boolean;

export function plan(choices: Choices, exists: Exists): readonly PlannedRelease[] {
  return RELEASES.filter((release) => isWanted(release.name, choices, exists)).map((release) =>
    planned(release, choices, exists),
  );
}

function isWanted(name: ReleaseName, choices: Choices, exists: Exists): boolean {
  if ((LOG_SHIPPERS as readonly ReleaseName[]).includes(name)) {
    if (name !== choices.logShipper) return false;
    // Without our Loki it has nowhere to send logs to, unless it is told of another.
    if (isLeftOut('loki', choices) && ownValuesFiles(name, choices, exists).length === 0) return false;
  }
  return !isLeftOut(name, choices);
}

function isLeftOut(name: ReleaseName, { profile, skip }: Choices): boolean {
  const without: readonly ReleaseName[] = PROFILES[profile].without;
  return skip.includes(name) || without.includes(name);
}

/** A release as it is installed, whether the plan has it or not. */
export function planned(release: Release, choices: Choices, exists: Exists): PlannedRelease {
  const { profile, imageRegistry, set } = choices;
  const { name, registryValue } = release;
  const registry = imageRegistry === undefined || registryValue === undefined ? {} : at(registryValue, imageRegistry);
  return {
    ...release,
    ...chartOf(release, choices.chartsDir),
    valuesFiles: [`charts/values/${name}.yaml`, `charts/values/${profile}/${name}.yaml`].filter(exists),
    values: { ...registry, ...valuesWithout(name, choices) },
    ownValuesFiles: ownValuesFiles(name, choices, exists),
    set: name === 'system-monitoring' ? set : undefined,
  };
}

function ownValuesFiles(name: string, { valuesDir }: Choices, exists: Exists): readonly string[] {
  return valuesDir === undefined ? [] : [`${valuesDir}/${name}.yaml`].filter(exists);
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

/** What a release is told since others, of which ours speak, are left out. */
function valuesWithout(name: string, choices: Choices): object {
  const only = (left: ReleaseName, values: object) => (isLeftOut(left, choices) ? values : {});
  switch (name) {
    case 'kube-prometheus-stack':
      // Ours for Prometheus leads to Loki: the chart has its own without.
      return only('loki', {
        grafana: { additionalDataSources: [], sidecar: { datasources: { defaultDatasourceEnabled: true } } },
      });
    case 'kafka':
      // Somebody else's operator may be in any namespace: a monitor of ours would find nothing and be waited for.
      return only('strimzi-kafka-operator', { podMonitor: { operatorNamespace: '' } });
    case 'system-monitoring':
      // `helm test` asks only what is there, and consumers tell only whom they can reach.
      return {
        ...only('kube-prometheus-stack', { consumer: { alertmanagerUrl: '' } }),
        tests: { ...only('kube-prometheus-stack', { prometheusUrl: '' }), ...only('loki', { lokiUrl: '' }) },
      };
    default:
      return {};
  }
}

/** `a.b` and a leaf → {a: {b: leaf}} */
function at(path: string, leaf: string): object {
  return path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), leaf) as object;
}
