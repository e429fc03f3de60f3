/** Strimzi's operator 1.2.0, in a namespace of its own, for the Kafka in ours. */
import { OURS } from './names.ts';
import type { Values } from './release.ts';

export const STRIMZI_VALUES: Values = {
  watchNamespaces: [OURS],
  // Without it the operator's pods of Kafka lack what the restricted level asks for.
  extraEnvs: [{ name: 'STRIMZI_POD_SECURITY_PROVIDER_CLASS', value: 'restricted' }],
};

export const STRIMZI_IN_PRODUCTION: Values = {
  // The second takes over when the leader is gone.
  replicas: 2,
  podDisruptionBudget: { enabled: true },
};
