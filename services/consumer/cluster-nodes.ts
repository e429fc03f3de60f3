/**
 * Which nodes the cluster has, and which are deleted from it, told by its API server: list, then watch from there, then list again when that
 * cannot go on. https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 *
 * In plain HTTP: the official client takes 80 MB and two seconds of the event loop to import, and its informer keeps every
 * node whole. Here names are kept, and only metadata is asked for.
 */
import { existsSync, readFileSync } from 'node:fs';
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import { pause } from '#runtime/pause.ts';

export interface ApiServer {
  readonly url: string;
  /** Read at each request: the kubelet renews it. */
  readonly tokenFile: string;
  readonly caFile: string;
}

export interface ClusterNodes {
  /** Each with the time at which it came into the cluster, milliseconds. */
  nodes(): ReadonlyMap<string, number>;
  close(): Promise<void>;
}

export interface ClusterNodesOptions {
  readonly server: ApiServer;
  /** A label selector: of the nodes that have an agent. */
  readonly selector: string;
  /** A node that was in the cluster is not any more. */
  readonly deleted: (node: string) => void;
  readonly log: Log;
  readonly now: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Missing rights are granted by people, and an API server that is away is busy enough. */
const RETRY_MS = 30_000;
const WATCH_AGAIN_MS = 1_000;
const PAGE = 500;
const WATCH_S = 300;
/** Longer than a watch lasts: a connection that has died without a word. */
const IDLE_MS = (WATCH_S + 30) * 1000;

interface Metadata {
  readonly name?: string;
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly creationTimestamp?: string;
}
interface NodeList {
  readonly metadata: Metadata;
  readonly items: readonly { readonly metadata: Metadata }[];
}
interface WatchEvent {
  readonly type: string;
  readonly object: { readonly metadata?: Metadata; readonly code?: number; readonly message?: string };
}

/** The API server of the cluster that this process runs in, `undefined` where there is none or it may not be asked. */
export function apiServerOf(
  env: Readonly<Record<string, string | undefined>>,
  directory = SERVICE_ACCOUNT,
): ApiServer | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  const [tokenFile, caFile] = [`${directory}/token`, `${directory}/ca.crt`];
  if (host === undefined || !existsSync(tokenFile)) return undefined;
  return { url: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, tokenFile, caFile };
}

/** Begins at once; what cannot be had is told once and tried again for as long as it takes. */
export function watchClusterNodes({
  server,
  selector,
  deleted,
  log,
  now,
  wait = pause,
}: ClusterNodesOptions): ClusterNodes {
  const stopping = new AbortController();
  const { signal } = stopping;
  let known: ReadonlyMap<string, number> = new Map();
  let troubled = false;

  async function follow(): Promise<void> {
    const listed = new Map<string, number>();
    const resourceVersion = await list(listed);
    for (const name of known.keys()) if (!listed.has(name)) deleted(name);
    known = listed;
    if (troubled) log.info({ nodes: listed.size }, "the cluster's nodes are known again");
    troubled = false;
    for (let from: string | undefined = resourceVersion; from !== undefined; ) {
      from = await watch(listed, from);
      await wait(WATCH_AGAIN_MS, signal);
    }
  }

  function add(nodes: Map<string, number>, { name, creationTimestamp }: Metadata): void {
    const created = Date.parse(creationTimestamp ?? '');
    if (name !== undefined) nodes.set(name, Number.isNaN(created) ? (nodes.get(name) ?? now()) : created);
  }

  async function list(nodes: Map<string, number>): Promise<string> {
    for (let next = ''; ; ) {
      const query = { labelSelector: selector, limit: String(PAGE), ...(next !== '' && { continue: next }) };
      const response = await ask(server, query, 'PartialObjectMetadataList', signal);
      const { metadata, items } = JSON.parse(await text(response)) as NodeList;
      for (const item of items) add(nodes, item.metadata);
      next = metadata.continue ?? '';
      if (next === '') return metadata.resourceVersion ?? '';
    }
  }

  /** @returns where the next watch goes on, `undefined` if that is too long ago: then all has to be listed again. */
  async function watch(nodes: Map<string, number>, from: string): Promise<string | undefined> {
    const query = {
      labelSelector: selector,
      watch: '1',
      allowWatchBookmarks: '1',
      timeoutSeconds: String(WATCH_S),
      resourceVersion: from,
    };
    const response = await ask(server, query, 'PartialObjectMetadata', signal);
    let at = from;
    for await (const { type, object } of eventsOf(response)) {
      if (type === 'ERROR') {
        if (object.code === 410) return undefined;
        throw new PipelineError('CLUSTER', `watch nodes: ${object.code} ${object.message}`, { retryable: true });
      }
      const { name, resourceVersion } = object.metadata ?? {};
      if (type === 'ADDED') add(nodes, object.metadata ?? {});
      if (type === 'DELETED' && name !== undefined && nodes.delete(name)) deleted(name);
      at = resourceVersion ?? at;
    }
    return at;
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (signal.aborted) return;
        if (!troubled)
          log.warn({ error: messageOf(error) }, "the cluster's nodes cannot be followed; it is tried again");
        troubled = true;
        await wait(RETRY_MS, signal);
      }
    }
  }

  const ended = run();
  return {
    nodes: () => known,
    async close() {
      stopping.abort();
      await ended;
    },
  };
}

/** One JSON document a line. A connection that breaks is an end like any other: load balancers end what is quiet. */
async function* eventsOf(response: IncomingMessage): AsyncGenerator<WatchEvent, void> {
  let rest = '';
  const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await chunks.next().catch(() => ({ value: '', done: true }));
    if (done === true) return;
    const lines = `${rest}${value}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as WatchEvent;
  }
}

function ask(
  { url, tokenFile, caFile }: ApiServer,
  query: Readonly<Record<string, string>>,
  kind: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const target = new URL(`${url}/api/v1/nodes?${new URLSearchParams(query)}`);
  const secure = target.protocol === 'https:';
  const headers = {
    accept: `application/json;as=${kind};g=meta.k8s.io;v=v1`,
    authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`,
  };
  const options = { headers, signal, timeout: IDLE_MS, ...(secure && { ca: readFileSync(caFile) }) };
  return new Promise((resolve, reject) => {
    const request = (secure ? getHttps : getHttp)(target, options, (response) => {
      if (response.statusCode === 200) return resolve(response);
      response.resume();
      reject(new PipelineError('CLUSTER', `list nodes: HTTP ${response.statusCode}`, { retryable: true }));
    });
    request.on('timeout', () => request.destroy(new Error(`nothing came for ${IDLE_MS / 1000} s`)));
    request.on('error', reject);
  });
}
