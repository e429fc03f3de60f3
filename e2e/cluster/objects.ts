/** What the story reads and changes in the cluster, in the words of Kubernetes' API. */
import { eventually } from '../programs.ts';
import { type Cluster, NotFound } from './cluster.ts';

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly { readonly kind: string; readonly controller?: boolean }[];
}
interface Volume {
  readonly persistentVolumeClaim?: object;
  /** A claim that lives as long as its pod. */
  readonly ephemeral?: object;
}
export interface Pod {
  readonly metadata: Metadata;
  readonly spec: { readonly nodeName?: string; readonly volumes?: readonly Volume[] };
  readonly status: { readonly phase: string; readonly conditions?: readonly { type: string; status: string }[] };
}
export interface Node {
  readonly metadata: Metadata;
}
interface Workload {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas?: number };
  readonly status: {
    readonly observedGeneration?: number;
    /** Of a Deployment; what would be 0 is not there. */
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    /** Of a DaemonSet. */
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
  };
}
type List<T> = { readonly items: readonly T[] };

/** Patient: two noisy cores may run all of it. */
const WITHIN_MS = 5 * 60_000;

export function objectsOf(cluster: Cluster, namespace: string) {
  const core = `/api/v1/namespaces/${namespace}`;
  const apps = `/apis/apps/v1/namespaces/${namespace}`;

  async function pods(labels: string): Promise<readonly Pod[]> {
    const { items } = await cluster.get<List<Pod>>(`${core}/pods?labelSelector=${encodeURIComponent(labels)}`);
    return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** Fulfilled when this very pod is gone, though there may be another of its name. */
  async function gone({ metadata: { name, uid, namespace: its } }: Pod): Promise<void> {
    await eventually(async () => {
      const { items } = await cluster.get<List<Pod>>(`/api/v1/namespaces/${its}/pods`);
      if (items.some(({ metadata }) => metadata.uid === uid)) throw new Error(`${name} is still there`);
    }, WITHIN_MS);
  }

  async function evict(path: string, eviction: object): Promise<void> {
    try {
      await cluster.send('POST', path, eviction);
    } catch (error) {
      // It has gone by itself.
      if (!(error instanceof NotFound)) throw error;
    }
  }

  return {
    pods,
    gone,
    nodes: async () => (await cluster.get<List<Node>>('/api/v1/nodes')).items,

    /** @param workload such as `daemonsets/name` */
    async restart(workload: string): Promise<void> {
      const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
      await cluster.send('PATCH', `${apps}/${workload}`, { spec: { template: { metadata: { annotations } } } });
    },

    /** Fulfilled when every pod of it is of the newest template and available, and no other is left. */
    rolledOut: (workload: string) =>
      eventually(async () => {
        const { metadata, spec, status } = await cluster.get<Workload>(`${apps}/${workload}`);
        const wanted = status.desiredNumberScheduled ?? spec.replicas ?? 1;
        const found = [
          status.updatedNumberScheduled ?? status.updatedReplicas ?? 0,
          status.numberAvailable ?? status.availableReplicas ?? 0,
          status.desiredNumberScheduled ?? status.replicas ?? 0,
        ];
        const seen = status.observedGeneration === metadata.generation;
        if (!seen || found.some((count) => count !== wanted)) {
          throw new Error(`${workload}: of ${wanted} wanted are updated, available, there: ${found}`);
        }
      }, WITHIN_MS),

    /**
     * As `kubectl drain --ignore-daemonsets --delete-emptydir-data` does: no new pods, and those of every namespace are evicted, as
     * far as their budgets allow. But for those with volumes (see `canMove`). Fulfilled with the evicted, as `namespace/name`.
     */
    async drain(node: string): Promise<readonly string[]> {
      await cluster.send('PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable: true } });
      const { items } = await cluster.get<List<Pod>>(`/api/v1/pods?fieldSelector=spec.nodeName=${node}`);
      const moving = items.filter(canMove);
      for (const { metadata } of moving) {
        const { name, namespace: its } = metadata;
        const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: its } };
        await eventually(() => evict(`/api/v1/namespaces/${its}/pods/${name}/eviction`, eviction), WITHIN_MS);
      }
      await Promise.all(moving.map(gone));
      return moving.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    },
    uncordon: (node: string) => cluster.send('PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable: false } }),

    create: (pod: object) => cluster.send('POST', `${core}/pods`, pod),
    /** At once, as a machine that loses its power does. */
    kill: (pod: string) => cluster.send('DELETE', `${core}/pods/${pod}`, { gracePeriodSeconds: 0 }),

    /** Names of what is there of these kinds, such as `apps/v1/deployments`; none where there is no such kind. */
    async names(kinds: readonly string[], labels: string): Promise<readonly string[]> {
      const found: string[] = [];
      for (const kind of kinds) {
        const [, group, plural] = /^(.+)\/([^/]+)$/.exec(kind) ?? [];
        const prefix = group === 'v1' ? '/api/v1' : `/apis/${group}`;
        try {
          const path = `${prefix}/${plural}?labelSelector=${encodeURIComponent(labels)}`;
          const { items } = await cluster.get<List<Node>>(path);
          found.push(...items.map(({ metadata }) => `${plural}/${metadata.name}`));
        } catch (error) {
          if (!(error instanceof NotFound)) throw error;
        }
      }
      return found;
    },
  };
}

/**
 * Whether a drain moves a pod to another node: one that something makes again, elsewhere, and that has no volume. A laptop's volumes
 * are folders of one node: a pod with such a one would wait until its node is back, and the test with it.
 */
export function canMove({ metadata, spec, status }: Pod): boolean {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true)?.kind;
  // A node owns its static pods.
  if (owner === undefined || owner === 'DaemonSet' || owner === 'Node') return false;
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return false;
  return !(spec.volumes ?? []).some((volume) => (volume.persistentVolumeClaim ?? volume.ephemeral) !== undefined);
}
