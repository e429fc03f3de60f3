/** `open`: Grafana on a port of this machine; without Grafana what the consumer serves. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { PipelineError } from '#runtime/errors.ts';
import { MONITORING, OURS } from '../cdk8s/releases/names.ts';
import type { Cluster } from './cluster.ts';
import { grafanaOf } from './deploy.ts';

export interface Door {
  readonly what: string;
  readonly namespace: string;
  readonly service: string;
  readonly port: string;
  /** The page to look at. */
  readonly path: string;
}

/** @throws PipelineError `DEPLOY` where there is nothing to show */
export async function findDoor(cluster: Cluster): Promise<Door> {
  const grafana = await grafanaOf(cluster);
  if (grafana !== undefined)
    return { what: 'Grafana', namespace: MONITORING, service: grafana, port: 'http-web', path: '/' };
  // Not by app.kubernetes.io/name, which people may change (nameOverride).
  const labels = 'app.kubernetes.io/part-of=system-monitoring,app.kubernetes.io/component=consumer';
  const services = await cluster.list('v1', 'Service', { namespace: OURS, labels });
  const consumer = services.find(({ spec }) => spec?.clusterIP !== 'None') ?? services[0];
  if (consumer === undefined)
    throw new PipelineError('DEPLOY', 'nothing of ours is deployed here: `make deploy` first');
  return {
    what: "the consumer's metrics (there is no Grafana)",
    namespace: OURS,
    service: consumer.metadata.name,
    port: 'http',
    path: '/metrics',
  };
}

/** Forwards until it is interrupted. */
export async function forward(
  door: Door,
  context: string,
  wanted: number,
  say: (text: string) => void,
): Promise<number> {
  const port = (await isFree(wanted)) ? wanted : await freePort();
  if (port !== wanted) say(`port ${wanted} is taken`);
  say(`${door.what}: http://127.0.0.1:${port}${door.path}   (Ctrl-C ends it)`);
  const { namespace, service, port: remote } = door;
  const args = [
    'port-forward',
    `service/${service}`,
    `${port}:${remote}`,
    '--namespace',
    namespace,
    '--context',
    context,
  ];
  const child = spawn('kubectl', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 0;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).once('listening', () => server.close(() => resolve(true)));
  });
  server.listen(port, '127.0.0.1');
  return await free;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
