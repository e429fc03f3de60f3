/**
 * Builds both services' images and puts them where a cluster finds them:
 *
 *   make images                                      into the kind cluster that `make deploy` takes: CONTEXT, else the current one
 *   make images IMAGE_REGISTRY=example.org/x PUSH=1  to a registry, in the place of ghcr.io
 *
 * BUILD_IMAGE and RUNTIME_IMAGE take the place of the Dockerfile's base images: those of a mirror, or pinned by digest.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { contexts } from '../deploy/context.ts';
import type { Service } from './bundle.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SERVICES: readonly Service[] = ['producer', 'consumer'];

/** What the charts call the image, too. */
export function imageName(service: Service, registry = 'ghcr.io'): string {
  return `${registry}/system-monitoring/${service}:${version()}`;
}

function version(): string {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
}

function buildImages(env: NodeJS.ProcessEnv): void {
  const context = env.CONTEXT || contexts().current;
  const names = SERVICES.map((service) => imageName(service, env.IMAGE_REGISTRY || undefined));
  output('docker', ['version', '--format', '{{.Server.Version}}']);
  const args = buildArguments(env);
  for (const [i, service] of SERVICES.entries()) {
    const tag = names[i] as string;
    show('docker', ['build', '--file', 'images/Dockerfile', '--target', service, '--tag', tag, ...args, '.']);
  }
  for (const name of names) {
    const bytes = Number(output('docker', ['image', 'inspect', '--format', '{{.Size}}', name]));
    say(`${name}  ${(bytes / 1e6).toFixed(0)} MB`);
  }
  if (env.PUSH === '1') {
    for (const name of names) show('docker', ['push', name]);
  }
  load(names, context);
}

/** @param context where they are to be deployed; `undefined`: there is no cluster yet */
function load(names: readonly string[], context: string | undefined): void {
  const [, cluster] = /^kind-(.+)$/.exec(context ?? '') ?? [];
  if (cluster !== undefined && kindClusters().includes(cluster)) {
    show('kind', ['load', 'docker-image', '--name', cluster, ...names]);
    say(`loaded into the kind cluster ${cluster}`);
  } else if (context === undefined || cluster !== undefined) {
    say(
      `there is no kind cluster${cluster === undefined ? '' : ` ${cluster}`} to load them into: make kind-up makes one`,
    );
  } else {
    say(`not loaded: the context ${context} is not of kind`);
  }
}

function buildArguments(env: NodeJS.ProcessEnv): readonly string[] {
  const [revision = 'unknown', seconds = '0'] = commit();
  // Docker's own name for the time that an image says it is of, so that it is the same whenever it is built.
  const epoch = env.SOURCE_DATE_EPOCH || seconds;
  const values: Readonly<Record<string, string | undefined>> = {
    BUILD_IMAGE: env.BUILD_IMAGE,
    RUNTIME_IMAGE: env.RUNTIME_IMAGE,
    VERSION: version(),
    REVISION: revision,
    CREATED: new Date(Number(epoch) * 1000).toISOString(),
    SOURCE_DATE_EPOCH: epoch,
  };
  return Object.entries(values).flatMap(([name, value]) => (value ? ['--build-arg', `${name}=${value}`] : []));
}

/** Hash and time of the commit that is checked out; nothing outside a repository. */
function commit(): readonly string[] {
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%H %ct'], { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim().split(' ') : [];
}

/** None without kind, too. */
function kindClusters(): readonly string[] {
  const { status, stdout } = spawnSync('kind', ['get', 'clusters'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n') : [];
}

/** @throws {Error} with what the command said. */
function output(command: string, args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`${command} cannot be started: ${error.message}`, { cause: error });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr.trim()}`);
  return stdout.trim();
}

/** Runs a command that takes its time, whose progress is for who waits. */
function show(command: string, args: readonly string[]): void {
  // Attestations would make each build another image, and kind cannot load what has some (containerd#11344).
  const env = { ...process.env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1' };
  const { error, status } = spawnSync(command, args, { cwd: ROOT, env, stdio: 'inherit' });
  if (error !== undefined) throw new Error(`${command} cannot be started: ${error.message}`, { cause: error });
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${status}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (import.meta.main) {
  try {
    buildImages(process.env);
  } catch (error) {
    process.stderr.write(`make images: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
