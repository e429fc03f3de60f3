/** What the environment decides about a deployment: one table validates it and prints `--help`. */
import type { SettingsTable } from '#runtime/config.ts';
import { directory, duration, oneOf, text, whole } from '#runtime/settings.ts';
import { LOG_SHIPPERS, PROFILES, type Profile, RELEASES, type ReleaseName } from '../cdk8s/releases/table.ts';

const NAMES: readonly string[] = RELEASES.map((release) => release.name);

const releases = {
  expected: `a comma-separated list of ${NAMES.join(', ')}`,
  parse(value: string): readonly ReleaseName[] | undefined {
    const list = value.split(',').map((item) => item.trim());
    return list.every((item) => NAMES.includes(item)) ? (list as ReleaseName[]) : undefined;
  },
};

export const DEPLOY_SETTINGS = {
  PROFILE: {
    help: 'What kind of cluster it is: charts/values/<profile> is added to the values.',
    ...oneOf(...(Object.keys(PROFILES) as Profile[])),
    default: 'kind',
  },
  CONTEXT: {
    help: 'The context of the kubeconfig to work with. A current context that is not of kind has to be named here, or confirmed.',
    ...text,
    unset: 'the current context',
  },
  SKIP: {
    help: 'Releases to leave out, because the cluster already has what they bring.',
    ...releases,
    unset: 'none',
  },
  LOG_SHIPPER: {
    help: 'What brings logs to Loki. Promtail is past its end of life; Alloy is its successor.',
    ...oneOf(...LOG_SHIPPERS),
    default: 'promtail',
  },
  CHARTS_DIR: {
    help: 'A folder with the charts of third parties as archives <name>-<version>.tgz, for clusters without internet.',
    ...directory,
    unset: 'from where they are published',
  },
  IMAGE_REGISTRY: {
    help: 'The registry that holds every image, in place of the ones that the charts name.',
    ...text,
    unset: 'as the charts name them',
  },
  VALUES_DIR: {
    help: 'A folder with values of your own, <release>.yaml, which win over all others.',
    ...directory,
    unset: 'none',
  },
  SET: {
    help: 'Values for system-monitoring, as `helm --set` takes them, such as consumer.replicas=3.',
    ...text,
    unset: 'none',
  },
  TIMEOUT: {
    help: 'How long a release may take to become ready.',
    ...duration('10s', '2h'),
    default: '10m',
  },
  PURGE: {
    help: 'With undeploy: 1 removes the data, too: volumes, definitions that nobody uses, namespaces.',
    ...oneOf('0', '1'),
    default: '0',
  },
  PREVIOUS: {
    help: 'With upgrade-check: a folder with the earlier chart of system-monitoring.',
    ...directory,
    unset: 'the chart of the last git tag',
  },
  PORT: { help: 'With open: the port on this machine.', ...whole(0, 65_535), default: '3000' },
} as const satisfies SettingsTable;
