/** The consumer's environment. */
import { fileURLToPath } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import { KAFKA_SETTINGS } from '#bus/settings.ts';
import { LOG_LEVELS } from '#runtime/log.ts';
import { address, bytes, filePath, filePaths, httpServers, name, oneOf, text, whole } from '#runtime/settings.ts';
import { DEFAULT_LIMITS as DEFAULT_JUDGE_LIMITS } from './rules/judge.ts';
import { DEFAULT_JOB } from './rules/promql/selector.ts';
import { DEFAULT_LIMITS } from './state.ts';

export const DEFAULT_RULES = fileURLToPath(new URL('rules/default.rules.yaml', import.meta.url));

export const CONSUMER_SETTINGS = {
  ...KAFKA_SETTINGS,
  KAFKA_GROUP: {
    ...name,
    help: 'The consumer group. Its members share the partitions; another group sees everything once more.',
    default: 'system-monitoring',
  },
  LISTEN: {
    ...address,
    help: 'Where the live page, `/api`, `/metrics`, `/livez` and `/readyz` are served.',
    default: ':8080',
  },
  RULES: {
    ...filePaths,
    help:
      'Files of Prometheus alerting rules that events are judged by, or directories of such, separated by commas; `default` stands ' +
      'for the rules that come with the consumer. They are read again when they change, and at SIGHUP.',
    unset: 'the rules that come with the consumer',
  },
  JOB_LABEL: {
    ...name,
    help:
      'What every series of a node has as `job` for rules: `node` suits the node mixin as it comes. In a cluster Prometheus ' +
      'has to give them the same, which the chart sees to.',
    default: DEFAULT_JOB,
  },
  ALERT_LOG: {
    ...filePath,
    help: 'A file that gets every line of the alert log, besides standard output. It may be rotated at any time.',
    unset: 'standard output alone',
  },
  ALERTMANAGER_URL: {
    ...httpServers,
    help:
      'The Alertmanager that is told what fires. Of a cluster of them each instance has to be told, without a load balancer between. ' +
      'What URLs do not allow in a password, and the comma, is percent-encoded there.',
    unset: 'nobody is told',
    secret: true,
  },
  STORM_NODES: {
    ...whole(1, 1_000_000),
    help:
      'How many nodes of a rule the alert log tells one by one within a minute. What more of them have to say becomes one line at ' +
      'its end, with the count.',
    default: '10',
  },
  MAX_NODES: {
    ...whole(1, 1_000_000),
    help: 'How many nodes one replica keeps. Beyond that, new ones take the place of the longest silent, or are left out and counted.',
    default: String(DEFAULT_LIMITS.nodes),
  },
  MAX_SERIES_PER_NODE: {
    ...whole(1, 10_000_000),
    help: 'How many series a node may have. An event with more is left out and counted.',
    default: String(DEFAULT_LIMITS.seriesPerNode),
  },
  MAX_SERIES: {
    ...whole(1, 1_000_000_000),
    help: 'How many series of nodes one replica keeps, some 200 bytes each. An event that would make it more is left out and counted.',
    unset: 'one for each 500 bytes that the heap may have',
    fallback: () => String(Math.floor(getHeapStatistics().heap_size_limit / 500)),
  },
  MAX_HISTORY_BYTES: {
    ...bytes('1Mi', '1Ti'),
    help:
      'What the past that rules read may take in memory: some 40 kB a node at an event in 15 s, 60 kB at one in 5 s, with the rules that ' +
      'come with the consumer. A thousandth of it is for each node alone. What does not fit rules do not see, and it is counted.',
    default: `${DEFAULT_JUDGE_LIMITS.historyBytes / 2 ** 20}Mi`,
  },
  PAGE_HISTORY_BYTES: {
    ...bytes('0', '1Ti'),
    help:
      'What the past that the live page and `/api/series` show may take in memory: some 60 bytes an event. 32Mi are four hours of ' +
      '200 nodes at an event in 5 s. With 0 none is kept, and the page shows what happens while it is open.',
    default: '32Mi',
  },
  CLUSTER_NAME: {
    ...name,
    help: 'The cluster that this runs in: a node that is deleted from it leaves `/metrics` at once.',
    default: 'default',
  },
  KUBERNETES: {
    ...oneOf('auto', 'off'),
    help: "Whether to follow the list of the cluster's nodes, where there is a cluster and a service account that may.",
    default: 'auto',
  },
  NODE_SELECTOR: {
    ...text,
    help: 'A label selector: which nodes of the cluster have an agent, and are missed when nobody has heard them.',
    default: 'kubernetes.io/os=linux',
  },
  LOG_LEVEL: { ...oneOf(...LOG_LEVELS), help: 'The least level that is logged.', default: 'info' },
};
