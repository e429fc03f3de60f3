/** What our own charts need to know of the releases around them; everything else is their defaults. */
import { CI_VALUES as KAFKA_EXAMPLES } from '../kafka/ci.ts';
import { CI as EXAMPLES } from '../monitoring/ci.ts';
import { ALERTMANAGER, ALERTMANAGERS_IN_PRODUCTION, LOKI, MONITORING, PROMETHEUS } from './names.ts';
import { address, type Values } from './release.ts';

/** The chart's own example for a laptop. */
export const KAFKA_ON_KIND: Values = KAFKA_EXAMPLES.kind.values;

/** Copies of a partition in several zones: the nodes have to say theirs. */
export const KAFKA_IN_PRODUCTION: Values = { kafka: { rack: KAFKA_EXAMPLES.production.values.kafka.rack } };

export const SYSTEM_MONITORING: Values = {
  consumer: { alertmanagerUrl: address(MONITORING, ALERTMANAGER) },
  // `helm test` asks them whether what we measure has arrived there.
  tests: { prometheusUrl: address(MONITORING, PROMETHEUS), lokiUrl: address(MONITORING, LOKI) },
};

/** The chart's own example for a laptop. */
export const SYSTEM_MONITORING_ON_KIND: Values = EXAMPLES.kind.values;

/** Each pod has to be told, and a service sends a request to one: these are their own addresses. */
const ALERTMANAGERS = Array.from({ length: ALERTMANAGERS_IN_PRODUCTION }, (_, i) => {
  const { service, port } = ALERTMANAGER;
  return `http://alertmanager-${service}-${i}.alertmanager-operated.${MONITORING}.svc:${port}`;
});

/** Asking the registry each time keeps pods from images that somebody else pulled with other rights. */
const ALWAYS = { pullPolicy: 'Always' };

export const SYSTEM_MONITORING_IN_PRODUCTION: Values = {
  clusterName: 'production',
  producer: { image: ALWAYS },
  consumer: { image: ALWAYS, replicas: 3, alertmanagerUrl: ALERTMANAGERS.join() },
  networkPolicy: { enabled: true },
};

export const SYSTEM_MONITORING_WITHOUT_STRIMZI: Values = {
  ...SYSTEM_MONITORING_ON_KIND,
  consumer: { ...EXAMPLES.kind.values.consumer, alertmanagerUrl: '' },
  kafka: { bootstrapServers: 'plain-kafka:9092' },
};
