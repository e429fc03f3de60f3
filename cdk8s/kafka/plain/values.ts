/** The values of the chart `plain-kafka`. */
import { z } from 'zod';
import { valuePaths } from '../../helm/expression.ts';
import * as schemas from '../../helm/schemas.ts';
import { KAFKA_VERSION } from '../version.ts';

export const VALUES = z.strictObject({
  global: schemas.globals,
  nameOverride: z.string().default('').describe("Takes the place of the chart's name."),
  fullnameOverride: z.string().default('').describe('Takes the place of the name of all objects.'),
  commonLabels: schemas.textMap.default({}).describe('Labels of every object.'),
  image: schemas
    .image({ registry: 'docker.io', repository: 'apache/kafka', tag: KAFKA_VERSION })
    .describe('Kafka as Apache publishes it, or an image that is set up alike.'),
  imagePullSecrets: schemas.pullSecrets.default([]).describe('Secrets to pull the image with.'),
  heap: z
    .string()
    .regex(/^[0-9]+[mg]$/)
    .default('384m')
    .describe('The heap of the JVM.'),
  resources: schemas.resources
    .default({ requests: { cpu: '100m', memory: '1Gi' }, limits: { memory: '1Gi' } })
    .describe('What the broker may use.'),
  persistence: z
    .strictObject({
      enabled: z.boolean().default(true).describe('Whether the data outlives the pod.'),
      size: schemas.amount.default('2Gi').describe('The size of the volume.'),
      class: z.string().default('').describe("The storage class. Empty: the cluster's default."),
      keepOnUninstall: z.boolean().default(false).describe('Whether the volume outlives `helm uninstall`.'),
    })
    .describe('Where the data is.'),
  extraEnv: schemas.env
    .default([])
    .describe(
      'More environment variables; `KAFKA_…` are settings of the broker: `KAFKA_LOG_RETENTION_MS` is `log.retention.ms`.',
    ),
  nodeSelector: schemas.textMap.default({}).describe('Labels of machines that it may run on.'),
  affinity: schemas.anything.default({}).describe('Rules for where it runs.'),
  tolerations: schemas.tolerations.default([]).describe('Taints of machines that it bears.'),
  priorityClassName: z.string().default('').describe('Its priority class.'),
  podLabels: schemas.textMap.default({}).describe('More labels of the pod.'),
  podAnnotations: schemas.textMap.default({}).describe('Annotations of the pod.'),
  extraObjects: schemas.anythings.default([]).describe('More objects; templates in them are evaluated.'),
});

export const v = valuePaths<z.infer<typeof VALUES>>();
