/** How the objects of Kafka are called and find each other. */
import { helm } from '../helm/tokens.ts';
import { v } from './values.ts';

export const CHART = 'kafka';
export const API_VERSION = 'kafka.strimzi.io/v1';
export const CLUSTER = helm.string(v.clusterName);

/** Strimzi finds what belongs to a cluster by this label. */
export const OF_CLUSTER = { 'strimzi.io/cluster': CLUSTER };

/** Helm leaves such objects alone when it uninstalls the release. */
export const KEPT = helm.when(v.keepOnUninstall, { 'helm.sh/resource-policy': 'keep' });
