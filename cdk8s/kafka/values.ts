/** The values of the chart `kafka`. The defaults are for production: three controllers, three brokers, three copies. */
import { z } from 'zod';
import { valuePaths } from '../helm/expression.ts';
import * as schemas from '../helm/schemas.ts';
import { networkPolicy, topics, users } from './values/access.ts';
import { kafka, nodePools } from './values/nodes.ts';
import { entityOperator, kafkaExporter } from './values/operators.ts';
import { podMonitor, prometheusRule } from './values/watching.ts';

export const VALUES = z.strictObject({
  global: schemas.globalsWithoutImages,
  clusterName: z
    .string()
    .regex(/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/)
    .default('metrics')
    .describe(
      'The name of the Kafka cluster. Clients find it at `<clusterName>-kafka-bootstrap.<namespace>.svc:9093` and trust the ' +
        'secret `<clusterName>-cluster-ca-cert`.',
    ),
  commonLabels: schemas.textMap.default({}).describe('Labels of every object.'),
  keepOnUninstall: z
    .boolean()
    .default(true)
    .describe(
      'Whether `helm uninstall` leaves the Kafka cluster, its nodes and its topics, and so all data. They are deleted with kubectl then.',
    ),
  replicationFactor: z
    .int()
    .min(1)
    .default(3)
    .describe('Copies of each partition. Cannot be changed later by this value alone.'),
  minInSyncReplicas: z
    .int()
    .min(1)
    .default(2)
    .describe('Copies that have a record before its producer is told so; with fewer in sync, producers wait.'),

  kafka,
  nodePools,
  entityOperator,
  kafkaExporter,
  topics,
  users,
  networkPolicy,
  podMonitor,
  prometheusRule,
  maintenanceTimeWindows: z
    .array(z.string())
    .default([])
    .describe(
      'When Strimzi may renew certificates and restart nodes for it, as cron expressions in UTC. Empty: at any time.',
    ),
  extraObjects: schemas.anythings.default([]).describe('More objects; templates in them are evaluated.'),
});

export const v = valuePaths<z.infer<typeof VALUES>>();
