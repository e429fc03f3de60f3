/** What would have fired beside what did. Pure. */
import { KEEP_RESOLVED_MS } from '../../consumer/alerts/store.ts';
import type { Life } from './replay.ts';
import type { Told } from './told.ts';

export type ToldAndFired = Told & { readonly fired: number };

/** One life of an alert: as it would have been, as it was, or both. */
export interface Pair {
  readonly would: Life | undefined;
  /** `unknown`: a later life of the alert has taken its place on the topic, or it has left the topic. */
  readonly did: ToldAndFired | 'unknown' | undefined;
}

export interface Range {
  readonly since: number;
  readonly until: number;
}

/** In the order of time. @param now by which what has left the topic is known. */
export function compare(lives: readonly Life[], told: readonly Told[], range: Range, now: number): Pair[] {
  const byAlert = Map.groupBy(told, identify);
  const matched = new Set<Told>();
  const pairs = lives.map((would): Pair => {
    const ofAlert = byAlert.get(identify(would)) ?? [];
    const did = ofAlert.filter(hasFired).find((one) => one.alertId === would.alertId || overlap(one, would));
    if (did !== undefined) {
      matched.add(did);
      return { would, did };
    }
    const replaced = ofAlert.some(({ since }) => since > would.fired);
    const expired = would.resolved !== undefined && now - would.resolved >= KEEP_RESOLVED_MS;
    return { would, did: replaced || expired ? 'unknown' : undefined };
  });
  const others = told.filter(hasFired).filter((did) => !matched.has(did) && overlap(did, rangeLife(range)));
  return [...pairs, ...others.map((did): Pair => ({ would: undefined, did }))].sort(
    (a, b) => firedOf(a) - firedOf(b) || (nameOf(a) < nameOf(b) ? -1 : 1),
  );
}

/** What a pair is about. */
export function subjectOf({ would, did }: Pair): Life | ToldAndFired {
  const subject = would ?? did;
  if (subject === undefined || subject === 'unknown') throw new Error('a pair of nothing');
  return subject;
}

function firedOf(pair: Pair): number {
  return subjectOf(pair).fired;
}

function nameOf(pair: Pair): string {
  const { alertname, severity, cluster, node, labels } = subjectOf(pair);
  return JSON.stringify([alertname, severity, cluster, node, labels]);
}

/** The same alert, whatever its expression: severity is one of the labels. */
function identify({ cluster, node, labels }: Pick<Life, 'cluster' | 'node' | 'labels'>): string {
  return JSON.stringify([cluster, node, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function hasFired(told: Told): told is ToldAndFired {
  return told.fired !== undefined;
}

interface Span {
  readonly fired: number;
  readonly resolved: number | undefined;
}

function overlap(a: Span, b: Span): boolean {
  return a.fired <= (b.resolved ?? Number.POSITIVE_INFINITY) && b.fired <= (a.resolved ?? Number.POSITIVE_INFINITY);
}

function rangeLife({ since, until }: Range): Span {
  return { fired: since, resolved: until };
}
