/** The environment that leads to Kafka, the same for every service: a table to spread into theirs. */
import type { Config } from '#runtime/config.ts';
import { filePath, name, oneOf, servers, text } from '#runtime/settings.ts';
import type { BusLog, KafkaOptions } from './kafka.ts';

export const KAFKA_SETTINGS = {
  KAFKA_BROKERS: { ...servers, help: 'Some of the Kafka brokers; they name the others.' },
  KAFKA_TOPIC: { ...name, help: 'The topic of events.', default: 'system.metrics' },
  KAFKA_TLS_CA: {
    ...filePath,
    help: 'The authorities that vouch for the brokers, PEM. Setting this or KAFKA_TLS_CERT turns on TLS.',
    unset: 'those that Node.js comes with',
  },
  KAFKA_TLS_CERT: {
    ...filePath,
    help: 'The certificate to show to the brokers, PEM. Read anew at each connection, so it may be renewed at any time.',
    unset: 'none is shown',
    needs: ['KAFKA_TLS_KEY'],
  },
  KAFKA_TLS_KEY: {
    ...filePath,
    help: 'The private key of KAFKA_TLS_CERT, PEM.',
    unset: 'none',
    needs: ['KAFKA_TLS_CERT'],
  },
  KAFKA_SASL_MECHANISM: {
    ...oneOf('plain', 'scram-sha-256', 'scram-sha-512'),
    help: 'How to log in to the brokers.',
    unset: 'no login',
    needs: ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
  },
  KAFKA_SASL_USERNAME: { ...text, help: 'The user to log in as.', unset: 'no login', needs: ['KAFKA_SASL_MECHANISM'] },
  KAFKA_SASL_PASSWORD: {
    ...text,
    help: "The user's password.",
    unset: 'no login',
    needs: ['KAFKA_SASL_MECHANISM'],
    secret: true,
  },
};

/** @param clientId what the brokers call this program in their logs and quotas. */
export function kafkaOptions(config: Config<typeof KAFKA_SETTINGS>, clientId: string, log: BusLog): KafkaOptions {
  const { KAFKA_TLS_CA: ca, KAFKA_TLS_CERT: cert, KAFKA_TLS_KEY: key } = config;
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = config;
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return {
    brokers: config.KAFKA_BROKERS,
    clientId,
    log,
    ...(Object.keys(tls).length > 0 && { tls }),
    ...(mechanism && username && password && { sasl: { mechanism, username, password } }),
  };
}
