/** Waits until a release is ready, and says why not when it does not become so. */
import { PipelineError } from '#runtime/errors.ts';
import type { Cluster } from './cluster.ts';
import { diagnose, hints } from './diagnosis.ts';
import { type KubeObject, title } from './objects.ts';
import type { Progress } from './progress.ts';
import { isWaitedFor, type Missing, missing } from './readiness.ts';

export interface Clock {
  now(): number;
  pause(ms: number): Promise<void>;
}

/** Something else that must be so, such as an answer from outside. */
export interface Check {
  readonly what: string;
  missing(): Promise<Missing>;
}

export interface Waiting {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly timeoutMs: number;
}

const EVERY_MS = 2000;
/** What is not ready after this long gets a word about why, while it is still waited for. */
const HINT_MS = 45_000;

/**
 * @param objects of the release's manifest
 * @throws PipelineError `DEPLOY` with a diagnosis of everything that is not ready when the time is over
 */
export async function waitUntilReady(
  waiting: Waiting,
  objects: readonly KubeObject[],
  checks: readonly Check[],
): Promise<void> {
  const { clock, progress, timeoutMs, cluster } = waiting;
  const start = clock.now();
  const hinted = new Set<string>();
  for (;;) {
    const open = await stillOpen(cluster, objects, checks);
    if (open.length === 0) return;
    if (clock.now() - start >= timeoutMs) throw await timedOut(cluster, open, timeoutMs);
    if (clock.now() - start >= HINT_MS) await hint(cluster, open, hinted, progress);
    const [first] = open;
    const others = open.length > 1 ? ` (and ${open.length - 1} more)` : '';
    progress.waiting(`  waiting for ${first?.what}: ${first?.missing}${others}`);
    await clock.pause(EVERY_MS);
  }
}

interface Open {
  readonly what: string;
  readonly missing: string;
  /** As the cluster has it, or as the release wants it. */
  readonly object?: KubeObject;
}

async function stillOpen(cluster: Cluster, objects: readonly KubeObject[], checks: readonly Check[]): Promise<Open[]> {
  const open: Open[] = [];
  for (const wanted of objects.filter(isWaitedFor)) {
    const found = await cluster.read(wanted);
    const why = missing(found);
    if (why !== undefined) open.push({ what: title(wanted), missing: why, object: found ?? wanted });
  }
  // What answers does so only when it runs.
  if (open.length > 0) return open;
  for (const check of checks) {
    const why = await check.missing();
    if (why !== undefined) open.push({ what: check.what, missing: why });
  }
  return open;
}

async function hint(cluster: Cluster, open: readonly Open[], hinted: Set<string>, progress: Progress): Promise<void> {
  for (const { object } of open) {
    for (const text of object === undefined ? [] : await hints(cluster, object)) {
      // What follows the colon changes with each attempt.
      const key = text.split(': ')[0] ?? text;
      if (hinted.has(key)) continue;
      hinted.add(key);
      progress.say(`  ! ${text}`);
    }
  }
}

async function timedOut(cluster: Cluster, open: readonly Open[], timeoutMs: number): Promise<PipelineError> {
  const parts: string[] = [];
  // What lacks the same thing, and of which nothing more is known, is told together: the topics of a Kafka that is away.
  const alike = new Map<string, string[]>();
  for (const { what, missing: why, object } of open) {
    const diagnosis = object === undefined ? '' : await diagnose(cluster, object);
    if (diagnosis === '') alike.set(why, [...(alike.get(why) ?? []), what]);
    else parts.push(`${what}: ${why}\n${diagnosis}`);
  }
  parts.push(...[...alike].map(([why, whats]) => `${whats.join(', ')}: ${why}`));
  return new PipelineError('DEPLOY', `not ready after ${timeoutMs / 1000} s\n\n${parts.join('\n\n')}`);
}
