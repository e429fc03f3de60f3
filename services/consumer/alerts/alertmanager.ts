/**
 * Tells Alertmanagers what fires, as Prometheus does: by level, not by edge. Each is told everything again in each round, so
 * one that was away or has lost its memory knows all of it a round later, and what is not told again ends by itself.
 *
 *   alert that fires             sent in each round, to end four rounds later
 *   alert that has resolved      sent with its end, for a quarter of an hour
 *   partition of another replica nothing more is said: the other goes on where this one has stopped
 *
 * Between two rounds only what an Alertmanager does not know yet is sent to it: soon after an alert changes, and after a request
 * has failed. Each has a loop of its own, so one that does not answer holds up no other.
 */
import type { Log } from '#runtime/log.ts';
import { pause } from '#runtime/pause.ts';
import type { HttpServer } from '#runtime/settings.ts';
import type { ConsumerMetrics } from '../metrics.ts';
import { post } from './alertmanager-client.ts';
import type { Coordinates } from './log.ts';
import { type FiringAlert, keyOfLabels, postableAlert, type ResolvedAlert } from './postable-alert.ts';
import type { Transition } from './transition.ts';

export interface AlertmanagerOptions {
  /** Each instance of a cluster of Alertmanagers is told; they agree among themselves who notifies. */
  readonly servers: readonly HttpServer[];
  /** Whether this replica owns its partitions beyond doubt. Nothing is said otherwise. */
  readonly fresh: () => boolean;
  /** All that fires now. */
  readonly firing: () => Iterable<FiringAlert>;
  /** Where people can see what fires. */
  readonly generatorUrl?: string;
  readonly metrics: Pick<ConsumerMetrics, 'notificationsSent' | 'notificationsFailed'>;
  readonly log: Log;
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets. */
  readonly monotonic: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  readonly timeoutMs?: number;
}

export interface Alertmanager {
  /** An alert has begun to fire, or ended. What it says of one that fires is not sent: `firing` is asked for that. */
  tell(transition: Transition, coordinates: Coordinates): void;
  /** Alerts of these partitions are somebody else's from now on. */
  lost(partitions: readonly number[]): void;
  /** Says nothing more: what fires goes on to do so, and another replica to tell it. */
  close(): Promise<void>;
}

const ROUND_MS = 30_000;
/** As long as four rounds, so that neither a lost request nor a change of replicas ends an alert. */
const VALID_FOR_MS = 4 * ROUND_MS;
const RESOLVED_FOR_MS = 15 * 60_000;
/** As many as may fire. Beyond that the longest resolved are not told again, and end by themselves. */
const MAX_RESOLVED = 20_000;
/** Changes within as long of each other go in one request; it is how late the first of them may be. */
const SOON_MS = 500;
const FIRST_RETRY_MS = 1_000;
const TIMEOUT_MS = 5_000;
/** As many as Prometheus sends at a time: some 200 kB. */
const BATCH = 256;

/** What an Alertmanager is to know of an alert. */
interface Notice {
  readonly key: string;
  readonly alert: FiringAlert | ResolvedAlert;
}

interface Resolved extends ResolvedAlert {
  readonly partition: number;
  /** When that was, by the clock that nobody sets. */
  readonly since: number;
}

export function createAlertmanager(options: AlertmanagerOptions): Alertmanager {
  const { servers, fresh, firing, generatorUrl, metrics, log, now, monotonic } = options;
  const { wait = pause, timeoutMs = TIMEOUT_MS } = options;
  const resolved = new Map<string, Resolved>();
  /** When the alerts of the last notices began to fire, which is not said of them when they are resolved. */
  let fired = new Map<string, number>();
  /** How often partitions were lost. */
  let losses = 0;
  const stopping = new AbortController();
  const { signal } = stopping;

  function notices(): Notice[] {
    const known = new Map<string, Notice>();
    for (const alert of firing()) {
      const key = keyOfLabels(alert);
      if (!known.has(key)) known.set(key, { key, alert });
      // It fires again, or another rule says the same.
      resolved.delete(key);
    }
    fired = new Map([...known.values()].map(({ key, alert }) => [key, alert.firedAt]));
    for (const [key, alert] of resolved) {
      if (monotonic() - alert.since > RESOLVED_FOR_MS) resolved.delete(key);
      else known.set(key, { key, alert });
    }
    return [...known.values()];
  }

  function follow(server: HttpServer) {
    const labels = { alertmanager: server.url };
    metrics.notificationsSent.inc(labels, 0);
    metrics.notificationsFailed.inc(labels, 0);
    /** What it was told in this round: whether each alert fires. */
    const told = new Map<string, boolean>();
    let changed = new AbortController();
    /** What it said in this round when it refused some. */
    let refused: string | undefined;
    let trouble: 'failed' | 'refused' | undefined;

    /** @returns whether there is nothing left that it could be told. */
    async function tellWhatIsNew(): Promise<boolean> {
      const lossesBefore = losses;
      const unknown = notices().filter(({ key, alert }) => told.get(key) !== isFiring(alert));
      for (let i = 0; i < unknown.length; i += BATCH) {
        // Between two requests a process may be frozen, and a partition move: what was true before is not said any more.
        if (!fresh() || losses !== lossesBefore || signal.aborted) return false;
        const batch = unknown.slice(i, i + BATCH);
        const posting = { now: now(), validForMs: VALID_FOR_MS, generatorUrl };
        const alerts = batch.map(({ alert }) => postableAlert(alert, posting));
        const answer = await post(server, alerts, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]));
        if (signal.aborted) return false;
        if (answer.is === 'taken') metrics.notificationsSent.inc(labels, batch.length);
        else metrics.notificationsFailed.inc(labels);
        if (answer.is === 'failed') {
          complain(answer.is, answer.why);
          return false;
        }
        if (answer.is === 'refused') refused = answer.why;
        for (const { key, alert } of batch) told.set(key, isFiring(alert));
      }
      if (refused !== undefined) complain('refused', refused);
      else if (unknown.length > 0) praise();
      return true;
    }

    /** Once, until it is over or something else. */
    function complain(what: NonNullable<typeof trouble>, why: string): void {
      if (trouble === what) return;
      trouble = what;
      if (what === 'failed') log.warn({ ...labels, error: why }, 'Alertmanager is not reached; it is tried again');
      else log.error({ ...labels, answer: why }, 'Alertmanager refuses alerts');
    }

    function praise(): void {
      if (trouble !== undefined) log.info(labels, 'Alertmanager takes alerts again');
      trouble = undefined;
    }

    async function run(): Promise<void> {
      let [roundEnds, retryMs] = [monotonic(), FIRST_RETRY_MS];
      while (!signal.aborted) {
        if (!fresh()) {
          await wait(SOON_MS, signal);
          continue;
        }
        if (monotonic() >= roundEnds) {
          roundEnds = monotonic() + ROUND_MS;
          told.clear();
          refused = undefined;
        }
        changed = new AbortController();
        if (!(await tellWhatIsNew())) {
          await wait(retryMs, signal);
          retryMs = Math.min(ROUND_MS, 2 * retryMs);
          continue;
        }
        retryMs = FIRST_RETRY_MS;
        await wait(Math.max(0, roundEnds - monotonic()), AbortSignal.any([signal, changed.signal]));
        if (changed.signal.aborted) await wait(SOON_MS, signal);
      }
    }

    return { change: () => changed.abort(), ended: run() };
  }

  const loops = servers.map(follow);

  return {
    tell({ state, labels, annotations, since, time, wasFiring }, { partition }) {
      if (!wasFiring) return;
      if (state === 'resolved') {
        const key = keyOfLabels({ labels });
        const firedAt = fired.get(key) ?? since;
        resolved.delete(key);
        resolved.set(key, { labels, annotations, firedAt, endedAt: time, partition, since: monotonic() });
        if (resolved.size > MAX_RESOLVED) resolved.delete(resolved.keys().next().value as string);
      }
      for (const { change } of loops) change();
    },
    lost(partitions) {
      losses++;
      for (const [key, { partition }] of resolved) if (partitions.includes(partition)) resolved.delete(key);
    },
    async close() {
      stopping.abort();
      await Promise.all(loops.map(({ ended }) => ended));
    },
  };
}

function isFiring(alert: FiringAlert | ResolvedAlert): boolean {
  return !('endedAt' in alert);
}
