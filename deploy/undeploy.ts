/**
 * `undeploy`: the releases in reverse order. What cannot be had back stays, unless PURGE=1: volumes, the definitions (deleting one
 * deletes every object of its kind, whoever made it) and the namespaces.
 */

import { PipelineError } from '#runtime/errors.ts';
import { OURS } from '../cdk8s/releases/names.ts';
import type { Cluster } from './cluster.ts';
import type { Deployment } from './deploy.ts';
import { explain } from './explain.ts';
import { installed, manifest, uninstall } from './helm.ts';
import { remove } from './kubectl.ts';
import { parseManifest } from './manifests.ts';
import { type KubeObject, title } from './objects.ts';
import type { PlannedRelease } from './plan.ts';
import { removeData, whatIsKept } from './purge.ts';
import { troubleOf } from './trouble.ts';

/** Kinds whose objects an operator takes down by itself: it has to live until they are gone. */
const TAKEN_DOWN = ['KafkaTopic', 'KafkaUser', 'Kafka', 'KafkaNodePool'];
const EVERY_MS = 2000;

/** @param releases every release that may have been installed, in the order of installation */
export async function undeploy(
  deployment: Deployment,
  releases: readonly PlannedRelease[],
  purge: boolean,
): Promise<void> {
  const { target, progress } = deployment;
  await untilGone(deployment, await leftOver(deployment.cluster));
  const there = await installed(target);
  const found = releases.filter((release) =>
    there.some(({ name, namespace }) => name === release.name && namespace === release.namespace),
  );
  if (found.length === 0) progress.say('no release of ours is installed');
  const kept: KubeObject[] = [];
  for (const release of found.toReversed()) {
    if (release.name === 'strimzi-kafka-operator' && kept.length > 0) {
      progress.say(`kept ${release.name}, the operator of ${kept.map(title).join(', ')}`);
      continue;
    }
    const objects = parseManifest((await manifest(target, release)).stdout, release.namespace);
    progress.waiting(`helm uninstall ${release.name}`);
    const { code, stderr } = await uninstall(target, release);
    if (code !== 0) throw new PipelineError('DEPLOY', `${release.name}: helm failed\n${explain(stderr)}`);
    // Helm leaves what says so; data is such a thing.
    const staying = objects.filter(isToStay);
    for (const object of purge ? staying : []) {
      await remove(target, object.kind, object.metadata.name, object.metadata.namespace);
    }
    if (!purge) kept.push(...staying);
    await untilGone(
      deployment,
      objects.filter((object) => TAKEN_DOWN.includes(object.kind) && !kept.includes(object)),
    );
    progress.say(`removed ${release.name} from ${release.namespace}`);
  }
  if (purge) await removeData(deployment, releases);
  else progress.say(await whatIsKept(deployment.cluster));
}

/** What an undeploy that was interrupted has left in the middle of its deletion. */
async function leftOver(cluster: Cluster): Promise<readonly KubeObject[]> {
  const kinds = TAKEN_DOWN.map((kind) => cluster.list('kafka.strimzi.io/v1', kind, { namespace: OURS }));
  return (await Promise.all(kinds)).flat().filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
}

const isToStay = ({ metadata }: KubeObject): boolean => metadata.annotations?.['helm.sh/resource-policy'] === 'keep';

/** Waits for the operator; where it is gone already, lifts what it would have lifted. */
async function untilGone(
  { cluster, clock, progress, target, timeoutMs }: Deployment,
  objects: readonly KubeObject[],
): Promise<void> {
  const start = clock.now();
  for (;;) {
    const left = (await Promise.all(objects.map((object) => cluster.read(object)))).filter(
      (each) => each !== undefined,
    );
    if (left.length === 0) return;
    const operators = await cluster.list('v1', 'Pod', { labels: 'strimzi.io/kind=cluster-operator' });
    const held = left.filter(
      ({ metadata }) => metadata.deletionTimestamp !== undefined && (metadata.finalizers?.length ?? 0) > 0,
    );
    for (const object of operators.some((pod) => troubleOf(pod) === undefined) ? [] : held) {
      progress.say(`! ${title(object)} waits for an operator that does not run: its finalizer is taken off`);
      await liftFinalizers(target, object);
    }
    if (clock.now() - start > timeoutMs) {
      throw new PipelineError('DEPLOY', `still there after ${timeoutMs / 1000} s: ${left.map(title).join(', ')}`);
    }
    progress.waiting(`  waiting for ${left.length} of Kafka's resources to go`);
    await clock.pause(EVERY_MS);
  }
}

async function liftFinalizers(
  { run, context }: Deployment['target'],
  { kind, apiVersion, metadata }: KubeObject,
): Promise<void> {
  const group = apiVersion.split('/')[0];
  const what = [`${kind.toLowerCase()}s.${group}`, metadata.name, '--namespace', metadata.namespace ?? 'default'];
  const patch = ['--type', 'merge', '--patch', '{"metadata":{"finalizers":null}}'];
  const { code, stderr } = await run('kubectl', ['patch', ...what, ...patch, '--context', context]);
  if (code !== 0) throw new PipelineError('DEPLOY', `kubectl patch failed\n${explain(stderr)}`);
}
