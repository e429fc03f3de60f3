/**
 * A cluster, as its API server shows it: objects, the services behind it and commands in its pods. Raw
 * requests, since half of what a test wants to see (warnings, other people's answers) is not in a generated client.
 */
import { once } from 'node:events';
import { type RequestOptions, request } from 'node:https';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Exec, type KubeConfig, type V1Status } from '@kubernetes/client-node';

/** `namespace/name:port` of a Service, the port by number or name. */
export type ServiceAddress = string;

export interface Answer<T> {
  readonly body: T;
  /** What the API server wants people to know, such as the pods that a Pod Security level would refuse. */
  readonly warnings: readonly string[];
}

export interface Cluster {
  readonly context: string;
  get<T>(path: string): Promise<T>;
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object, dryRun?: boolean): Promise<Answer<T>>;
  /** What a service answers, through the API server's proxy. */
  service(address: ServiceAddress, path: string): Promise<string>;
  /** What a command in a container prints. Rejected with what it printed if it fails. */
  exec(namespace: string, pod: string, container: string, command: readonly string[]): Promise<string>;
}

export class NotFound extends Error {}

export function connect(config: KubeConfig): Cluster {
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error(`the kubeconfig has no cluster of ${config.getCurrentContext()}`);

  async function call(method: string, path: string, body?: object): Promise<Answer<string>> {
    const options: RequestOptions = { method, headers: { accept: 'application/json' } };
    await config.applyToHTTPSOptions(options);
    const content = body === undefined ? undefined : JSON.stringify(body);
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    if (content !== undefined) options.headers = { ...options.headers, 'content-type': type };
    const pending = request(new URL(path, server), options);
    pending.end(content);
    const [response] = await once(pending, 'response');
    const answer = await text(response);
    if (response.statusCode === 404) throw new NotFound(`${method} ${path}: ${answer}`);
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${answer}`);
    // RFC 7234 §5.5: a code, who says it, and a quoted text.
    const warning: string[] = response.headersDistinct.warning ?? [];
    return { body: answer, warnings: warning.map((line) => JSON.parse(line.replace(/^299 - /, ''))) };
  }

  return {
    context: config.getCurrentContext(),
    get: async (path) => JSON.parse((await call('GET', path)).body),
    async send(method, path, body, dryRun = false) {
      const { body: answer, warnings } = await call(method, dryRun ? `${path}?dryRun=All` : path, body);
      return { body: JSON.parse(answer), warnings };
    },
    async service(address, path) {
      const [, namespace, name] = /^([^/]+)\/(.+)$/.exec(address) ?? [];
      return (await call('GET', `/api/v1/namespaces/${namespace}/services/${name}/proxy${path}`)).body;
    },
    async exec(namespace, pod, container, command) {
      const [out, err] = [new PassThrough(), new PassThrough()];
      const printed = Promise.all([text(out), text(err)]);
      const status = await new Promise<V1Status>((resolve, reject) => {
        new Exec(config)
          .exec(namespace, pod, container, [...command], out, err, null, false, resolve)
          .then((socket) => socket.on('error', reject), reject);
      });
      out.end();
      err.end();
      const [stdout, stderr] = await printed;
      if (status.status !== 'Success') throw new Error(`${pod}: ${command.join(' ')}: ${status.message}\n${stderr}`);
      return stdout;
    },
  };
}
