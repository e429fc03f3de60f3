/** Kafka's own health, as Strimzi's reporter in each of its nodes tells it. There is nothing of it where another Kafka is used. */
import { badBelow, badFrom } from '../grafana/colors.ts';
import { number, timeSeries } from '../grafana/panels.ts';
import { now, over } from '../grafana/queries.ts';
import { CONSUMERS } from '../selectors.ts';

/** Kafka is in the namespace of its clients. Strimzi's operators of topics and users are pods of the cluster, too. */
const KAFKA = `${CONSUMERS},strimzi_io_name=~".+-kafka"`;
/** Without a topic is the sum of all. */
const OF_TOPICS = 'topic!="",';
const rate = (series: string, matchers = '') => `rate(${series}{${matchers}${KAFKA}}[$__rate_interval])`;

const fault = (title: string, description: string, expr: string) =>
  number({ title, description, width: 6, unit: 'short', queries: [now(expr)] });

export const controllers = () =>
  fault(
    'Active controllers',
    'Exactly one, or no partition finds a new leader.',
    `sum(kafka_controller_kafkacontroller_activecontrollercount{${KAFKA}})`,
  ).thresholds(badBelow(1));

export const offline = () =>
  fault(
    'Partitions offline',
    'Partitions without a leader: nobody can read or write them.',
    `max(kafka_controller_kafkacontroller_offlinepartitionscount{${KAFKA}})`,
  ).thresholds(badFrom(1));

export const underMinIsr = () =>
  fault(
    'Below minimum',
    'Partitions with fewer copies in sync than they need: they take no records.',
    `sum(kafka_server_replicamanager_underminisrpartitioncount{${KAFKA}})`,
  ).thresholds(badFrom(1));

export const underReplicated = () =>
  fault(
    'Under-replicated',
    'Partitions that lack a copy in sync. One more failure may stop producers.',
    `sum(kafka_server_replicamanager_underreplicatedpartitions{${KAFKA}})`,
  ).thresholds(badFrom(1, 'orange'));

export const bytes = () =>
  timeSeries({
    title: 'Kafka: bytes in and out',
    description: 'What each broker takes from producers and gives to consumers, of all topics.',
    width: 8,
    unit: 'Bps',
    queries: [
      over(`sum by (pod) (${rate('kafka_server_brokertopicmetrics_bytesinpersec_total', OF_TOPICS)})`, '{{pod}} in'),
      over(`-sum by (pod) (${rate('kafka_server_brokertopicmetrics_bytesoutpersec_total', OF_TOPICS)})`, '{{pod}} out'),
    ],
  });

export const messages = () =>
  timeSeries({
    title: 'Kafka: records taken',
    description: 'Records per second that producers wrote, by topic.',
    width: 8,
    unit: 'ops',
    queries: [
      over(
        `sum by (topic) (${rate('kafka_server_brokertopicmetrics_messagesinpersec_total', 'topic=~"system[.].+",')})`,
        '{{topic}}',
      ),
    ],
  }).min(0);

export const failedRequests = () =>
  timeSeries({
    title: 'Kafka: requests that failed',
    description: 'Produce and fetch requests per second that brokers refused.',
    width: 8,
    unit: 'ops',
    queries: [
      over(`sum(${rate('kafka_server_brokertopicmetrics_failedproducerequestspersec_total', OF_TOPICS)})`, 'produce'),
      over(`sum(${rate('kafka_server_brokertopicmetrics_failedfetchrequestspersec_total', OF_TOPICS)})`, 'fetch'),
    ],
  }).min(0);

export const logSize = () =>
  timeSeries({
    title: 'Kafka: size of topics',
    description: 'What our topics take on the disks of all brokers, copies included.',
    width: 8,
    unit: 'bytes',
    queries: [over(`sum by (topic) (kafka_log_log_size{topic=~"system[.].+",${KAFKA}})`, '{{topic}}')],
  }).min(0);

export const jvm = () =>
  timeSeries({
    title: 'Kafka: memory of the JVM',
    description: 'Memory that the Java machine of each node uses.',
    width: 8,
    unit: 'bytes',
    queries: [over(`sum by (pod) (jvm_memory_used_bytes{${KAFKA}})`, '{{pod}}')],
  }).min(0);

export const gc = () =>
  timeSeries({
    title: 'Kafka: collecting garbage',
    description: 'The share of time in which the Java machine of each node collected garbage.',
    width: 8,
    unit: 'percentunit',
    queries: [over(`sum by (pod) (${rate('jvm_gc_collection_seconds_sum')})`, '{{pod}}')],
  }).min(0);
