/** The pods that objects lead to: those of workloads, and those that Strimzi's operator makes. */
import type { V1Container, V1PodTemplateSpec } from '@kubernetes/client-node';
import type { KubernetesObject } from './object.ts';
import { idOf } from './object.ts';

export interface Pod {
  /** The object that it comes from. */
  readonly of: KubernetesObject;
  readonly labels: Readonly<Record<string, string>>;
  /** Ports of its containers: the number of each name, and the numbers themselves. */
  readonly ports: ReadonlyMap<string, number>;
  /** Not for pods that an operator makes. */
  readonly template?: V1PodTemplateSpec;
}

const TEMPLATES: Readonly<Record<string, (object: KubernetesObject) => V1PodTemplateSpec>> = {
  Pod: ({ metadata, spec }) => ({ metadata, spec }),
  Deployment: ({ spec }) => spec.template,
  DaemonSet: ({ spec }) => spec.template,
  StatefulSet: ({ spec }) => spec.template,
  Job: ({ spec }) => spec.template,
  CronJob: ({ spec }) => spec.jobTemplate.spec.template,
};

/** One for each workload among the objects, and for each kind of pod that a Kafka resource stands for. */
export function podsOf(objects: readonly KubernetesObject[]): readonly Pod[] {
  return [...objects.flatMap(ownPods), ...objects.flatMap((object) => operatorPods(object, objects))];
}

export function containersOf({ template }: Pod): readonly V1Container[] {
  return [...(template?.spec?.initContainers ?? []), ...(template?.spec?.containers ?? [])];
}

/** `DaemonSet/x container y`. */
export function titleOf(pod: Pod, container: V1Container): string {
  return `${idOf(pod.of)} container ${container.name}`;
}

function ownPods(object: KubernetesObject): Pod[] {
  const template = TEMPLATES[object.kind]?.(object);
  if (template === undefined) return [];
  const pod = { of: object, labels: template.metadata?.labels ?? {}, ports: new Map<string, number>(), template };
  for (const { name, containerPort } of containersOf(pod).flatMap(({ ports = [] }) => ports)) {
    pod.ports.set(name ?? String(containerPort), containerPort);
  }
  return [pod];
}

/**
 * Labels and ports as Strimzi's operator gives them.
 *
 * @see https://github.com/strimzi/strimzi-kafka-operator/tree/main/cluster-operator/src/main/java/io/strimzi/operator/cluster/model
 */
function operatorPods(object: KubernetesObject, objects: readonly KubernetesObject[]): Pod[] {
  const { kind, metadata, spec } = object;
  if (kind === 'KafkaNodePool') {
    const cluster = String(metadata.labels?.['strimzi.io/cluster']);
    const kafka = objects.find((other) => other.kind === 'Kafka' && other.metadata.name === cluster);
    const listeners: { name: string; port: number }[] = kafka?.spec.kafka.listeners ?? [];
    const ports = new Map(listeners.map(({ name, port }) => [`tcp-${name}`, port]));
    ports.set('tcp-ctrlplane', 9090).set('tcp-replication', 9091);
    if (kafka?.spec.kafka.metricsConfig !== undefined) ports.set('tcp-prometheus', 9404);
    const roles = Object.fromEntries(
      ['broker', 'controller'].map((role) => [`strimzi.io/${role}-role`, String(spec.roles.includes(role))]),
    );
    const labels = { ...strimziLabels(cluster, 'kafka'), ...roles, 'strimzi.io/pool-name': metadata.name };
    return [{ of: object, labels, ports }];
  }
  if (kind !== 'Kafka') return [];
  const pods: Pod[] = [];
  if (spec.entityOperator !== undefined) {
    pods.push({
      of: object,
      labels: strimziLabels(metadata.name, 'entity-operator'),
      ports: new Map([
        ['healthcheck-to', 8080],
        ['healthcheck-uo', 8081],
      ]),
    });
  }
  if (spec.kafkaExporter !== undefined) {
    pods.push({
      of: object,
      labels: strimziLabels(metadata.name, 'kafka-exporter'),
      ports: new Map([['tcp-prometheus', 9404]]),
    });
  }
  return pods;
}

function strimziLabels(cluster: string, component: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': component,
    'app.kubernetes.io/instance': cluster,
    'app.kubernetes.io/part-of': `strimzi-${cluster}`,
    'app.kubernetes.io/managed-by': 'strimzi-cluster-operator',
    'strimzi.io/kind': 'Kafka',
    'strimzi.io/cluster': cluster,
    'strimzi.io/name': `${cluster}-${component}`,
    'strimzi.io/component-type': component,
  };
}
