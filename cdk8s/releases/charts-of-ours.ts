/** What our own charts need to know of the releases around them; everything else is their defaults. */
import { CI_VALUES as KAFKA_EXAMPLES } from '../kafka/ci.ts';
import { CI as EXAMPLES } from '../monitoring/ci.ts';
import { LOKI, MONITORING, PROMETHEUS } from './names.ts';
import { address, type Values } from './release.ts';

/** The chart's own example for a laptop. */
export const KAFKA_ON_KIND: Values = KAFKA_EXAMPLES.kind.values;

export const SYSTEM_MONITORING: Values = {
  // `helm test` asks them whether what we measure has arrived there.
  tests: { prometheusUrl: address(MONITORING, PROMETHEUS), lokiUrl: address(MONITORING, LOKI) },
};

/** The chart's own example for a laptop. */
export const SYSTEM_MONITORING_ON_KIND: Values = EXAMPLES.kind.values;

export const SYSTEM_MONITORING_IN_PRODUCTION: Values = {
  clusterName: 'production',
  consumer: { replicas: 3 },
  networkPolicy: { enabled: true },
};

export const SYSTEM_MONITORING_WITHOUT_STRIMZI: Values = {
  ...SYSTEM_MONITORING_ON_KIND,
  kafka: { bootstrapServers: 'plain-kafka:9092' },
};
