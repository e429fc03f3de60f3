/** The producer: a DaemonSet. */
import { z } from 'zod';
import * as schemas from '../../helm/schemas.ts';
import { imageOf, logLevel, pods, serviceAccount } from './workload.ts';

const hostPath = z
  .strictObject({
    mode: z
      .enum(['host', 'none'])
      .default('host')
      .describe(
        '`host`: /, /proc and /sys of the node are mounted, read-only. `none`: nothing is, so the pods pass the Pod Security level `restricted`, and what a container is shown of its own (network, file systems, processes) is not measured; CPU, memory, load, disks and pressure are.',
      ),
    propagation: z
      .enum(['HostToContainer', 'None'])
      .default('HostToContainer')
      .describe('Whether file systems that are mounted later are seen. `None` where the runtime refuses the other.'),
  })
  .describe('What a producer sees of its node.');

const spool = z
  .strictObject({
    type: z
      .enum(['emptyDir', 'hostPath', 'none'])
      .default('emptyDir')
      .describe(
        '`emptyDir` survives a crash of the container, `hostPath` the pod, too (updates, drains). `none`: memory alone.',
      ),
    maxBytes: z
      .string()
      .regex(/^[0-9]+(Ki|Mi|Gi)$/)
      .default('64Mi')
      .describe('The size at which the oldest events go. Keep it at half of `sizeLimit` or less.'),
    maxAge: z
      .string()
      .regex(/^[0-9]+(s|m|h)$/)
      .default('24h')
      .describe('The age at which events go: what the topic would have forgotten, too.'),
    sizeLimit: schemas.quantity
      .default('128Mi')
      .describe('The limit of the emptyDir. Kubernetes evicts a pod that exceeds it, so leave room above `maxBytes`.'),
    hostPath: z
      .strictObject({
        path: z
          .string()
          .regex(/^\/.+/)
          .default('/var/lib/system-monitoring/spool')
          .describe('The directory on the node.'),
        prepare: z
          .boolean()
          .default(false)
          .describe(
            'Whether an init container, as root with the capability CHOWN alone, gives the directory to the producer. Otherwise somebody else must.',
          ),
      })
      .describe('For `type: hostPath`.'),
  })
  .describe('Where events wait while Kafka is away.');

const priorityClass = z
  .strictObject({
    create: z.boolean().default(true).describe('Whether the chart makes one.'),
    name: z.string().default('').describe('Its name. Empty: made up if it is created, otherwise none is used.'),
    value: z
      .int()
      .max(1_000_000_000)
      .default(1_000_000)
      .describe('Its height. Above what the nodes are there for, so that a full node still has a producer.'),
  })
  .describe('The priority of the producers.');

export const producer = z
  .strictObject({
    image: imageOf('producer'),
    interval: z
      .string()
      .regex(/^[0-9]+(s|m)$/)
      .default('5s')
      .describe('How often a node is measured, from 1s to 5m.'),
    collectors: z.string().default('default').describe('What is measured: docs/METRICS.md lists the collectors.'),
    logLevel,
    hostPath,
    spool,
    resources: schemas.resources
      .default({
        requests: { cpu: '25m', memory: '96Mi', 'ephemeral-storage': '96Mi' },
        limits: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '256Mi' },
      })
      .describe('What it may use. The spool counts as ephemeral storage.'),
    tolerations: schemas.tolerations
      .default([{ operator: 'Exists' }])
      .describe('Taints of nodes that it bears: all of them, since each node is to be watched.'),
    affinity: schemas.anything.default({}).describe('Rules for the nodes that it runs on.'),
    priorityClass,
    maxUnavailable: schemas.countOrPercentage
      .default('10%')
      .describe('How many nodes may be without a producer at a time while a new version rolls out.'),
    terminationGracePeriodSeconds: z
      .int()
      .min(26)
      .default(30)
      .describe('How long it may take to end: it uses up to 25 s to bring what waits to Kafka.'),
    serviceAccount,
    ...pods,
  })
  .describe('The producer, on every node: reads its metrics and writes them to Kafka.');
