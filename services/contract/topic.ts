/**
 * The topics. Their names never change: they are what other people's consumers and access rules are written against.
 *
 * Timestamps of records are the broker's (`LogAppendTime`): a node with a wrong clock must neither be refused by the
 * broker (`CreateTime` may not lie an hour ahead) nor fall to retention early. An event carries its own time.
 */

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Topic settings as Kafka names them. */
  readonly config: Readonly<Record<string, string>>;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Events of nodes. The key is `cluster/node`, so one partition holds all of a node, in order. */
export const METRICS_TOPIC: TopicSpec = {
  name: 'system.metrics',
  partitions: 12,
  config: {
    'cleanup.policy': 'delete',
    'retention.ms': String(DAY_MS),
    'message.timestamp.type': 'LogAppendTime',
  },
};

/** What could not be decoded from `system.metrics`: the raw bytes, with the reason and the place in headers. */
export const DEAD_LETTER_TOPIC: TopicSpec = {
  name: 'system.metrics.dlq',
  partitions: 1,
  config: {
    'cleanup.policy': 'delete',
    'retention.ms': String(7 * DAY_MS),
    'message.timestamp.type': 'LogAppendTime',
  },
};

/** The newest state of every alert; as many partitions as the events have, since an alert lives where its node does. */
export const ALERTS_TOPIC: TopicSpec = {
  name: 'system.alerts',
  partitions: METRICS_TOPIC.partitions,
  config: { 'cleanup.policy': 'compact', 'message.timestamp.type': 'LogAppendTime' },
};
