/**
 * The HTTP server of a service: a table of paths, and the two questions that Kubernetes asks. `/livez`: does it still make
 * progress, or should it be started anew? `/readyz`: can it do its job now? A broker that is away makes a service unready;
 * it is no reason to kill it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, PipelineError } from './errors.ts';
import type { Log } from './log.ts';
import type { Address } from './settings.ts';

export type Route = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Why not, or `undefined` if all is well. */
export type Probe = () => string | undefined;

export interface HttpOptions {
  readonly listen: Address;
  /** By path, exactly. */
  readonly routes: Readonly<Record<string, Route>>;
  readonly live: Probe;
  readonly ready: Probe;
  readonly log: Log;
}

export interface HttpServer {
  /** Where it listens, the port as it was given if 0 was asked for. */
  readonly url: string;
  /** Takes no more requests and lets those under way end. */
  close(): Promise<void>;
}

/** @throws PipelineError `LISTEN` if the address cannot be had. */
export async function serve(options: HttpOptions): Promise<HttpServer> {
  const routes = new Map<string, Route>([
    ['/livez', probe(options.live)],
    ['/readyz', probe(options.ready)],
    ...Object.entries(options.routes),
  ]);
  let closing = false;
  const server = createServer((request, response) => {
    // Or a client that asks again and again on the same connection keeps the server from its end.
    response.once('close', () => {
      if (closing) server.closeIdleConnections();
    });
    answer(routes, request, response).catch((error: unknown) => {
      options.log.error({ path: request.url, error: messageOf(error) }, 'request failed');
      if (response.headersSent) response.destroy();
      else plain(response, 500, 'internal error\n');
    });
  });
  const { host, port } = options.listen;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program listens there' : cause.message;
      reject(new PipelineError('LISTEN', `LISTEN=${host}:${port}: ${why}; expected a free address`, { cause }));
    });
    server.listen(port, host === '' ? undefined : host, resolve);
  });
  const bound = server.address() as AddressInfo;
  const shownHost = host === '' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const url = `http://${shownHost}:${bound.port}`;
  options.log.info({ url }, 'listening');
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        closing = true;
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function answer(routes: Map<string, Route>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = routes.get((request.url ?? '/').split('?', 1)[0] ?? '/');
  if (route === undefined) return plain(response, 404, `no such page; there are ${[...routes.keys()].join(' ')}\n`);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return plain(response, 405, 'only GET and HEAD are answered\n');
  }
  await route(request, response);
}

function probe(check: Probe): Route {
  return (_request, response) => {
    const why = check();
    plain(response, why === undefined ? 200 : 503, why === undefined ? 'ok\n' : `${why}\n`);
  };
}

function plain(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(body);
}
