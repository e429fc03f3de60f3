/** The topics, and who may do what with them: no right that producer and consumer can do without. */
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { ALERTS_TOPIC, DEAD_LETTER_TOPIC, METRICS_TOPIC, type TopicSpec } from '#contract/topic.ts';
import type { Expression, Path } from '../helm/expression.ts';
import { helm } from '../helm/tokens.ts';
import { API_VERSION, KEPT, OF_CLUSTER } from './names.ts';
import { v } from './values.ts';

export function addTopics(scope: Construct): void {
  addTopic(scope, METRICS_TOPIC, v.topics.metrics);
  addTopic(scope, DEAD_LETTER_TOPIC, v.topics.deadLetters);
  addTopic(scope, ALERTS_TOPIC, v.topics.alerts);
}

export function addUsers(scope: Construct): void {
  const rights = rightsOf(helm.string(v.users.consumer.group));
  addUser(scope, 'producer', v.users.producer, rights.producer);
  addUser(scope, 'consumer', v.users.consumer, rights.consumer);
}

type Operation = 'Read' | 'Write' | 'Describe';

/** What a user may do with a topic or a consumer group. */
export interface Right {
  readonly type: 'topic' | 'group';
  readonly name: string;
  readonly operations: readonly Operation[];
}

/** The consumer looks whether its topics exist before it would create them, so nobody has the right to create. */
export function rightsOf(group: string): Readonly<Record<'producer' | 'consumer', readonly Right[]>> {
  return {
    producer: [{ type: 'topic', name: METRICS_TOPIC.name, operations: ['Write', 'Describe'] }],
    consumer: [
      { type: 'topic', name: METRICS_TOPIC.name, operations: ['Read', 'Describe'] },
      { type: 'topic', name: DEAD_LETTER_TOPIC.name, operations: ['Write', 'Describe'] },
      { type: 'topic', name: ALERTS_TOPIC.name, operations: ['Read', 'Write', 'Describe'] },
      { type: 'group', name: group, operations: ['Read'] },
    ],
  };
}

interface TopicValues {
  readonly partitions: Expression<number>;
  readonly config: Expression<object>;
}

function addTopic(scope: Construct, { name }: TopicSpec, values: TopicValues): void {
  new ApiObject(scope, name, {
    apiVersion: API_VERSION,
    kind: 'KafkaTopic',
    metadata: { name, labels: OF_CLUSTER, annotations: KEPT },
    spec: {
      partitions: helm.number(values.partitions),
      replicas: helm.number(v.replicationFactor),
      config: { 'min.insync.replicas': helm.number(v.minInSyncReplicas), ...helm.entries(values.config) },
    },
  });
}

interface UserValues {
  readonly name: Path<string>;
  readonly quotas: Path<object>;
}

function addUser(scope: Construct, id: string, values: UserValues, rights: readonly Right[]): void {
  const acls = rights.map(({ type, name, operations }) => ({
    resource: { type, name, patternType: 'literal' },
    operations,
  }));
  new ApiObject(scope, id, {
    apiVersion: API_VERSION,
    kind: 'KafkaUser',
    metadata: { name: helm.string(values.name), labels: OF_CLUSTER },
    spec: {
      authentication: { type: 'tls' },
      authorization: { type: 'simple', acls },
      quotas: helm.optional.yaml(values.quotas),
    },
  });
}
