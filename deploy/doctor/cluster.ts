/** The cluster: whether it answers, is new enough, has room, and what is installed in it already. */
import { messageOf } from '#runtime/errors.ts';
import type { Cluster } from '../cluster.ts';
import { type InstalledRelease, installed, type Target } from '../helm.ts';
import type { Condition, KubeObject } from '../objects.ts';
import type { PlannedRelease } from '../plan.ts';
import type { Outcome } from '../run.ts';
import { type Finding, numbers } from './finding.ts';

/** The oldest Kubernetes that Strimzi 1.2 supports. */
const KUBERNETES = [1, 30] as const;

/** There is no cluster to look at yet. */
export function noContext(wanted: string | undefined): Finding {
  const found =
    wanted === undefined ? 'the kubeconfig has no current context' : `the kubeconfig has no context ${wanted}`;
  return { what: 'cluster', level: 'warn', found, fix: '`make kind-up` creates one; CONTEXT=name chooses another.' };
}

/** The cluster behind the context. */
export async function examineCluster(
  cluster: Cluster,
  target: Target,
  releases: readonly PlannedRelease[],
): Promise<readonly Finding[]> {
  let version: string;
  try {
    version = await cluster.version();
  } catch (error) {
    return [
      {
        what: `cluster ${target.context}`,
        level: 'fail',
        found: `does not answer: ${messageOf(error)}`,
        fix: 'Is it running (`kind get clusters`, `make kind-up`)? Another one is chosen by CONTEXT=name.',
      },
    ];
  }
  const can = await target.run('kubectl', ['auth', 'can-i', '*', '*', '--all-namespaces', '--context', target.context]);
  return [
    judgeVersion(target.context, version),
    judgeNodes(await cluster.list('v1', 'Node')),
    judgeStorage(await cluster.list('storage.k8s.io/v1', 'StorageClass')),
    judgeRights(can),
    ...judgeInstalled(await installed(target), releases),
  ];
}

export function judgeVersion(context: string, version: string): Finding {
  const [major = 0, minor = 0] = numbers(version);
  const found = `Kubernetes ${version}`;
  const [least, leastMinor] = KUBERNETES;
  return major > least || (major === least && minor >= leastMinor)
    ? { what: `cluster ${context}`, level: 'ok', found }
    : {
        what: `cluster ${context}`,
        level: 'fail',
        found,
        fix: `Strimzi needs Kubernetes ${KUBERNETES.join('.')} or newer.`,
      };
}

export function judgeNodes(nodes: readonly KubeObject[]): Finding {
  const ready = nodes.filter(({ status }) =>
    ((status?.conditions ?? []) as readonly Condition[]).some(
      ({ type, status }) => type === 'Ready' && status === 'True',
    ),
  );
  const closed = nodes.filter(({ spec }) => spec?.unschedulable === true).map(({ metadata }) => metadata.name);
  const absent = nodes.filter((node) => !ready.includes(node)).map(({ metadata }) => metadata.name);
  const found = `${ready.length} of ${nodes.length} ready${closed.length > 0 ? `, closed to new pods: ${closed.join(', ')}` : ''}`;
  if (absent.length > 0) {
    return { what: 'nodes', level: 'warn', found, fix: `See why: kubectl describe node ${absent.join(' ')}` };
  }
  return closed.length > 0
    ? { what: 'nodes', level: 'warn', found, fix: `kubectl uncordon ${closed.join(' ')}` }
    : { what: 'nodes', level: 'ok', found };
}

export function judgeStorage(classes: readonly KubeObject[]): Finding {
  const marked = classes.find(
    ({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
  );
  return marked === undefined
    ? {
        what: 'storage',
        level: 'warn',
        found: 'no default storage class',
        fix: 'Kafka and Loki ask for volumes: mark a class as the default, or name one by files in VALUES_DIR.',
      }
    : { what: 'storage', level: 'ok', found: `default class ${marked.metadata.name}` };
}

function judgeRights({ stdout }: Outcome): Finding {
  return stdout.trim() === 'yes'
    ? { what: 'rights', level: 'ok', found: 'administrator of the cluster' }
    : {
        what: 'rights',
        level: 'warn',
        found: 'not those of an administrator',
        fix: 'Definitions, cluster roles and namespaces have to be created: use such an account, or leave releases out.',
      };
}

/** Warns of the same software under another name, and of releases that an interrupted helm has left locked. */
export function judgeInstalled(
  existing: readonly InstalledRelease[],
  wanted: readonly PlannedRelease[],
): readonly Finding[] {
  return existing.flatMap(({ name, namespace, chart, status }): readonly Finding[] => {
    const where = `${name} in ${namespace}`;
    const same = wanted.find((release) => chart.replace(/-\d+\.\d+\.\d.*$/, '') === release.name);
    if (same === undefined) return [];
    if (same.name !== name || same.namespace !== namespace) {
      const fix = `If that one is to be used, leave ours out: SKIP=${same.name}`;
      return [{ what: same.name, level: 'warn', found: `the cluster already has this chart: ${where}`, fix }];
    }
    if (!status.startsWith('pending')) return [];
    const fix = `helm rollback ${name} --namespace ${namespace}, or helm uninstall if it was the first`;
    return [{ what: name, level: 'fail', found: `an interrupted helm has left it locked (${status})`, fix }];
  });
}
