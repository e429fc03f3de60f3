/**
 * Whether an object of a release has become what was asked for. The rules are those of `kubectl rollout status` for workloads and the
 * condition of their operator for custom resources; a status that speaks of an earlier generation says nothing.
 */
import type { Condition, KubeObject } from './objects.ts';

/** What is still missing, or `undefined` when nothing is. */
export type Missing = string | undefined;

/** By kind; objects of other kinds are ready when they exist. */
const RULES: Readonly<Record<string, (object: KubeObject) => Missing>> = {
  Deployment({ spec, status }) {
    const wanted: number = spec?.replicas ?? 1;
    const { updatedReplicas = 0, availableReplicas = 0, replicas = 0 } = status ?? {};
    if (updatedReplicas < wanted) return `${updatedReplicas} of ${wanted} pods are of the new version`;
    if (replicas > updatedReplicas) return `${replicas - updatedReplicas} pods of the old version are left`;
    return availableReplicas < wanted ? `${availableReplicas} of ${wanted} pods available` : undefined;
  },
  StatefulSet({ spec, status }) {
    const wanted: number = spec?.replicas ?? 1;
    const { updatedReplicas = 0, readyReplicas = 0 } = status ?? {};
    if (updatedReplicas < wanted) return `${updatedReplicas} of ${wanted} pods are of the new version`;
    return readyReplicas < wanted ? `${readyReplicas} of ${wanted} pods ready` : undefined;
  },
  DaemonSet({ status }) {
    const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status ?? {};
    if (wanted === 0) return 'no node takes it: see its node selector and tolerations';
    if (updatedNumberScheduled < wanted) return `${updatedNumberScheduled} of ${wanted} nodes have the new version`;
    return numberAvailable < wanted ? `${numberAvailable} of ${wanted} pods available` : undefined;
  },
  Kafka: (object) => untilTrue(object, 'Ready'),
  KafkaTopic: (object) => untilTrue(object, 'Ready'),
  KafkaUser: (object) => untilTrue(object, 'Ready'),
  Prometheus: (object) => untilTrue(object, 'Reconciled') ?? untilTrue(object, 'Available'),
  Alertmanager: (object) => untilTrue(object, 'Reconciled') ?? untilTrue(object, 'Available'),
};

/** Whether deploy has to look at an object of this kind at all. */
export const isWaitedFor = ({ kind }: Pick<KubeObject, 'kind'>): boolean => Object.hasOwn(RULES, kind);

/** @param object as the cluster has it; `undefined` if it does not */
export function missing(object: KubeObject | undefined): Missing {
  if (object === undefined) return 'it does not exist yet';
  const { metadata, status, kind } = object;
  if (metadata.deletionTimestamp !== undefined) return 'it is being deleted';
  const seen = status?.observedGeneration;
  if (seen !== undefined && metadata.generation !== undefined && seen < metadata.generation) {
    return 'its controller has not seen this version of it yet';
  }
  return RULES[kind]?.(object);
}

function untilTrue({ status, metadata }: KubeObject, type: string): Missing {
  const conditions: readonly Condition[] = status?.conditions ?? [];
  const condition = conditions.find((candidate) => candidate.type === type);
  if (condition === undefined)
    return 'its operator has not said anything about it yet (does it run, and watch this namespace?)';
  if ((condition.observedGeneration ?? Number.POSITIVE_INFINITY) < (metadata.generation ?? 0)) {
    return 'its operator has not seen this version of it yet';
  }
  if (condition.status === 'True') return undefined;
  const told = conditions.find(({ type, status }) => type === 'NotReady' && status === 'True') ?? condition;
  return [`not ${type}`, [told.reason, told.message].filter(Boolean).join(': ')].filter(Boolean).join(', ');
}
