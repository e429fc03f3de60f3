/** How the services reach Kafka: addresses, encryption, identity, patience, and where kafkajs' log goes. */
import { Kafka, type KafkaConfig, type LogEntry, logLevel, type SASLOptions } from 'kafkajs';
import type { Certificates, TlsFiles } from './certificates.ts';
import './connection.ts';
import './request-queue.ts';

/** What the bus needs of a logger. */
export type BusLog = Readonly<Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

export interface Sasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  readonly username: string;
  readonly password: string;
}

export interface KafkaOptions {
  /** `host:port` of some brokers; they name the others. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Read at every connection, and connections are made anew when they change. */
  readonly tls?: TlsFiles;
  readonly sasl?: Sasl;
  /** Of what is published; gzip by default. */
  readonly compression?: 'none' | 'gzip';
  readonly log: BusLog;
}

/** How long a broker may take to answer. Also bounds how long a paused broker goes unnoticed. */
const REQUEST_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 3_000;

/**
 * Retries inside kafkajs, for what passes in a moment (a leader moves, a coordinator loads); whatever lasts is the
 * caller's to retry. It must be set here: set on a producer, it does not reach the connections below it.
 */
export const RETRY = { retries: 3, initialRetryTime: 200, maxRetryTime: 2_000 };

export function createClient(options: KafkaOptions, certificates: Certificates | undefined): Kafka {
  const { brokers, clientId, sasl, log } = options;
  const config: KafkaConfig = {
    brokers: [...brokers],
    clientId,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: RETRY,
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => forward(log, entry),
  };
  if (certificates !== undefined) config.ssl = certificates.options();
  if (sasl !== undefined) config.sasl = { ...sasl } as SASLOptions;
  return new Kafka(config);
}

/** Parts of kafkajs that tell of each attempt; what then really fails comes to the caller as an error, or is logged here. */
const ATTEMPTS: ReadonlySet<string> = new Set(['Connection', 'BrokerPool', 'Producer', 'Consumer']);

/** A level lower than kafkajs thinks: it calls an error what it retries, and a warning what is how we want it. */
function forward(
  log: BusLog,
  { level, namespace, log: { message, logger: _, timestamp: __, stack: ___, ...fields } }: LogEntry,
) {
  const severity = level === logLevel.ERROR ? 'warn' : level === logLevel.WARN ? 'info' : 'debug';
  log[ATTEMPTS.has(namespace) ? 'debug' : severity]({ kafkajs: { namespace, message, ...fields } }, 'kafkajs');
}
