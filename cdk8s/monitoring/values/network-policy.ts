/** Who may talk to whom, where the cluster's network enforces it. */
import { z } from 'zod';
import * as schemas from '../../helm/schemas.ts';

const ports = (...numbers: number[]) => z.array(z.int().min(1).max(65_535)).default(numbers);
const inNamespace = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });

export const networkPolicy = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .describe('Whether producers and consumers may be reached, and may reach others, only as below.'),
    prometheus: schemas.anythings
      .default([inNamespace('monitoring')])
      .describe('Peers that may ask them for /metrics: the namespace of Prometheus.'),
    dns: schemas.anythings
      .default([{ ...inNamespace('kube-system'), podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }])
      .describe('Peers that resolve names. Add an ipBlock where each node has a DNS cache of its own.'),
    kafka: schemas.anythings
      .default([])
      .describe(
        "Peers that are Kafka's brokers. Empty: the pods of `kafka.strimzi`, or anybody with `kafka.bootstrapServers`.",
      ),
    kafkaPorts: ports(9092, 9093, 9094, 9096).describe(
      'Ports of brokers, besides those in `kafka.bootstrapServers`: brokers may send clients on to others.',
    ),
    apiServer: schemas.anythings
      .default([])
      .describe('Peers that are the API server, for consumers that watch nodes: an ipBlock. Empty: anybody.'),
    apiServerPorts: ports(443, 6443).describe(
      'Ports of the API server, before and after the translation of its service.',
    ),
    alertmanager: schemas.anythings
      .default([inNamespace('monitoring')])
      .describe('Peers that are the Alertmanagers of `consumer.alertmanagerUrl`: their namespace. Empty: anybody.'),
    alertmanagerPorts: ports(9093).describe(
      'Ports of Alertmanager, besides those in the URLs: after the translation of its service.',
    ),
    extraIngress: schemas.anythings.default([]).describe('More rules of who may reach the pods, in each policy.'),
    extraEgress: schemas.anythings.default([]).describe('More rules of whom the pods may reach, in each policy.'),
  })
  .describe('NetworkPolicies: everything is denied but the few ways that are needed.');
