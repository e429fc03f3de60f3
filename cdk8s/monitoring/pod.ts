/** What the pods of producer, consumer and simulated fleet have in common, from the values that they have in common. */
import { k8s } from 'cdk8s-plus-27';
import type { Path } from '../helm/expression.ts';
import { helm } from '../helm/tokens.ts';
import { CHART, PORTS, selectorOf } from './names.ts';
import { v } from './values.ts';

type Workload = 'producer' | 'consumer' | 'simulator';
type Probe = typeof v.producer.livenessProbe;

const VALUES = { producer: v.producer, consumer: v.consumer, simulator: v.simulation };

export function imageOf(workload: Workload): { image: string; imagePullPolicy: string } {
  // A fleet is simulated by the producer's program.
  const { image } = workload === 'consumer' ? v.consumer : v.producer;
  return {
    image: helm.string(`include "${CHART}.image" (dict "root" $ "image" ${image})`),
    imagePullPolicy: helm.string(image.pullPolicy),
  };
}

export const PULL_SECRETS = helm.optional.yaml<k8s.LocalObjectReference[]>(
  `include "${CHART}.pullSecrets" (dict "root" $ "secrets" .Values.imagePullSecrets)`,
);

export function podMetadata(workload: Workload): k8s.ObjectMeta {
  return {
    labels: {
      // Without the chart's version: a new one is no reason for new pods.
      ...selectorOf(workload),
      'app.kubernetes.io/version': helm.string('.Chart.AppVersion'),
      'app.kubernetes.io/part-of': CHART,
      // As one map: a label that is in both must not be written twice.
      ...helm.entries(`merge (dict) ${VALUES[workload].podLabels} ${v.commonLabels}`),
    },
    annotations: {
      // What `kubectl logs` and `kubectl exec` take when nobody names a container.
      'kubectl.kubernetes.io/default-container': workload,
      ...helm.entries(VALUES[workload].podAnnotations),
    },
  };
}

/** The container of a workload, all but its environment and what it mounts. */
export function container(workload: Workload): Omit<k8s.Container, 'env' | 'volumeMounts'> {
  const { startupProbe, livenessProbe, readinessProbe, securityContext, extraEnvFrom, resources } = VALUES[workload];
  return {
    name: workload,
    ...imageOf(workload),
    envFrom: helm.optional.yaml(extraEnvFrom),
    ports: [{ name: 'http', containerPort: PORTS[workload] }],
    startupProbe: probe('/livez', startupProbe),
    livenessProbe: probe('/livez', livenessProbe),
    readinessProbe: probe('/readyz', readinessProbe),
    resources: helm.yaml(resources),
    securityContext: helm.yaml(securityContext),
  };
}

function probe(path: string, values: Probe): k8s.Probe {
  return {
    httpGet: { path, port: k8s.IntOrString.fromString('http') },
    initialDelaySeconds: helm.number(values.initialDelaySeconds),
    periodSeconds: helm.number(values.periodSeconds),
    timeoutSeconds: helm.number(values.timeoutSeconds),
    failureThreshold: helm.number(values.failureThreshold),
  };
}

export function countOrPercentage(value: Path<string | number>): k8s.IntOrString {
  return k8s.IntOrString.fromString(helm.json<string | number>(value) as string);
}

/** The token of the pod's service account, for a process that asks the API server, where every client looks for it. */
export const API_TOKEN_VOLUME: k8s.Volume = {
  name: 'api-token',
  projected: {
    defaultMode: 0o440,
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardApi: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
    ],
  },
};
export const API_TOKEN_MOUNT: k8s.VolumeMount = {
  name: 'api-token',
  mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
  readOnly: true,
};
