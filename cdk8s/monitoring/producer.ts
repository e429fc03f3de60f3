/**
 * The producer: one pod on every node, whatever its taints.
 *
 * It sees its node through read-only mounts alone: no host namespace, no privilege, no capability, not root. /proc and /sys
 * are mounted besides /, since a runtime may mount / without what is mounted below it.
 */
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { PRODUCER_SETTINGS } from '../../services/producer/settings.ts';
import { onlyWhen } from '../helm/chart.ts';
import { all, any, equals, not } from '../helm/expression.ts';
import { helm } from '../helm/tokens.ts';
import { serviceAccount, serviceAccountName } from './access.ts';
import { kafkaEnv, kafkaMount, kafkaVolume } from './kafka-client.ts';
import { metadata, selectorOf } from './names.ts';
import { container, countOrPercentage, imageOf, PULL_SECRETS, podMetadata } from './pod.ts';
import { v } from './values.ts';

const { hostPath, spool, priorityClass } = v.producer;
const HOST_ROOT = '/host';
const SPOOL_DIR = '/var/lib/system-monitoring/spool';

const seesHost = equals(hostPath.mode, 'host');
const spoolsToDisk = not(equals(spool.type, 'none'));
const spoolsToHost = equals(spool.type, 'hostPath');

export function addProducer(scope: Construct): void {
  const producer = new Construct(scope, 'producer');
  serviceAccount(producer, 'producer');
  onlyWhen(
    priorityClass.create,
    new k8s.KubePriorityClass(producer, 'priority-class', {
      metadata: metadata('producer', { name: priorityClassName(), scope: 'cluster' }),
      value: helm.number(priorityClass.value),
      description: 'Producers of system metrics: a node that is full is one that needs to be watched.',
    }),
  );
  new k8s.KubeDaemonSet(producer, 'daemon-set', {
    metadata: metadata('producer'),
    spec: {
      selector: { matchLabels: selectorOf('producer') },
      updateStrategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxUnavailable: countOrPercentage(v.producer.maxUnavailable) },
      },
      template: { metadata: podMetadata('producer'), spec: podSpec() },
    },
  });
}

function podSpec(): k8s.PodSpec {
  const { nodeSelector, tolerations, affinity, podSecurityContext, terminationGracePeriodSeconds } = v.producer;
  return {
    serviceAccountName: serviceAccountName('producer'),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets: PULL_SECRETS,
    priorityClassName: helm.when(any(priorityClass.create, priorityClass.name), priorityClassName()),
    terminationGracePeriodSeconds: helm.number(terminationGracePeriodSeconds),
    nodeSelector: helm.optional.yaml(nodeSelector),
    tolerations: helm.optional.yaml(tolerations),
    affinity: helm.optional.yaml(affinity),
    securityContext: helm.yaml(podSecurityContext),
    initContainers: helm.when(all(spoolsToHost, spool.hostPath.prepare), [prepareSpool()]),
    containers: [{ ...container('producer'), env: producerEnv(), volumeMounts: mounts() }],
    volumes: volumes(),
  };
}

/** A name that is given, or one that is made up: not as the release's, for names that begin with `system-` are Kubernetes' own. */
function priorityClassName(): string {
  return helm.string(
    `default (printf "node-%s-producer-%s" (include "system-monitoring.fullname" $) .Release.Namespace) ${priorityClass.name}`,
  );
}

export function producerEnv(): k8s.EnvVar[] {
  const setting = (name: keyof typeof PRODUCER_SETTINGS, value: string): k8s.EnvVar => ({ name, value });
  return [
    ...kafkaEnv('producer'),
    setting('CLUSTER_NAME', helm.string(v.clusterName)),
    {
      name: 'NODE_NAME' satisfies keyof typeof PRODUCER_SETTINGS,
      valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } },
    },
    helm.when(seesHost, setting('HOST_ROOT', HOST_ROOT)),
    setting('INTERVAL', helm.string(v.producer.interval)),
    setting('COLLECTORS', helm.string(v.producer.collectors)),
    helm.when(spoolsToDisk, setting('SPOOL_DIR', SPOOL_DIR)),
    helm.when(spoolsToDisk, setting('SPOOL_MAX_BYTES', helm.string(spool.maxBytes))),
    setting('SPOOL_MAX_AGE', helm.string(spool.maxAge)),
    setting('LOG_LEVEL', helm.string(v.producer.logLevel)),
    helm.splice<k8s.EnvVar>(v.producer.extraEnv),
  ];
}

/** The parts of the host that are mounted: volume → path on the host. */
const HOST_PARTS = { root: '/', proc: '/proc', sys: '/sys' };

function volumes(): k8s.Volume[] {
  return [
    kafkaVolume('producer'),
    ...Object.entries(HOST_PARTS).map(([name, path]) => helm.when(seesHost, { name, hostPath: { path } })),
    helm.when(equals(spool.type, 'emptyDir'), {
      name: 'spool',
      emptyDir: { sizeLimit: k8s.Quantity.fromString(helm.json<string | number>(spool.sizeLimit) as string) },
    }),
    helm.when(spoolsToHost, {
      name: 'spool',
      hostPath: { path: helm.string(spool.hostPath.path), type: 'DirectoryOrCreate' },
    }),
    helm.splice<k8s.Volume>(v.producer.extraVolumes),
  ];
}

function mounts(): k8s.VolumeMount[] {
  return [
    kafkaMount('producer'),
    helm.when(seesHost, {
      name: 'root',
      mountPath: HOST_ROOT,
      readOnly: true,
      mountPropagation: helm.string(hostPath.propagation),
    }),
    helm.when(seesHost, { name: 'proc', mountPath: `${HOST_ROOT}/proc`, readOnly: true }),
    helm.when(seesHost, { name: 'sys', mountPath: `${HOST_ROOT}/sys`, readOnly: true }),
    helm.when(spoolsToDisk, { name: 'spool', mountPath: SPOOL_DIR }),
    helm.splice<k8s.VolumeMount>(v.producer.extraVolumeMounts),
  ];
}

/** A directory that the kubelet makes belongs to root, and `fsGroup` does not apply to hostPath. */
function prepareSpool(): k8s.Container {
  const id = (name: string) => helm.number(`.Values.producer.podSecurityContext.${name} | default 65532`);
  return {
    name: 'prepare-spool',
    ...imageOf('producer'),
    command: ['/nodejs/bin/node', '--eval'],
    args: [`require('node:fs').chownSync('${SPOOL_DIR}', ${id('runAsUser')}, ${id('runAsGroup')})`],
    resources: helm.yaml(v.producer.resources),
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['CHOWN'] },
    },
    volumeMounts: [{ name: 'spool', mountPath: SPOOL_DIR }],
  };
}
