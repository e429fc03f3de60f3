/** Which series and log labels there are for dashboards, and by what each has to be chosen. Pure. */
import { metricOf } from '#contract/metrics.ts';
import { NODE_STATUS_METRICS, PIPELINE_METRICS, type PipelineMetricDef } from '#contract/pipeline-metrics.ts';
import { LABELS, METADATA } from '../../cdk8s/releases/log-fields.ts';

export interface Series {
  readonly labels: readonly string[];
  readonly counter: boolean;
  /** Labels that a query has to choose it by, with the variables of the dashboard. */
  readonly chosenBy: readonly string[];
}

const OF_NODE = ['cluster', 'node'];
const OF_PIPELINE = ['namespace'];
/** What the one who scrapes puts on each series. */
const OF_TARGET = ['job', 'instance', 'namespace', 'pod', 'container', 'service', 'endpoint'];
/** A producer's own series say of which node it speaks: its monitor adds the labels. */
const OF_PRODUCER = /^sysmon_(producer_.+|host_view_ok)$/;

/** Series of others: Prometheus about its scrapes, prom-client about its process, Strimzi's reporter about Kafka. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  scrape_duration_seconds: [],
  scrape_samples_post_metric_relabeling: [],
  process_cpu_seconds_total: [],
  process_resident_memory_bytes: [],
  nodejs_eventloop_lag_seconds: [],
  kafka_controller_kafkacontroller_activecontrollercount: [],
  kafka_controller_kafkacontroller_offlinepartitionscount: [],
  kafka_server_replicamanager_underminisrpartitioncount: [],
  kafka_server_replicamanager_underreplicatedpartitions: [],
  kafka_server_brokertopicmetrics_bytesinpersec_total: ['topic'],
  kafka_server_brokertopicmetrics_bytesoutpersec_total: ['topic'],
  kafka_server_brokertopicmetrics_messagesinpersec_total: ['topic'],
  kafka_server_brokertopicmetrics_failedproducerequestspersec_total: ['topic'],
  kafka_server_brokertopicmetrics_failedfetchrequestspersec_total: ['topic'],
  kafka_log_log_size: ['topic', 'partition'],
  jvm_memory_used_bytes: ['area'],
  jvm_gc_collection_seconds_sum: ['gc'],
};
const OF_STRIMZI = ['strimzi_io_cluster', 'strimzi_io_name', 'strimzi_io_pool_name'];
/** Counters that are not called so. */
const COUNTS = /_(total|sum|count|bucket)$/;

export function seriesOf(name: string): Series | undefined {
  const ofNode = metricOf(name);
  if (ofNode !== undefined) {
    return {
      labels: [...ofNode.labels, ...OF_NODE, 'job', 'instance'],
      counter: ofNode.type === 'counter',
      chosenBy: OF_NODE,
    };
  }
  const own = pipelineSeries(name);
  if (own !== undefined) {
    const labels = [...own.labels, ...OF_TARGET, ...(OF_PRODUCER.test(name) ? OF_NODE : [])];
    return { labels, counter: own.counter, chosenBy: labels.includes('node') ? OF_NODE : OF_PIPELINE };
  }
  const foreign = FOREIGN[name];
  if (foreign === undefined) return undefined;
  return { labels: [...foreign, ...OF_TARGET, ...OF_STRIMZI], counter: COUNTS.test(name), chosenBy: OF_PIPELINE };
}

function pipelineSeries(name: string): Pick<Series, 'labels' | 'counter'> | undefined {
  const table: Readonly<Record<string, PipelineMetricDef>> = { ...PIPELINE_METRICS, ...NODE_STATUS_METRICS };
  const plain = table[name];
  if (plain !== undefined && plain.type !== 'histogram')
    return { labels: plain.labels, counter: plain.type === 'counter' };
  const [, base = '', part] = /^(.+)_(bucket|sum|count)$/.exec(name) ?? [];
  const histogram = table[base];
  if (histogram?.type !== 'histogram') return undefined;
  return { labels: part === 'bucket' ? [...histogram.labels, 'le'] : histogram.labels, counter: true };
}

/** Loki's labels of our lines: ours, and those that either log shipper gives each line of a pod. */
export const STREAM_LABELS: readonly string[] = [
  ...LABELS,
  ...['namespace', 'pod', 'container', 'node_name', 'app', 'component', 'instance', 'job'],
];
export const LINE_LABELS: readonly string[] = [...STREAM_LABELS, ...METADATA];
