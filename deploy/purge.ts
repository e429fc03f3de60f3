/**
 * What undeploy leaves, and how PURGE=1 removes it: volumes with the namespaces, and definitions (CRDs) where that takes nothing away from
 * anybody, for deleting a definition deletes every object of its kind.
 */
import { PipelineError } from '#runtime/errors.ts';
import { NAMESPACES } from '../cdk8s/releases/table.ts';
import type { Cluster } from './cluster.ts';
import type { Deployment } from './deploy.ts';
import { installed } from './helm.ts';
import { FIELD_MANAGER, remove } from './kubectl.ts';
import { isOurs, namespace } from './namespaces.ts';
import type { Condition, KubeObject } from './objects.ts';
import type { PlannedRelease } from './plan.ts';

const EVERY_MS = 2000;

/** What undeploy leaves, for the person to know. */
export async function whatIsKept(cluster: Cluster): Promise<string> {
  const namespaces = await ourNamespaces(cluster);
  const volumes = (await Promise.all(namespaces.map((name) => volumesIn(cluster, name)))).flat();
  const lines = volumes.map(
    ({ metadata, status }) =>
      `  volume ${metadata.namespace}/${metadata.name} (${status?.capacity?.storage ?? 'unbound'})`,
  );
  const rest = `  ${namespaces.length === 0 ? 'no namespace' : `the namespaces ${namespaces.join(', ')}`}, and the definitions (CRDs)`;
  return ['kept, and used again by the next deploy; PURGE=1 make undeploy removes them, too:', ...lines, rest].join(
    '\n',
  );
}

export async function removeData(deployment: Deployment, releases: readonly PlannedRelease[]): Promise<void> {
  const { cluster, target, progress } = deployment;
  for (const name of await ourNamespaces(cluster)) {
    const volumes = await volumesIn(cluster, name);
    await removeNamespace(deployment, name);
    progress.say(`removed the namespace ${name} and ${volumes.length} volumes in it`);
  }
  const left = await installed(target);
  if (releases.some((release) => release.definitions && left.some(({ name }) => name === release.name))) return;
  const definitions = await cluster.list('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
  for (const definition of definitions.filter(isAppliedByUsAlone)) {
    const users = await usersOf(cluster, definition);
    const { name } = definition.metadata;
    if (users === 0) await remove(target, 'customresourcedefinition', name);
    progress.say(
      users === 0 ? `removed the definition ${name}` : `! kept the definition ${name}: ${users} objects are left`,
    );
  }
}

/** Deletes a namespace with all that is in it, and says what holds it if it does not go. */
export async function removeNamespace(deployment: Deployment, name: string): Promise<void> {
  const { cluster, target, progress, clock, timeoutMs } = deployment;
  const start = clock.now();
  await remove(target, 'namespace', name);
  for (;;) {
    const left = await cluster.read(namespace(name));
    if (left === undefined) return;
    const conditions: readonly Condition[] = left.status?.conditions ?? [];
    const why = conditions.filter(({ status }) => status === 'True').map(({ message }) => message);
    if (clock.now() - start > timeoutMs) {
      throw new PipelineError('DEPLOY', `the namespace ${name} does not go: ${why.join('; ')}`);
    }
    progress.waiting(`  waiting for the namespace ${name} to go`);
    await clock.pause(EVERY_MS);
  }
}

/** A definition that somebody else's operator came with, too, is not ours to delete. */
function isAppliedByUsAlone({ metadata }: KubeObject): boolean {
  const applied = (metadata.managedFields ?? []).filter(({ operation }) => operation === 'Apply');
  return applied.length > 0 && applied.every(({ manager }) => manager === FIELD_MANAGER);
}

async function usersOf(cluster: Cluster, { spec }: KubeObject): Promise<number> {
  const version = (spec?.versions ?? []).find(({ served }: { served?: boolean }) => served === true);
  const objects = await cluster.list(`${spec?.group}/${version?.name}`, spec?.names?.kind);
  return objects.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length;
}

async function ourNamespaces(cluster: Cluster): Promise<readonly string[]> {
  const found = await Promise.all(Object.keys(NAMESPACES).map((name) => cluster.read(namespace(name))));
  return found.flatMap((each) => (each !== undefined && isOurs(each) ? [each.metadata.name] : []));
}

const volumesIn = async (cluster: Cluster, namespace: string): Promise<readonly KubeObject[]> =>
  await cluster.list('v1', 'PersistentVolumeClaim', { namespace });
