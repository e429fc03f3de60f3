/**
 * What `helm test` runs, in a pod, with the Node.js of the consumer's image: does what is installed do its work? Asks
 * Kubernetes on which nodes producers run, every replica of the consumer which nodes it hears, and, where it is told
 * their addresses, Prometheus and Loki for what reached them. The chart ships this file as it is.
 *
 * It stands alone, imports nothing but Node.js, and ends with 1 if a check still fails at the deadline.
 */
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** From the environment, all of which the chart sets. */
export interface Settings {
  readonly cluster: string;
  readonly namespace: string;
  readonly daemonSet: string;
  /** Label selector of the producers' pods. */
  readonly producers: string;
  /** A name that resolves to every replica, and their port. */
  readonly consumer: { readonly host: string; readonly port: string };
  readonly prometheusUrl: string | undefined;
  readonly lokiUrl: string | undefined;
}

/** The JSON at an address; throws if there is none. */
export type Ask = (url: string) => Promise<unknown>;
export type AskText = (url: string) => Promise<string>;

const RETRY_MS = 5_000;
/** Loki's longest question, by default, and longer than a pod usually lives. */
const LOOK_BACK_MS = 30 * 24 * 60 * 60 * 1000;

/** The nodes that a producer runs on: all that it should run on, or an error. */
export async function nodesWithProducer(settings: Settings, kubernetes: Ask): Promise<readonly string[]> {
  const { namespace, daemonSet, producers } = settings;
  const { status } = (await kubernetes(`/apis/apps/v1/namespaces/${namespace}/daemonsets/${daemonSet}`)) as {
    status: { desiredNumberScheduled: number; numberReady: number };
  };
  const { desiredNumberScheduled: wanted, numberReady: ready } = status;
  if (wanted === 0) throw new Error(`DaemonSet ${daemonSet} finds no node to run on`);
  if (ready < wanted) throw new Error(`${ready} of ${wanted} producers are ready`);
  const selector = encodeURIComponent(producers);
  const { items } = (await kubernetes(`/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`)) as {
    items: { spec: { nodeName?: string }; metadata: { deletionTimestamp?: string } }[];
  };
  const running = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return [...new Set(running.flatMap(({ spec }) => spec.nodeName ?? []))].sort();
}

/** How many of the texts, each the /metrics of a replica, say that a node is up: 1 is right, 2 is double. */
export function timesUp(texts: readonly string[], cluster: string, node: string): number {
  const series = `sysmon_node_up{cluster=${JSON.stringify(cluster)},node=${JSON.stringify(node)}} 1`;
  return texts.filter((text) => text.split('\n').includes(series)).length;
}

export async function checkConsumer(
  settings: Settings,
  nodes: readonly string[],
  replicas: readonly string[],
  askText: AskText,
): Promise<string> {
  const texts = await Promise.all(replicas.map((address) => askText(`${address}/metrics`)));
  const times = nodes.map((node) => ({ node, times: timesUp(texts, settings.cluster, node) }));
  const wrong = times.filter(({ times }) => times !== 1);
  if (wrong.length > 0) {
    const list = wrong.map(({ node, times }) => `${node} by ${times}`).join(', ');
    throw new Error(`every node should be up by exactly one replica of the consumer, and is not: ${list}`);
  }
  return `${nodes.length} nodes are up, each by one of ${replicas.length} replicas of the consumer`;
}

export async function checkPrometheus(
  { cluster }: Settings,
  nodes: readonly string[],
  ask: Ask,
  url: string,
): Promise<string> {
  const query = `node_load1{job="node-exporter",cluster=${JSON.stringify(cluster)}}`;
  const { data } = (await ask(`${url}/api/v1/query?query=${encodeURIComponent(query)}`)) as {
    data: { result: { metric: Record<string, string> }[] };
  };
  for (const node of nodes) {
    const series = data.result.filter(({ metric }) => metric.instance === node);
    if (series.length !== 1) throw new Error(`Prometheus has ${series.length} series for ${node} of ${query}`);
    if (series[0]?.metric.pod !== undefined) throw new Error(`in Prometheus, ${query} carries the consumer's labels`);
  }
  return `Prometheus has the series of ${nodes.length} nodes, as node_exporter's`;
}

export async function checkLoki({ namespace }: Settings, ask: Ask, url: string, now: number): Promise<string> {
  const selector = `{namespace=${JSON.stringify(namespace)},container="consumer"}`;
  const range = `start=${now - LOOK_BACK_MS}000000&end=${now}000000`;
  const { data } = (await ask(`${url}/loki/api/v1/series?match[]=${encodeURIComponent(selector)}&${range}`)) as {
    data: unknown[];
  };
  if (data.length === 0) throw new Error(`Loki has no stream ${selector}: does the log shipper run on its node?`);
  return 'Loki has the log of the consumer, and the alert log with it';
}

async function askText(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text.slice(0, 500)}`);
  return text;
}

const ask: Ask = async (url) => JSON.parse(await askText(url));

/** Its certificate is that of the cluster's own authority, which NODE_EXTRA_CA_CERTS names. */
const askKubernetes: Ask = async (path) => {
  const token = readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token', 'utf8');
  return JSON.parse(await askText(`https://kubernetes.default.svc${path}`, { authorization: `Bearer ${token}` }));
};

function env(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}

async function main(): Promise<void> {
  const settings: Settings = {
    cluster: env('CLUSTER_NAME'),
    namespace: env('NAMESPACE'),
    daemonSet: env('DAEMONSET'),
    producers: env('PRODUCERS'),
    consumer: { host: env('CONSUMER_HOST'), port: env('CONSUMER_PORT') },
    prometheusUrl: process.env.PROMETHEUS_URL || undefined,
    lokiUrl: process.env.LOKI_URL || undefined,
  };
  const deadline = Date.now() + Number(env('DEADLINE_SECONDS')) * 1000;
  const { consumer, prometheusUrl, lokiUrl } = settings;

  let nodes: readonly string[] = [];
  await untilGood(deadline, async () => {
    nodes = await nodesWithProducer(settings, askKubernetes);
    return `a producer is ready on each of ${nodes.length} nodes: ${nodes.join(', ')}`;
  });
  await untilGood(deadline, async () => {
    const addresses = await lookup(consumer.host, { all: true });
    const replicas = addresses.map(({ address, family }) => {
      return `http://${family === 6 ? `[${address}]` : address}:${consumer.port}`;
    });
    return checkConsumer(settings, nodes, replicas, askText);
  });
  if (prometheusUrl) await untilGood(deadline, () => checkPrometheus(settings, nodes, ask, prometheusUrl));
  if (lokiUrl) await untilGood(deadline, () => checkLoki(settings, ask, lokiUrl, Date.now()));
}

/** Right after an installation much is not there yet: a check may fail until the deadline. */
async function untilGood(deadline: number, check: () => Promise<string>): Promise<void> {
  for (;;) {
    try {
      process.stdout.write(`ok    ${await check()}\n`);
      return;
    } catch (error) {
      const why = error instanceof Error ? `${error.message} ${error.cause ?? ''}` : String(error);
      if (Date.now() + RETRY_MS > deadline) throw new Error(why, { cause: error });
      process.stdout.write(`wait  ${why}\n`);
      await setTimeout(RETRY_MS);
    }
  }
}

if (import.meta.main) {
  await main().catch((error: Error) => {
    process.stdout.write(`FAIL  ${error.message}\n`);
    process.exitCode = 1;
  });
}
