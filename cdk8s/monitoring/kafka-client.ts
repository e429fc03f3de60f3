/**
 * What a pod needs to reach Kafka: environment, and certificates as files.
 *
 * Beside Strimzi the secrets are its own: the cluster's authority, and the user's certificate; the `ca.crt` in a user's secret
 * is another one, that of the clients. Both lie in one projected directory, never as single files (`subPath`): a directory
 * follows its secrets when they are renewed, and the services read the files at each connection.
 */
import type { k8s } from 'cdk8s-plus-27';
import type { KAFKA_SETTINGS } from '../../services/bus/settings.ts';
import { all, any, not } from '../helm/expression.ts';
import { helm } from '../helm/tokens.ts';
import { CHART } from './names.ts';
import { v } from './values.ts';

const DIRECTORY = '/etc/system-monitoring/kafka';
/** Where the images have the public authorities. */
const PUBLIC_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
/** The pod's group may read, nobody else. */
const READABLE_BY_GROUP = 0o440;

type Client = 'producer' | 'consumer';

/** Each gives the name of what is to be used, or nothing. */
export const KAFKA_HELPERS = {
  [`${CHART}.bootstrapServers`]: `{{- default (printf "%s-kafka-bootstrap.%s.svc:9093" .Values.kafka.strimzi.clusterName .Release.Namespace) .Values.kafka.bootstrapServers }}`,
  [`${CHART}.caSecret`]: `{{- if not .Values.kafka.bootstrapServers }}
{{- printf "%s-cluster-ca-cert" .Values.kafka.strimzi.clusterName }}
{{- else if .Values.kafka.tls.enabled }}
{{- .Values.kafka.tls.caSecret }}
{{- end }}`,
  [`${CHART}.producerSecret`]: userSecret('producer'),
  [`${CHART}.consumerSecret`]: userSecret('consumer'),
};

function userSecret(client: Client): string {
  return `{{- if not .Values.kafka.bootstrapServers }}
{{- .Values.kafka.strimzi.${client}User }}
{{- else if .Values.kafka.tls.enabled }}
{{- .Values.kafka.tls.${client}Secret }}
{{- end }}`;
}

const authority = `include "${CHART}.caSecret" $`;
const certificate = (client: Client) => `include "${CHART}.${client}Secret" $`;
const publicAuthorities = all(v.kafka.bootstrapServers, v.kafka.tls.enabled, not(v.kafka.tls.caSecret));

export function kafkaEnv(client: Client): k8s.EnvVar[] {
  const setting = (name: keyof typeof KAFKA_SETTINGS, value: string): k8s.EnvVar => ({ name, value });
  const secret = (name: keyof typeof KAFKA_SETTINGS, key: string): k8s.EnvVar => {
    const from = client === 'producer' ? v.kafka.sasl.producerSecret : v.kafka.sasl.consumerSecret;
    return { name, valueFrom: { secretKeyRef: { name: helm.string(from), key } } };
  };
  const login = all(v.kafka.bootstrapServers, v.kafka.sasl.mechanism);
  return [
    setting('KAFKA_BROKERS', helm.string(`include "${CHART}.bootstrapServers" $`)),
    setting('KAFKA_TOPIC', helm.string(v.kafka.topic)),
    helm.when(authority, setting('KAFKA_TLS_CA', `${DIRECTORY}/ca.crt`)),
    helm.when(publicAuthorities, setting('KAFKA_TLS_CA', PUBLIC_AUTHORITIES)),
    helm.when(certificate(client), setting('KAFKA_TLS_CERT', `${DIRECTORY}/user.crt`)),
    helm.when(certificate(client), setting('KAFKA_TLS_KEY', `${DIRECTORY}/user.key`)),
    helm.when(login, setting('KAFKA_SASL_MECHANISM', helm.string(v.kafka.sasl.mechanism))),
    helm.when(login, secret('KAFKA_SASL_USERNAME', helm.string(v.kafka.sasl.usernameKey))),
    helm.when(login, secret('KAFKA_SASL_PASSWORD', helm.string(v.kafka.sasl.passwordKey))),
  ];
}

export function kafkaVolume(client: Client): k8s.Volume {
  const { caKey, certKey, keyKey } = v.kafka.tls;
  return helm.when(any(authority, certificate(client)), {
    name: 'kafka',
    projected: {
      defaultMode: READABLE_BY_GROUP,
      sources: [
        helm.when(authority, {
          secret: { name: helm.string(authority), items: [{ key: helm.string(caKey), path: 'ca.crt' }] },
        }),
        helm.when(certificate(client), {
          secret: {
            name: helm.string(certificate(client)),
            items: [
              { key: helm.string(certKey), path: 'user.crt' },
              { key: helm.string(keyKey), path: 'user.key' },
            ],
          },
        }),
      ],
    },
  });
}

export function kafkaMount(client: Client): k8s.VolumeMount {
  return helm.when(any(authority, certificate(client)), { name: 'kafka', mountPath: DIRECTORY, readOnly: true });
}
