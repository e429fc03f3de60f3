/** The releases in the order of their installation; they are removed in reverse. */
import { LOKI, MONITORING, OURS, PROMETHEUS, STRIMZI } from './names.ts';
import type { Release } from './release.ts';

export const RELEASES = [
  {
    name: 'strimzi-kafka-operator',
    home: { oci: 'oci://quay.io/strimzi-helm/strimzi-kafka-operator', version: '1.2.0' },
    namespace: STRIMZI,
    definitions: true,
    registryValue: 'defaultImageRegistry',
  },
  {
    name: 'kube-prometheus-stack',
    home: { repository: 'https://prometheus-community.github.io/helm-charts', version: '88.5.3' },
    namespace: MONITORING,
    definitions: true,
    registryValue: 'global.imageRegistry',
    answers: PROMETHEUS,
  },
  {
    name: 'loki',
    home: { repository: 'https://grafana-community.github.io/helm-charts', version: '18.11.0' },
    namespace: MONITORING,
    definitions: false,
    registryValue: 'global.imageRegistry',
    answers: LOKI,
  },
  {
    name: 'promtail',
    home: { repository: 'https://grafana.github.io/helm-charts', version: '6.17.1' },
    namespace: MONITORING,
    definitions: false,
    registryValue: 'global.imageRegistry',
  },
  {
    name: 'alloy',
    home: { repository: 'https://grafana.github.io/helm-charts', version: '1.11.1' },
    namespace: MONITORING,
    definitions: false,
    registryValue: 'global.image.registry',
  },
  { name: 'kafka', home: { folder: 'charts/kafka' }, namespace: OURS, definitions: false, scraped: true },
  {
    name: 'plain-kafka',
    home: { folder: 'charts/plain-kafka' },
    namespace: OURS,
    definitions: false,
    registryValue: 'global.imageRegistry',
  },
  {
    name: 'system-monitoring',
    home: { folder: 'charts/system-monitoring' },
    namespace: OURS,
    definitions: false,
    registryValue: 'global.imageRegistry',
    scraped: true,
  },
] as const satisfies readonly Release[];

export type ReleaseName = (typeof RELEASES)[number]['name'];

/** The two programs that can bring logs to Loki: one is installed. Promtail is past its end of life; Alloy is its successor. */
export const LOG_SHIPPERS = ['promtail', 'alloy'] as const satisfies readonly ReleaseName[];

/** Kinds of clusters, and what is not installed there. */
export const PROFILES = {
  /** A cluster on a laptop: one Kafka node, little memory. */
  kind: { without: ['plain-kafka'] },
  /** Replicated, on persistent volumes. */
  production: { without: ['plain-kafka'] },
  /** Neither Strimzi nor Grafana can be had: a plain Kafka broker, Prometheus with its operator alone. */
  'without-strimzi': { without: ['strimzi-kafka-operator', 'kafka'] },
} as const satisfies Record<string, { readonly without: readonly ReleaseName[] }>;

export type Profile = keyof typeof PROFILES;

/**
 * What each namespace of ours admits (Pod Security Standards). Producers and log shippers read folders of the node, so theirs cannot enforce
 * `restricted`; the warning shows which pods would fail it.
 */
export const NAMESPACES: Readonly<Record<string, { readonly enforce: string; readonly warn: string }>> = {
  [STRIMZI]: { enforce: 'restricted', warn: 'restricted' },
  [MONITORING]: { enforce: 'privileged', warn: 'privileged' },
  [OURS]: { enforce: 'privileged', warn: 'restricted' },
};
