/** Reading the cluster, through the API. What a deployment changes goes through helm and kubectl, which say what they did. */
import { ApiException, CoreV1Api, KubeConfig, KubernetesObjectApi, VersionApi } from '@kubernetes/client-node';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import type { Event, KubeObject } from './objects.ts';
import type { Run } from './run.ts';

export interface Cluster {
  /** The object, or `undefined` if there is none, or no such kind. */
  read(object: Reference): Promise<KubeObject | undefined>;
  /** Every object of a kind; none if the cluster does not know the kind. */
  list(
    apiVersion: string,
    kind: string,
    where?: { namespace?: string; labels?: string },
  ): Promise<readonly KubeObject[]>;
  events(namespace: string): Promise<readonly Event[]>;
  /** The last lines of a container; `previous`: of the run before this one. Empty if there are none. */
  logs(pod: Reference, container: string, lines: number, previous: boolean): Promise<string>;
  /** The answer to a request by path, such as one through the proxy to a service; `undefined` if it fails. */
  get(path: string): Promise<string | undefined>;
  /** The version of the API server, such as v1.36.3. */
  version(): Promise<string>;
}

export interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export function connect(config: KubeConfig, run: Run): Cluster {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const core = config.makeApiClient(CoreV1Api);
  const context = config.getCurrentContext();
  return {
    read: (object) => orNothing(async () => (await objects.read(object)) as unknown as KubeObject),
    async list(apiVersion, kind, { namespace, labels } = {}) {
      const none = undefined;
      const found = await orNothing(() => objects.list(apiVersion, kind, namespace, none, none, none, none, labels));
      // Items of a list do not repeat what they are.
      return (found?.items ?? []).map((item) => ({ ...item, apiVersion, kind }) as unknown as KubeObject);
    },
    async events(namespace) {
      return (await core.listNamespacedEvent({ namespace })).items as unknown as readonly Event[];
    },
    async logs({ metadata: { name, namespace = 'default' } }, container, lines, previous) {
      const request = { name, namespace, container, tailLines: lines, previous };
      return (await orNothing(() => core.readNamespacedPodLog(request))) ?? '';
    },
    async get(path) {
      const { code, stdout } = await run('kubectl', [
        'get',
        '--raw',
        path,
        '--context',
        context,
        '--request-timeout',
        '10s',
      ]);
      return code === 0 ? stdout : undefined;
    },
    async version() {
      return (await config.makeApiClient(VersionApi).getCode()).gitVersion;
    },
  };
}

/** The path of a service's page through the API server, which needs no route to the cluster's network. */
export const proxied = (namespace: string, service: string, port: number, path: string): string =>
  `/api/v1/namespaces/${namespace}/services/${service}:${port}/proxy${path}`;

/** The answer, or `undefined` where the server says that there is no such thing (or, for logs, not yet). */
async function orNothing<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiException && (error.code === 404 || error.code === 400)) return undefined;
    // The client's own word for a kind that discovery does not list.
    if (messageOf(error).startsWith('Unrecognized API version and kind')) return undefined;
    throw new PipelineError('DEPLOY', `the cluster does not answer: ${messageOf(error)}`, {
      cause: error,
      retryable: true,
    });
  }
}

/** The kubeconfig with a context chosen in it. */
export function configFor(context: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  config.setCurrentContext(context);
  return config;
}
