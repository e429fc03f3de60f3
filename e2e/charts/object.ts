/** A Kubernetes object as a chart renders it, and how messages call it. */

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // What else there is depends on the kind; the schemas are what checks it.
  // biome-ignore lint/suspicious/noExplicitAny: every kind has fields of its own
  readonly [field: string]: any;
}

export function idOf({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.name}`;
}

/** Objects that belong to no namespace. */
export function isOfTheCluster({ kind }: KubernetesObject): boolean {
  return ['ClusterRole', 'ClusterRoleBinding', 'Namespace', 'PriorityClass'].includes(kind);
}
