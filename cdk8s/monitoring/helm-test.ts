/**
 * `helm test`: a pod that runs helm-test.mts, which the chart ships as a file, with the right to see in this namespace
 * where the producers run. All of it exists only while the test runs; a pod that failed stays, to be looked at.
 */
import { readFileSync } from 'node:fs';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { type HelmChart, onlyWhen } from '../helm/chart.ts';
import { helm } from '../helm/tokens.ts';
import { metadata, NAMESPACE, nameOf, PORTS, selectorText } from './names.ts';
import { API_TOKEN_MOUNT, API_TOKEN_VOLUME, imageOf, PULL_SECRETS } from './pod.ts';
import { v } from './values.ts';

const SCRIPT = 'files/helm-test.mts';
const NAME = nameOf('test');

export function addHelmTest(chart: HelmChart): void {
  chart.addFile(SCRIPT, readFileSync(new URL('helm-test.mts', import.meta.url), 'utf8'));
  const tests = onlyWhen(v.tests.enabled, new Construct(chart, 'tests'));
  const subject = { kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE };
  new k8s.KubeServiceAccount(tests, 'service-account', { metadata: hook(-2), automountServiceAccountToken: false });
  new k8s.KubeRole(tests, 'role', {
    metadata: hook(-2),
    rules: [
      { apiGroups: ['apps'], resources: ['daemonsets'], resourceNames: [nameOf('producer')], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    ],
  });
  new k8s.KubeRoleBinding(tests, 'role-binding', {
    metadata: hook(-1),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: NAME },
    subjects: [subject],
  });
  new k8s.KubeConfigMap(tests, 'config-map', {
    metadata: hook(-2),
    data: { 'helm-test.mts': helm.string(`.Files.Get "${SCRIPT}"`) },
  });
  new k8s.KubePod(tests, 'pod', { metadata: hook(0, NO_PROBES), spec: podSpec() });
}

/** For checkov, which does not know that this pod ends by itself. */
const NO_PROBES = {
  'checkov.io/skip1': 'CKV_K8S_8=It ends by itself.',
  'checkov.io/skip2': 'CKV_K8S_9=Nobody calls it.',
};

function hook(weight: number, annotations: Readonly<Record<string, string>> = {}): k8s.ObjectMeta {
  return metadata('test', {
    annotations: {
      'helm.sh/hook': 'test',
      'helm.sh/hook-weight': String(weight),
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
      ...annotations,
    },
  });
}

function podSpec(): k8s.PodSpec {
  return {
    restartPolicy: 'Never',
    serviceAccountName: NAME,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets: PULL_SECRETS,
    nodeSelector: helm.optional.yaml(v.consumer.nodeSelector),
    tolerations: helm.optional.yaml(v.consumer.tolerations),
    securityContext: helm.yaml(v.consumer.podSecurityContext),
    containers: [
      {
        name: 'test',
        ...imageOf('consumer'),
        command: ['/nodejs/bin/node'],
        args: ['/tests/helm-test.mts'],
        env: env(),
        resources: helm.yaml(v.tests.resources),
        securityContext: helm.yaml(v.consumer.securityContext),
        volumeMounts: [API_TOKEN_MOUNT, { name: 'tests', mountPath: '/tests', readOnly: true }],
      },
    ],
    volumes: [API_TOKEN_VOLUME, { name: 'tests', configMap: { name: NAME } }],
  };
}

function env(): k8s.EnvVar[] {
  const { deadlineSeconds, prometheusUrl, lokiUrl } = v.tests;
  return [
    { name: 'NODE_EXTRA_CA_CERTS', value: `${API_TOKEN_MOUNT.mountPath}/ca.crt` },
    { name: 'CLUSTER_NAME', value: helm.string(v.clusterName) },
    { name: 'NAMESPACE', value: NAMESPACE },
    { name: 'DAEMONSET', value: nameOf('producer') },
    { name: 'PRODUCERS', value: selectorText('producer') },
    { name: 'CONSUMER_HOST', value: `${nameOf('consumer')}.${NAMESPACE}.svc` },
    { name: 'CONSUMER_PORT', value: String(PORTS.consumer) },
    { name: 'DEADLINE_SECONDS', value: helm.stringOf(deadlineSeconds) },
    helm.when(prometheusUrl, { name: 'PROMETHEUS_URL', value: helm.string(prometheusUrl) }),
    helm.when(lokiUrl, { name: 'LOKI_URL', value: helm.string(lokiUrl) }),
  ];
}
