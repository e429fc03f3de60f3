/**
 * Every event of the topic, read by Kafka's own programs in a broker's pod, which know nothing of ours. A plain broker lets
 * anybody read. Strimzi's let nobody without a certificate and the rights for it, and the consumers' group is not ours to join:
 * there the reader is a user of its own for that long. Where there are several brokers, and policies between pods are enforced,
 * `networkPolicy.clients` of the chart `kafka` has to admit the brokers' pods.
 */

import { type Sighting, sightingOf } from '../judge.ts';
import { eventually } from '../programs.ts';
import type { Cluster } from './cluster.ts';
import type { Pod } from './objects.ts';

const TOPIC = 'system.metrics';
/** Of the reader, and of its group. */
const NAME = 'e2e-reader';
const PROPERTIES = '/tmp/e2e-reader.properties';
/** Little beside the broker, whose memory it shares. */
const HEAP = 'KAFKA_HEAP_OPTS=-Xmx128m';
const WITHIN_MS = 5 * 60_000;

interface Secret {
  readonly data: Readonly<Record<string, string>>;
}

export async function readTopic(cluster: Cluster, namespace: string, broker: Pod): Promise<readonly Sighting[]> {
  const { name, labels } = broker.metadata;
  const kafkaCluster = labels?.['strimzi.io/cluster'];
  const exec = (...command: string[]) => cluster.exec(namespace, name, 'kafka', command);
  if (kafkaCluster === undefined) return await read(exec, 'localhost:9092');

  const users = `/apis/kafka.strimzi.io/v1/namespaces/${namespace}/kafkausers`;
  const secret = async (of: string, key: string) => {
    const { data } = await cluster.get<Secret>(`/api/v1/namespaces/${namespace}/secrets/${of}`);
    return Buffer.from(data[key] ?? '', 'base64').toString();
  };
  await cluster.send('POST', users, reader(kafkaCluster));
  try {
    const [certificate, key] = await eventually(
      () => Promise.all(['user.crt', 'user.key'].map((each) => secret(NAME, each))),
      WITHIN_MS,
    );
    const text = properties(certificate ?? '', key ?? '', await secret(`${kafkaCluster}-cluster-ca-cert`, 'ca.crt'));
    await exec('/bin/sh', '-c', `printf %s "$1" > ${PROPERTIES}`, 'sh', text);
    // The user's rights come a little after its certificate.
    const address = `${name}.${kafkaCluster}-kafka-brokers.${namespace}.svc:9093`;
    return await eventually(() => read(exec, address, '--command-config', PROPERTIES), WITHIN_MS);
  } finally {
    await cluster.send('DELETE', `${users}/${NAME}`);
  }
}

async function read(
  exec: (...command: string[]) => Promise<string>,
  address: string,
  ...config: string[]
): Promise<readonly Sighting[]> {
  const kafka = (program: string, ...args: string[]) => {
    const where = ['--bootstrap-server', address, '--topic', TOPIC, ...config];
    return exec('/usr/bin/env', HEAP, `/opt/kafka/bin/${program}.sh`, ...where, ...args);
  };
  const offsets = async (time: string) => {
    const lines = (await kafka('kafka-get-offsets', '--time', time)).matchAll(/^system\.metrics:\d+:(\d+)$/gm);
    return [...lines].reduce((sum, [, offset]) => sum + Number(offset), 0);
  };
  const records = (await offsets('latest')) - (await offsets('earliest'));
  const show = ['--property', 'print.headers=true', '--property', 'print.value=false'];
  const printed = await kafka('kafka-console-consumer', '--from-beginning', '--max-messages', String(records), ...show);
  return printed.split('\n').flatMap((line) => sightingOf(/(?:^|,)ce_id:([^,\t]+)/.exec(line)?.[1] ?? '') ?? []);
}

const reader = (kafkaCluster: string): object => ({
  apiVersion: 'kafka.strimzi.io/v1',
  kind: 'KafkaUser',
  metadata: { name: NAME, labels: { 'strimzi.io/cluster': kafkaCluster } },
  spec: {
    authentication: { type: 'tls' },
    authorization: {
      type: 'simple',
      acls: [
        { resource: { type: 'topic', name: TOPIC, patternType: 'literal' }, operations: ['Read', 'Describe'] },
        { resource: { type: 'group', name: NAME, patternType: 'literal' }, operations: ['Read'] },
      ],
    },
  },
});

/** A client's settings, with its certificate, its key and whom it trusts as PEM (KIP-651). */
function properties(certificate: string, key: string, trusted: string): string {
  const settings = {
    'group.id': NAME,
    // A second look starts at the beginning, too.
    'enable.auto.commit': 'false',
    'security.protocol': 'SSL',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': certificate,
    'ssl.keystore.key': key,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.certificates': trusted,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value.trim().replaceAll('\n', '\\n')}\n`)
    .join('');
}
