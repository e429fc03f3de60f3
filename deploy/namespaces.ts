/** Our namespaces, with what they admit (Pod Security Standards). One that somebody else made keeps the labels that it has. */
import { NAMESPACES } from '../cdk8s/releases/table.ts';
import type { Cluster } from './cluster.ts';
import type { KubeObject } from './objects.ts';

export const MADE_BY_US = { 'app.kubernetes.io/managed-by': 'system-monitoring-deploy' } as const;

const LEVELS = ['privileged', 'baseline', 'restricted'];
const LABEL = 'pod-security.kubernetes.io';

export function namespace(name: string, levels = NAMESPACES[name]): KubeObject {
  const labels = {
    ...MADE_BY_US,
    ...(levels && {
      [`${LABEL}/enforce`]: levels.enforce,
      [`${LABEL}/warn`]: levels.warn,
      [`${LABEL}/audit`]: levels.warn,
    }),
  };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

export const isOurs = ({ metadata }: KubeObject): boolean =>
  Object.entries(MADE_BY_US).every(([key, value]) => metadata.labels?.[key] === value);

export interface NamespacePlan {
  readonly apply: readonly KubeObject[];
  /** What the person should know about those that stay as they are. */
  readonly notes: readonly string[];
}

/** What has to be applied, so that every release finds its namespace. */
export async function planNamespaces(cluster: Cluster, names: readonly string[]): Promise<NamespacePlan> {
  const apply: KubeObject[] = [];
  const notes: string[] = [];
  for (const name of names) {
    const wanted = namespace(name);
    const found = await cluster.read(wanted);
    if (found === undefined || isOurs(found)) apply.push(wanted);
    else notes.push(...tooStrict(name, found.metadata.labels?.[`${LABEL}/enforce`]));
  }
  return { apply, notes };
}

function tooStrict(name: string, level = 'privileged'): readonly string[] {
  const needed = NAMESPACES[name]?.enforce ?? 'privileged';
  if (LEVELS.indexOf(level) <= LEVELS.indexOf(needed)) return [];
  return [
    `the namespace ${name} is not ours and enforces ${level}: pods that need ${needed} will be refused (label ${LABEL}/enforce)`,
  ];
}
