/** The consumer: a Deployment whose replicas share the partitions. */
import { z } from 'zod';
import * as schemas from '../../helm/schemas.ts';
import { imageOf, logLevel, pods, serviceAccount } from './workload.ts';

const rules = z
  .strictObject({
    default: z.boolean().default(true).describe('The rules that come with the consumer. Without them it needs others.'),
    inline: z.string().default('').describe('The text of a Prometheus rule file: --set-file.'),
    existingConfigMap: z
      .string()
      .default('')
      .describe('Instead: a ConfigMap that has such a file. When it changes, it is read again.'),
    key: z.string().min(1).default('rules.yaml').describe("The ConfigMap's key of it."),
  })
  .describe('The rules that nodes are judged by.');

const limits = z
  .strictObject({
    nodes: z.int().min(1).optional().describe('Nodes that a replica keeps.'),
    seriesPerNode: z.int().min(1).optional().describe('Series that a node may have.'),
    series: z.int().min(1).optional().describe('Series of nodes that a replica keeps, about 200 bytes each.'),
    historyBytes: schemas.amount.optional().describe('Memory for the past that rules read, such as `256Mi`.'),
    pageHistoryBytes: schemas.amount
      .optional()
      .describe('Memory for the past that the live page shows, such as `64Mi`; "0" keeps none.'),
  })
  .describe('Bounds that keep a replica from being flooded; docs/CONFIG.md has the defaults.');

export const consumer = z
  .strictObject({
    image: imageOf('consumer'),
    replicas: z
      .int()
      .min(0)
      .default(2)
      .describe('How many replicas share the partitions; more than there are partitions are idle.'),
    rules,
    limits,
    watchNodes: z
      .boolean()
      .default(true)
      .describe(
        "Whether a node's series leave as soon as it is deleted from the cluster. Takes the right to list nodes, and a token. Otherwise they leave when it falls silent, and it counts as silent from then on.",
      ),
    jobLabel: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,253}$/)
      .default('node-exporter')
      .describe(
        'What the series of nodes have as `job`, in Prometheus and for rules: `node` suits the node mixin as it comes.',
      ),
    alertmanagerUrl: z
      .string()
      .regex(/^(https?:\/\/[^\s,]+(,\s*https?:\/\/[^\s,]+)*)?$/)
      .default('')
      .describe(
        'The Alertmanager that is told what fires, such as http://alertmanager-operated.monitoring:9093; of a cluster of them each instance, comma-separated. Empty: nobody is told. With a password it belongs in a Secret: `extraEnv` with ALERTMANAGER_URL, and `networkPolicy.extraEgress`.',
      ),
    logLevel,
    resources: schemas.resources
      .default({
        requests: { cpu: '100m', memory: '192Mi', 'ephemeral-storage': '16Mi' },
        limits: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '64Mi' },
      })
      .describe('What it may use. Grows with the series of the nodes that a replica has.'),
    tolerations: schemas.tolerations.default([]).describe('Taints of nodes that it bears.'),
    affinity: schemas.anything
      .default({})
      .describe('Rules for where it runs. Empty: replicas rather not on the same node.'),
    topologySpreadConstraints: schemas.anythings
      .default([])
      .describe('How replicas are spread. Empty: evenly over zones and nodes, as far as that is possible.'),
    priorityClassName: z.string().default('').describe('Its priority class.'),
    podDisruptionBudget: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether there is one.'),
        maxUnavailable: schemas.countOrPercentage.default(1).describe('How many replicas a drain may take at a time.'),
      })
      .describe('Keeps drains of nodes from taking all replicas. A replica that is not ready never holds up a drain.'),
    strategy: z
      .strictObject({
        maxSurge: schemas.countOrPercentage.default(1).describe('How many replicas more there may be for a while.'),
        maxUnavailable: schemas.countOrPercentage.default(0).describe('How many may be missing.'),
      })
      .describe('How a new version rolls out: a new replica joins the group before an old one leaves it.'),
    minReadySeconds: z
      .int()
      .min(0)
      .default(15)
      .describe(
        'How long a new replica must be ready before the next: the group shares out its partitions in between.',
      ),
    revisionHistoryLimit: z.int().min(0).default(5).describe('How many old ReplicaSets are kept.'),
    terminationGracePeriodSeconds: z
      .int()
      .min(11)
      .default(30)
      .describe('How long it may take to end: it uses up to 10 s to leave the group.'),
    serviceAccount,
    ...pods,
  })
  .describe('The consumer: serves what all nodes say to Prometheus, and writes the alert log.');
