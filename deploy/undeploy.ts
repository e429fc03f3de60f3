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
import { isOurs, namespace } from './namespaces.ts';
import { type KubeObject, title } from './objects.ts';
import type { PlannedRelease } from './plan.ts';
import { removeData, whatIsKept } from './purge.ts';
import { troubleOf } from './trouble.ts';

const OPERATOR = 'strimzi-kafka-operator';
/** Kinds whose objects an operator takes down by itself: it has to live until they are gone. */
const TAKEN_DOWN = ['KafkaTopic', 'KafkaUser', 'Kafka', 'KafkaNodePool'];
/** More of which it takes care: of somebody's own, beside our Kafka. */
const TAKEN_CARE_OF = ['KafkaConnect', 'KafkaConnector', 'KafkaMirrorMaker2', 'KafkaBridge'];
const EVERY_MS = 2000;

/** @param releases every release that may have been installed, in the order of installation */
export async function undeploy(
  deployment: Deployment,
  releases: readonly PlannedRelease[],
  purge: boolean,
): Promise<void> {
  const { target, progress, cluster } = deployment;
  await untilGone(deployment, await leftOver(cluster));
  const there = await installed(target);
  const found = releases.filter((release) =>
    there.some(({ name, namespace }) => name === release.name && namespace === release.namespace),
  );
  if (found.length === 0) progress.say('no release of ours is installed');
  for (const release of found.toReversed()) {
    if (release.name !== OPERATOR) await takeAway(deployment, release, purge);
  }
  if (purge && releases.some(({ name }) => name === 'kafka')) await removeKafka(deployment);
  const operator = found.find(({ name }) => name === OPERATOR);
  if (operator !== undefined) {
    const cares = await operated(cluster, [...TAKEN_DOWN, ...TAKEN_CARE_OF]);
    if (cares.length === 0) await takeAway(deployment, operator, purge);
    else progress.say(`kept ${OPERATOR}, the operator of ${cares.map(title).join(', ')}`);
  }
  if (purge) await removeData(deployment, releases);
  else progress.say(await whatIsKept(cluster));
}

async function takeAway(deployment: Deployment, release: PlannedRelease, purge: boolean): Promise<void> {
  const { target, progress } = deployment;
  const objects = parseManifest((await manifest(target, release)).stdout, release.namespace);
  progress.waiting(`helm uninstall ${release.name}`);
  const { code, stderr } = await uninstall(target, release);
  if (code !== 0) throw new PipelineError('DEPLOY', `${release.name}: helm failed\n${explain(stderr)}`);
  // Helm leaves what says so; data is such a thing.
  const going = objects.filter((object) => purge || !isToStay(object));
  for (const { kind, metadata } of going.filter(isToStay)) {
    await remove(target, kind, metadata.name, metadata.namespace);
  }
  await untilGone(
    deployment,
    going.filter(({ kind }) => TAKEN_DOWN.includes(kind)),
  );
  progress.say(`removed ${release.name} from ${release.namespace}`);
}

/** What an earlier undeploy has kept of our Kafka; in a namespace of ours, which is removed as well, all that is there. */
async function removeKafka(deployment: Deployment): Promise<void> {
  const { cluster, target } = deployment;
  const space = await cluster.read(namespace(OURS));
  const whole = space !== undefined && isOurs(space);
  const doomed = (await operated(cluster, [...TAKEN_CARE_OF, ...TAKEN_DOWN])).filter(
    ({ metadata }) => whole || metadata.annotations?.['meta.helm.sh/release-name'] === 'kafka',
  );
  for (const { kind, metadata } of doomed) await remove(target, kind, metadata.name, metadata.namespace);
  await untilGone(deployment, doomed);
}

/** The objects that our operator looks after: it watches our namespace alone. */
async function operated(cluster: Cluster, kinds: readonly string[]): Promise<readonly KubeObject[]> {
  const lists = kinds.map((kind) => cluster.list('kafka.strimzi.io/v1', kind, { namespace: OURS }));
  return (await Promise.all(lists)).flat();
}

/** What an undeploy that was interrupted has left in the middle of its deletion. */
async function leftOver(cluster: Cluster): Promise<readonly KubeObject[]> {
  return (await operated(cluster, TAKEN_DOWN)).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
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
