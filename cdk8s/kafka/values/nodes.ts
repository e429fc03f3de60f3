/** The nodes of the cluster, and what they have in common. */
import { z } from 'zod';
import * as schemas from '../../helm/schemas.ts';
import { KAFKA_VERSION } from '../version.ts';

export const kafka = z
  .strictObject({
    version: z.string().default(KAFKA_VERSION).describe('The version of Kafka, one that the Strimzi operator knows.'),
    metadataVersion: z
      .string()
      .default('')
      .describe(
        'The version of its metadata, such as 4.3-IV0. Empty: that of `version`. Pin the old one during an upgrade to be able to go back.',
      ),
    config: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .default({ 'auto.create.topics.enable': false, 'log.message.timestamp.type': 'LogAppendTime' })
      .describe(
        'Settings of the brokers, by their Kafka names, besides those that follow from `replicationFactor` and `minInSyncReplicas`.',
      ),
    rack: z
      .strictObject({
        enabled: z
          .boolean()
          .default(false)
          .describe(
            'Whether copies of a partition are put into different zones. Every machine must have the label then.',
          ),
        topologyKey: z
          .string()
          .default('topology.kubernetes.io/zone')
          .describe("The label that says a machine's zone."),
      })
      .describe('Rack awareness.'),
    metricsAllowList: z
      .array(z.string())
      .default([])
      .describe(
        "Regular expressions of the metrics that the nodes tell. Empty: Strimzi's choice, which has what the alerts here " +
          "and Strimzi's dashboards need.",
      ),
  })
  .describe('What all nodes have in common.');

const spread = z.enum(['DoNotSchedule', 'ScheduleAnyway']);

interface PoolPreset {
  readonly enabled: boolean;
  readonly replicas: number;
  readonly size: string;
  readonly memory: string;
  readonly cpu: string;
  readonly heap: string;
}

function pool(what: string, preset: PoolPreset) {
  const { enabled, replicas, size, memory, cpu, heap } = preset;
  return z
    .strictObject({
      enabled: z.boolean().default(enabled).describe('Whether there are such nodes.'),
      replicas: z
        .int()
        .min(1)
        .default(replicas)
        .describe('How many. The number of controllers cannot be changed later.'),
      storage: z
        .strictObject({
          size: schemas.amount.default(size).describe("A node's volume. It can grow, if the storage class allows it."),
          class: z.string().default('').describe("The storage class. Empty: the cluster's default."),
          deleteClaim: z.boolean().default(false).describe('Whether the volume goes when its node is removed.'),
        })
        .describe('Where the data is.'),
      resources: schemas.resources
        .default({ requests: { cpu, memory }, limits: { memory } })
        .describe('What a node may use. What the heap leaves of the memory caches files.'),
      heap: z
        .string()
        .regex(/^[0-9]+[mg]$/)
        .default(heap)
        .describe('The heap of the JVM.'),
      spread: z
        .strictObject({
          hosts: spread.default('ScheduleAnyway').describe('When two of them would share a machine.'),
          zones: spread.default('ScheduleAnyway').describe('When zones would differ by more than one of them.'),
        })
        .describe('How they are spread.'),
      affinity: schemas.anything.default({}).describe('Rules for where they run.'),
      tolerations: schemas.tolerations.default([]).describe('Taints of machines that they bear.'),
      priorityClassName: z.string().default('').describe('Their priority class.'),
      podLabels: schemas.textMap.default({}).describe('More labels of their pods.'),
      podAnnotations: schemas.textMap.default({}).describe('Annotations of their pods.'),
    })
    .describe(what);
}

export const nodePools = z
  .strictObject({
    controller: pool('Nodes that keep the metadata.', {
      enabled: true,
      replicas: 3,
      size: '10Gi',
      memory: '1Gi',
      cpu: '100m',
      heap: '512m',
    }),
    broker: pool('Nodes that keep the records.', {
      enabled: true,
      replicas: 3,
      size: '50Gi',
      memory: '2Gi',
      cpu: '250m',
      heap: '1g',
    }),
    dual: pool('Nodes that do both, for small clusters, in place of the two others.', {
      enabled: false,
      replicas: 1,
      size: '10Gi',
      memory: '1Gi',
      cpu: '100m',
      heap: '512m',
    }),
  })
  .describe('The nodes.');
