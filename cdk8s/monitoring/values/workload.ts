/** What every workload has: the values that people expect of every pod in every chart. */
import { z } from 'zod';
import * as schemas from '../../helm/schemas.ts';

/** Neither root, nor a way to become it, nor a file to change: what the `restricted` Pod Security Standard asks for. */
const POD_SECURITY_CONTEXT = {
  runAsNonRoot: true,
  runAsUser: 65532,
  runAsGroup: 65532,
  fsGroup: 65532,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
};
const SECURITY_CONTEXT = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

const probe = { startsWithin: { periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 60 } };

/** @param service as its image is named. */
export function imageOf(service: string) {
  return schemas
    .image({ registry: 'ghcr.io', repository: `system-monitoring/${service}` })
    .describe('What its containers run.');
}

export const logLevel = z
  .enum(['debug', 'info', 'warn', 'error'])
  .default('info')
  .describe('The least level that is logged.');

export const serviceAccount = z
  .strictObject({
    create: z.boolean().default(true).describe('Whether the chart makes one.'),
    name: z.string().default('').describe('Its name. Empty: made up if it is created, otherwise `default`.'),
    annotations: schemas.textMap.default({}).describe('Its annotations.'),
  })
  .describe('The identity of its pods in the cluster. No token is mounted unless it is needed.');

/** Where pods run and what they may use: what comes after a workload's own values. */
export const pods = {
  nodeSelector: schemas.textMap
    .default({ 'kubernetes.io/os': 'linux' })
    .describe('Labels of nodes that it may run on.'),
  podLabels: schemas.textMap.default({}).describe('More labels of the pods.'),
  podAnnotations: schemas.textMap.default({}).describe('Annotations of the pods.'),
  podSecurityContext: schemas.anything.default(POD_SECURITY_CONTEXT).describe('The security context of the pods.'),
  securityContext: schemas.anything.default(SECURITY_CONTEXT).describe('The security context of the containers.'),
  startupProbe: schemas.probe(probe.startsWithin).describe('Does it listen yet? Asks /livez; the others wait for it.'),
  livenessProbe: schemas
    .probe({ periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 })
    .describe('Does it make progress, or should it be started anew? Asks /livez. Kafka being away is no reason.'),
  readinessProbe: schemas
    .probe({ periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 })
    .describe('Can it do its work? Asks /readyz. Holds up a rolling update, nothing else.'),
  extraEnv: schemas.env
    .default([])
    .describe('More environment variables: docs/CONFIG.md lists what the services know.'),
  extraEnvFrom: schemas.anythings.default([]).describe('ConfigMaps and Secrets that become environment variables.'),
  extraVolumes: schemas.anythings.default([]).describe('More volumes of the pods.'),
  extraVolumeMounts: schemas.anythings.default([]).describe('Where the container has them.'),
};
