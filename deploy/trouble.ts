/** What keeps a pod from being ready, in words, and what to do about it: from its status alone. */
import type { Condition, ContainerStatus, KubeObject } from './objects.ts';

export interface Trouble {
  readonly what: string;
  readonly advice?: string;
  /** The container whose log tells more, and whether it is the log of its run before. */
  readonly log?: { readonly container: string; readonly previous: boolean };
  /** Its events would only say the same again. */
  readonly told?: boolean;
  /** Goes by itself as a rule: a container that is being created. */
  readonly passing?: boolean;
}

/** What keeps a pod from being ready; `undefined` if nothing does. */
export function troubleOf({ status, metadata }: KubeObject): Trouble | undefined {
  if (metadata.deletionTimestamp !== undefined) return { what: 'is being stopped', passing: true };
  const conditions: readonly Condition[] = status?.conditions ?? [];
  const scheduled = conditions.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    // What follows is about pods that might give way; it is longer than the reason.
    const message = (scheduled.message ?? '').split(/ (?:no new claims|preemption:)/)[0] ?? '';
    return { what: `cannot be scheduled: ${message}`, ...advised(SCHEDULING, message), told: true };
  }
  if (status?.phase === 'Failed') return { what: `failed: ${status.reason ?? ''} ${status.message ?? ''}`.trim() };
  const containers: readonly ContainerStatus[] = [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ];
  const troubles = containers.flatMap((container) => containerTrouble(container) ?? []);
  if (troubles.length > 0) return troubles[0];
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True' || status?.phase === 'Succeeded') return undefined;
  const waiting = containers.find((container) => container.ready !== true);
  return {
    what:
      waiting === undefined
        ? 'waits to be started'
        : `runs but is not ready: its readiness probe fails (${waiting.name})`,
    ...(waiting === undefined ? {} : { log: { container: waiting.name, previous: false } }),
  };
}

function containerTrouble({
  name,
  ready,
  state,
  lastState,
  image,
  restartCount = 0,
}: ContainerStatus): Trouble | undefined {
  const { reason = '', message = '' } = state?.waiting ?? {};
  if (ready === true || state?.terminated?.exitCode === 0) return undefined;
  if (reason === 'ContainerCreating' || reason === 'PodInitializing') {
    return { what: `is being created (${name})`, passing: true };
  }
  if (/Image|ErrPull/.test(reason)) {
    // The message repeats itself once for each layer that it went through; the innermost says why.
    const why = message.split(/failed to [^:"]*: /).at(-1) ?? '';
    return { what: `cannot get the image ${image}: ${reason}${why && `, ${why}`}`, advice: IMAGE, told: true };
  }
  const ended = state?.terminated ?? lastState?.terminated;
  if (ended !== undefined && restartCount > 0) {
    const why = ended.reason === 'OOMKilled' ? 'it needed more memory than its limit' : `exit code ${ended.exitCode}`;
    const what = `ended ${restartCount} ${restartCount === 1 ? 'time' : 'times'} (${name}: ${why})`;
    const advice = ended.reason === 'OOMKilled' ? { advice: 'Raise its memory limit by a file in VALUES_DIR.' } : {};
    return { what, ...advice, log: { container: name, previous: state?.terminated === undefined } };
  }
  if (reason !== '') {
    return { what: `${name}: ${reason}${message && `: ${message}`}`, ...advised(STARTING, `${reason} ${message}`) };
  }
  return undefined;
}

const IMAGE =
  '`make images` builds ours and loads them into kind; on other clusters the registry must be reachable from the nodes, or IMAGE_REGISTRY name one that is.';

type Advices = readonly (readonly [RegExp, string])[];

const SCHEDULING: Advices = [
  [/unschedulable/, 'Nodes are closed to new pods: `kubectl uncordon NODE` opens one.'],
  [
    /Insufficient memory|Insufficient cpu/,
    'The nodes are full: free some, add one, or lower its requests by a file in VALUES_DIR.',
  ],
  [
    /untolerated taint/,
    'A node has a taint that the pod does not tolerate: `kubectl describe node` shows it; tolerations are values.',
  ],
  [
    /didn't match .*(?:affinity|selector)/,
    'No node has the labels that the pod asks for: see its node selector and affinity.',
  ],
  [
    /unbound immediate PersistentVolumeClaims|storageclass/i,
    'There is no volume for it: does the cluster have a default storage class (`kubectl get storageclass`)?',
  ],
];

const STARTING: Advices = [
  [
    /secret "[^"]+" not found/,
    "The secret is made by Kafka's user operator: is the release kafka ready? With an external Kafka it is yours to create.",
  ],
  [/configmap "[^"]+" not found/, 'The ConfigMap that a value names does not exist in that namespace.'],
  [
    /runAsNonRoot|non-numeric user/,
    'The image runs as root, and the pod forbids it: use the image that the chart names.',
  ],
];

function advised(advices: Advices, message: string): { readonly advice?: string } {
  const found = advices.find(([pattern]) => pattern.test(message));
  return found === undefined ? {} : { advice: found[1] };
}
