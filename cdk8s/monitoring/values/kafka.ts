/** The way to Kafka: Strimzi's beside us by default, or any other by its bootstrap servers. */

import { z } from 'zod';
import { METRICS_TOPIC } from '#contract/topic.ts';

const secretKey = (key: string, what: string) =>
  z.string().min(1).default(key).describe(`The secret's key of ${what}.`);

const strimzi = z
  .strictObject({
    clusterName: z.string().min(1).default('metrics').describe('The name of the Kafka resource.'),
    producerUser: z
      .string()
      .min(1)
      .default('system-monitoring-producer')
      .describe('The KafkaUser of the producers; their secret has the same name.'),
    consumerUser: z
      .string()
      .min(1)
      .default('system-monitoring-consumer')
      .describe('The KafkaUser of the consumers; their secret has the same name.'),
  })
  .describe('The Kafka that Strimzi runs in the same namespace, as the chart `kafka` sets it up: TLS both ways.');

const tls = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Whether the brokers of `bootstrapServers` speak TLS.'),
    caSecret: z
      .string()
      .default('')
      .describe("A secret with the authority that vouches for the brokers. Empty: the image's public authorities."),
    caKey: secretKey('ca.crt', 'that certificate, PEM'),
    producerSecret: z
      .string()
      .default('')
      .describe("A secret with the producers' client certificate. Empty: none is shown."),
    consumerSecret: z
      .string()
      .default('')
      .describe("A secret with the consumers' client certificate. Empty: none is shown."),
    certKey: secretKey('user.crt', 'a client certificate, PEM'),
    keyKey: secretKey('user.key', "a client certificate's private key, PEM"),
  })
  .describe('TLS to `bootstrapServers`. Secrets are followed when they change; no pod is started anew.');

const sasl = z
  .strictObject({
    mechanism: z
      .enum(['', 'plain', 'scram-sha-256', 'scram-sha-512'])
      .default('')
      .describe('How to log in. Empty: no login.'),
    producerSecret: z.string().default('').describe("A secret with the producers' user and password."),
    consumerSecret: z.string().default('').describe("A secret with the consumers' user and password."),
    usernameKey: secretKey('username', 'the user'),
    passwordKey: secretKey('password', 'the password'),
  })
  .describe('Login to `bootstrapServers`.');

export const kafka = z
  .strictObject({
    bootstrapServers: z
      .string()
      .default('')
      .describe(
        'Some brokers of a Kafka that is there already: `host:port,host:port`. Empty: the one of `kafka.strimzi`.',
      ),
    topic: z
      .string()
      .min(1)
      .default(METRICS_TOPIC.name)
      .describe('The topic of events. `<topic>.dlq` has what is none. Another than this takes `bootstrapServers`.'),
    group: z.string().min(1).default('system-monitoring').describe('The consumer group.'),
    strimzi,
    tls,
    sasl,
  })
  .describe('Where events go.');
