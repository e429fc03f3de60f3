/** The environment of both services in one process: theirs, with the defaults that suit a laptop. */
import { CONSUMER_SETTINGS } from '../consumer/settings.ts';
import { PRODUCER_SETTINGS } from '../producer/settings.ts';

export const LOCAL_SETTINGS = {
  ...PRODUCER_SETTINGS,
  ...CONSUMER_SETTINGS,
  KAFKA_BROKERS: {
    ...CONSUMER_SETTINGS.KAFKA_BROKERS,
    unset: 'no Kafka: an embedded bus in memory',
  },
  CLUSTER_NAME: PRODUCER_SETTINGS.CLUSTER_NAME,
  LISTEN: {
    ...CONSUMER_SETTINGS.LISTEN,
    help: 'Where the consumer serves the live page, `/api` and `/metrics`; the producer serves its own `/metrics` on the next port.',
    default: '127.0.0.1:8080',
  },
  ALERT_LOG: {
    ...CONSUMER_SETTINGS.ALERT_LOG,
    default: 'consumer.log',
  },
  LOG_LEVEL: { ...CONSUMER_SETTINGS.LOG_LEVEL, default: 'warn' },
};
