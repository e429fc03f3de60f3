/** Who the pods are and what they may ask of the API server: to watch nodes, for the consumer, and nothing else. */
import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { onlyWhen } from '../helm/chart.ts';
import { any } from '../helm/expression.ts';
import { helm } from '../helm/tokens.ts';
import { CHART, metadata, NAMESPACE } from './names.ts';
import { v } from './values.ts';

type Service = 'producer' | 'consumer';

export const ACCESS_HELPERS = {
  [`${CHART}.producerServiceAccount`]: accountName('producer'),
  [`${CHART}.consumerServiceAccount`]: accountName('consumer'),
};

function accountName(service: Service): string {
  const { create, name } = v[service].serviceAccount;
  return `{{- if ${create} }}
{{- default (printf "%s-${service}" (include "${CHART}.fullname" .)) ${name} }}
{{- else }}
{{- default "default" ${name} }}
{{- end }}`;
}

export function serviceAccountName(service: Service): string {
  return helm.string(`include "${CHART}.${service}ServiceAccount" $`);
}

export function serviceAccount(scope: Construct, service: Service): void {
  const { create, annotations } = v[service].serviceAccount;
  const common = metadata(service, { name: serviceAccountName(service) });
  onlyWhen(
    create,
    new k8s.KubeServiceAccount(scope, 'service-account', {
      metadata: {
        ...common,
        annotations: helm.when(any(annotations, v.commonAnnotations), {
          ...helm.entries(`merge (dict) ${annotations} ${v.commonAnnotations}`),
        }),
      },
      automountServiceAccountToken: false,
    }),
  );
}

/** Lets the consumer know when a node has been deleted from the cluster. */
export function nodeWatching(scope: Construct): void {
  const cluster = metadata('consumer', { scope: 'cluster' });
  const name = cluster.name as string;
  onlyWhen(
    v.consumer.watchNodes,
    new k8s.KubeClusterRole(scope, 'cluster-role', {
      metadata: cluster,
      rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }],
    }),
  );
  onlyWhen(
    v.consumer.watchNodes,
    new k8s.KubeClusterRoleBinding(scope, 'cluster-role-binding', {
      metadata: cluster,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: serviceAccountName('consumer'), namespace: NAMESPACE }],
    }),
  );
}
