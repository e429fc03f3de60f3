/**
 * Objects find each other by names and labels, and nothing tells when they do not: a Service without pods, a monitor
 * without targets, a policy for nobody. Here each reference is followed, among the objects of one release and the pods
 * that may be its neighbours. Pure: objects in, a sentence for each loose end out.
 */
import type { V1LabelSelector } from '@kubernetes/client-node';
import { idOf, type KubernetesObject } from './object.ts';
import { containersOf, type Pod, podsOf, titleOf } from './pods.ts';

/** @param neighbours pods of the namespace that other releases bring. */
export function looseEnds(objects: readonly KubernetesObject[], neighbours: readonly Pod[] = []): readonly string[] {
  const pods = podsOf(objects);
  const everyone = [...pods, ...neighbours];
  return [
    ...objects.flatMap((object) => [...selections(object, objects, pods, everyone)]),
    ...objects.flatMap((object) => [...rights(object, objects)]),
    ...pods.flatMap((pod) => [...withinPod(pod, objects)]),
    ...overlaps(objects, pods),
  ];
}

export function selects(selector: V1LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  const byExpression = matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    const isIn = value !== undefined && values.includes(value);
    return operator === 'In' ? isIn : !isIn;
  });
  return byExpression && Object.entries(matchLabels).every(([name, value]) => labels[name] === value);
}

function* selections(
  object: KubernetesObject,
  objects: readonly KubernetesObject[],
  pods: readonly Pod[],
  everyone: readonly Pod[],
): Generator<string> {
  const { kind, spec } = object;
  const id = idOf(object);
  const chosen = (selector: V1LabelSelector | undefined, among = pods) =>
    among.filter(({ labels }) => selects(selector, labels));
  switch (kind) {
    case 'Deployment':
    case 'DaemonSet':
    case 'StatefulSet': {
      const [own] = podsOf([object]);
      if (own !== undefined && chosen(spec.selector, [own]).length === 0) yield `${id} does not select its own pods`;
      return;
    }
    case 'Service': {
      const targets = chosen({ matchLabels: spec.selector });
      if (spec.selector === undefined || targets.length === 0) yield `${id} selects no pod`;
      for (const { port, targetPort = port } of spec.ports) {
        if (!targets.every((pod) => hasPort(pod, targetPort))) yield `${id} port ${targetPort} is none of its pods'`;
      }
      return;
    }
    case 'PodDisruptionBudget':
      if (chosen(spec.selector).length !== 1) yield `${id} selects pods of ${chosen(spec.selector).length} workloads`;
      return;
    case 'PodMonitor': {
      if (spec.namespaceSelector?.matchNames?.some((name: string) => name !== object.metadata.namespace)) return;
      const targets = chosen(spec.selector);
      const ports: readonly string[] = spec.podMetricsEndpoints.map(({ port }: { port: string }) => port);
      if (targets.length === 0) yield `${id} selects no pod`;
      for (const port of ports)
        if (!targets.some((pod) => hasPort(pod, port))) yield `${id} port ${port} is none of its pods'`;
      for (const pod of targets) {
        if (!ports.some((port) => hasPort(pod, port))) yield `${id} scrapes nothing of the pods of ${idOf(pod.of)}`;
      }
      return;
    }
    case 'ServiceMonitor': {
      const services = objects.filter(
        (other) => other.kind === 'Service' && selects(spec.selector, other.metadata.labels ?? {}),
      );
      if (services.length !== 1) yield `${id} selects ${services.length} Services`;
      const names = services.flatMap((service) => service.spec.ports.map(({ name }: { name?: string }) => name));
      for (const { port } of spec.endpoints)
        if (!names.includes(port)) yield `${id} port ${port} is none of its Service's`;
      return;
    }
    case 'NetworkPolicy':
      if (chosen(spec.podSelector).length === 0) yield `${id} selects no pod`;
      yield* peers(id, [...(spec.ingress ?? []), ...(spec.egress ?? [])], everyone);
      return;
    case 'Kafka':
      for (const { networkPolicyPeers = [] } of spec.kafka.listeners)
        yield* peers(id, [{ from: networkPolicyPeers }], everyone);
      return;
    case 'KafkaTopic':
    case 'KafkaUser':
    case 'KafkaNodePool': {
      const cluster = object.metadata.labels?.['strimzi.io/cluster'];
      const found = objects.some((other) => other.kind === 'Kafka' && other.metadata.name === cluster);
      if (!found) yield `${id} is of Kafka ${cluster}, which is not there`;
    }
  }
}

interface PolicyRule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
}

interface Peer {
  readonly podSelector?: V1LabelSelector;
  readonly namespaceSelector?: V1LabelSelector;
}

/** Peers in other namespaces are other people's. */
function* peers(id: string, rules: readonly PolicyRule[], everyone: readonly Pod[]): Generator<string> {
  for (const { podSelector, namespaceSelector } of rules.flatMap(({ from = [], to = [] }) => [...from, ...to])) {
    if (podSelector === undefined || namespaceSelector !== undefined) continue;
    if (!everyone.some(({ labels }) => selects(podSelector, labels))) {
      yield `${id} has a peer that is no pod: ${JSON.stringify(podSelector)}`;
    }
  }
}

/** Pods that are no workload's own would be adopted, or counted twice. */
function overlaps(objects: readonly KubernetesObject[], pods: readonly Pod[]): readonly string[] {
  const workloads = objects.filter(({ kind }) => ['Deployment', 'DaemonSet', 'StatefulSet'].includes(kind));
  return workloads.flatMap((workload) =>
    pods
      .filter(({ of, labels }) => of !== workload && selects(workload.spec.selector, labels))
      .map(({ of }) => `${idOf(workload)} selects the pods of ${idOf(of)}`),
  );
}

function* rights(
  { kind, metadata, ...object }: KubernetesObject,
  objects: readonly KubernetesObject[],
): Generator<string> {
  if (kind !== 'RoleBinding' && kind !== 'ClusterRoleBinding') return;
  const id = `${kind}/${metadata.name}`;
  for (const named of [object.roleRef, ...object.subjects]) {
    const found = objects.some((other) => other.kind === named.kind && other.metadata.name === named.name);
    if (!found) yield `${id} names ${named.kind}/${named.name}, which is not there`;
  }
}

function* withinPod(pod: Pod, objects: readonly KubernetesObject[]): Generator<string> {
  const { spec } = pod.template ?? {};
  if (spec === undefined) return;
  const id = idOf(pod.of);
  const has = (kind: string, name: string) =>
    objects.some((other) => other.kind === kind && other.metadata.name === name);
  const volumes = (spec.volumes ?? []).map(({ name }) => name);
  const mounted = containersOf(pod).flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
  const claims = (pod.of.spec.volumeClaimTemplates ?? []).map((claim: KubernetesObject) => claim.metadata.name);
  for (const name of volumes) if (!mounted.includes(name)) yield `${id} volume ${name} is mounted nowhere`;
  for (const name of mounted) if (![...volumes, ...claims].includes(name)) yield `${id} has no volume ${name} to mount`;
  for (const { configMap } of spec.volumes ?? []) {
    if (configMap?.name !== undefined && configMap.optional !== true && !has('ConfigMap', configMap.name)) {
      yield `${id} mounts ConfigMap ${configMap.name}, which is not there`;
    }
  }
  const account = spec.serviceAccountName ?? 'default';
  if (account !== 'default' && !has('ServiceAccount', account)) yield `${id} has no ServiceAccount ${account}`;
  const { topologySpreadConstraints = [] } = spec;
  for (const { labelSelector } of topologySpreadConstraints) {
    if (!selects(labelSelector, pod.labels)) yield `${id} is spread among pods that are not its own`;
  }
  for (const container of containersOf(pod)) {
    const { livenessProbe, readinessProbe, startupProbe } = container;
    for (const probe of [livenessProbe, readinessProbe, startupProbe]) {
      const port = (probe?.httpGet ?? probe?.tcpSocket)?.port;
      if (port !== undefined && !hasPort(pod, port))
        yield `${titleOf(pod, container)} is probed at port ${port}, which it has not`;
    }
  }
}

function hasPort({ ports }: Pod, port: unknown): boolean {
  return typeof port === 'number' ? [...ports.values()].includes(port) : ports.has(String(port));
}
