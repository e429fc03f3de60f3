/**
 * Why something is not ready, in words for the person who waits for it: what the scheduler said, why a container does not start, the last
 * events and the last lines of its log.
 */

import type { Cluster } from './cluster.ts';
import { explain, indent } from './explain.ts';
import type { Event, KubeObject } from './objects.ts';
import { troubleOf } from './trouble.ts';

const LOG_LINES = 12;
const EVENTS = 5;
/** More pods of one workload seldom say more. */
const PODS = 3;

/** Everything that is known about an object that is not ready, most telling first; empty if nothing is. */
export async function diagnose(cluster: Cluster, object: KubeObject): Promise<string> {
  const { namespace = 'default' } = object.metadata;
  const pods = await podsOf(cluster, object);
  const events = await cluster.events(namespace);
  const troubled = pods.filter((pod) => troubleOf(pod) !== undefined);
  const told = await Promise.all(troubled.slice(0, PODS).map((pod) => tellPod(cluster, pod, events)));
  const more = troubled.length > PODS ? [`and ${troubled.length - PODS} more pods like these`] : [];
  const own = warnings(events, [object.metadata.name, ...(await ownedNames(cluster, object))]);
  const ownEvents = own.map((event) => explain(`event ${event}`));
  const parts = [...told, ...more, ...ownEvents];
  return indent(parts.join('\n'));
}

/** One line for each pod that has trouble: short enough to be printed while waiting. */
export async function hints(cluster: Cluster, object: KubeObject): Promise<readonly string[]> {
  const pods = await podsOf(cluster, object);
  return pods.flatMap((pod) => {
    const trouble = troubleOf(pod);
    return trouble === undefined || trouble.passing ? [] : [`${nameOf(pod)} ${trouble.what}`];
  });
}

async function tellPod(cluster: Cluster, pod: KubeObject, events: readonly Event[]): Promise<string> {
  const trouble = troubleOf(pod);
  if (trouble === undefined) return '';
  const lines = [`${nameOf(pod)} ${trouble.what}`];
  if (trouble.advice !== undefined) lines.push(indent(`→ ${trouble.advice}`));
  const own = trouble.told === true ? [] : warnings(events, [pod.metadata.name]);
  lines.push(...own.map((event) => indent(`event ${event}`)));
  if (trouble.log !== undefined) {
    const { container, previous } = trouble.log;
    const log = await cluster.logs(pod, container, LOG_LINES, previous);
    if (log.trim() !== '') lines.push(indent(`last lines of ${container}:`), indent(indent(log.trimEnd())));
  }
  return lines.join('\n');
}

function nameOf({ metadata, spec }: KubeObject): string {
  return `pod ${metadata.name}${spec?.nodeName === undefined ? '' : ` on ${spec.nodeName}`}`;
}

/** The last warnings about any of these names, each once. */
function warnings(events: readonly Event[], names: readonly string[]): readonly string[] {
  const about = events.filter(
    ({ type, reason, involvedObject }) =>
      // That a container is started again later and later is said by how often it ended.
      type === 'Warning' && reason !== 'BackOff' && names.includes(involvedObject.name ?? ''),
  );
  const texts = about.toSorted((a, b) => timeOf(a) - timeOf(b)).map(({ reason, message }) => `${reason}: ${message}`);
  return [...new Set(texts)].slice(-EVENTS);
}

function timeOf({ lastTimestamp, eventTime, metadata }: Event): number {
  return new Date(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? 0).getTime();
}

/** Labels by which the operators mark the pods of their resources. */
const POD_LABEL: Readonly<Record<string, string>> = {
  Kafka: 'strimzi.io/cluster',
  Prometheus: 'operator.prometheus.io/name',
  Alertmanager: 'alertmanager',
};

async function podsOf(cluster: Cluster, { kind, metadata, spec }: KubeObject): Promise<readonly KubeObject[]> {
  const label = POD_LABEL[kind];
  const selector: Record<string, string> | undefined =
    label === undefined ? spec?.selector?.matchLabels : { [label]: metadata.name };
  if (selector === undefined) return [];
  const labels = Object.entries(selector).map((pair) => pair.join('='));
  const namespace = metadata.namespace ?? 'default';
  return await cluster.list('v1', 'Pod', { namespace, labels: labels.join(',') });
}

/** What stands between a workload and its pods, and says why there are none. */
async function ownedNames(cluster: Cluster, { kind, metadata, spec }: KubeObject): Promise<readonly string[]> {
  if (kind !== 'Deployment') return [];
  const labels = Object.entries(spec?.selector?.matchLabels ?? {}).map((pair) => pair.join('='));
  const namespace = metadata.namespace ?? 'default';
  const sets = await cluster.list('apps/v1', 'ReplicaSet', { namespace, labels: labels.join(',') });
  return sets.map((set) => set.metadata.name);
}
