/**
 * Judges what is on the events' topic again, in event time, as the consumer does: each partition in order, outside of any
 * group. What is kept are the lives of alerts that fired, not events.
 *
 * Rules need a past: it begins earlier by the longest range, which is remembered, and by the longest `for` and `keep_firing_for`,
 * which is judged, so that what fired before the range fires when it begins.
 *
 * A node that falls silent ends its alerts here, too. Nobody listens, so it is told by the events around the silence: they
 * are far apart by the node's clock and by the broker's. By one alone it was a backlog, or a clock that was set.
 */
import { setImmediate } from 'node:timers/promises';
import type { BusRecord, TopicReader } from '#bus/bus.ts';
import { decodeRecord } from '#contract/codec.ts';
import { keyOf, type NodeEvent } from '#contract/event.ts';
import type { Change, Transition } from '../../consumer/alerts/transition.ts';
import { BUILT_IN_RULES } from '../../consumer/rules/built-in.ts';
import { createJudge, type JudgeOptions } from '../../consumer/rules/judge.ts';
import type { Rule } from '../../consumer/rules/rule.ts';
import { createState, patienceOf } from '../../consumer/state.ts';

export interface ReplayOptions {
  readonly reader: Pick<TopicReader, 'partitions' | 'readFrom'>;
  readonly rules: readonly Rule[];
  /** What every series of a node has as `job`. */
  readonly job: string;
  /** By the broker's clock, milliseconds. */
  readonly since: number;
  readonly until: number;
  /** How much is done, from 0 to 1. */
  readonly progress: (done: number) => void;
}

/** A life of an alert from when it fires; event times, milliseconds. */
export interface Life
  extends Pick<Transition, 'alertId' | 'alertname' | 'severity' | 'cluster' | 'node' | 'labels' | 'reason'> {
  /** At the begin of the range, if it fired before that. */
  readonly fired: number;
  readonly firedBefore: boolean;
  /** `undefined` if it still fires. */
  readonly resolved: number | undefined;
}

export interface Replayed {
  readonly lives: readonly Life[];
  /** In the range, and judged. */
  readonly events: number;
  /** What was not judged, or not in full, as sentences. */
  readonly notes: readonly string[];
}

interface Heard {
  readonly event: Pick<NodeEvent, 'cluster' | 'node' | 'time' | 'interval' | 'pause'>;
  readonly appended: number;
}

/** So many records are taken before others get their turn. */
const RECORDS_PER_TURN = 100;
const BUILT_IN: ReadonlySet<string> = new Set(BUILT_IN_RULES.map(({ id }) => id));

export async function replay({ reader, rules, job, since, until, progress }: ReplayOptions): Promise<Replayed> {
  const lives = new Map<string, Life>();
  const counts = new Map<string, number>();
  let events = 0;
  const count = (what: string, by = 1) => void counts.set(what, (counts.get(what) ?? 0) + by);
  const options: JudgeOptions = {
    job,
    overflow: (reason, by) => count(`no room: ${reason}`, by),
    failed: ({ alert }) => count(`${alert} not judged at an event, where two of its alerts would have the same labels`),
  };
  const judgedFrom = since - Math.max(0, ...rules.map(({ forMs, keepFiringForMs }) => forMs + keepFiringForMs));
  const { partitions } = reader;

  /** @param appended when it came about, by the broker's clock. */
  function take(changes: readonly Change[], appended: number): void {
    for (const { transition, rule, news } of changes) {
      if (!news || BUILT_IN.has(rule)) continue;
      const { alertId, alertname, severity, cluster, node, labels, state, time, reason } = transition;
      const known = lives.get(alertId);
      if (state === 'firing') {
        const firedBefore = appended < since;
        const fired = firedBefore ? since : time;
        const identity = { alertId, alertname, severity, cluster, node, labels };
        lives.set(alertId, { ...identity, fired, firedBefore, resolved: undefined, reason });
      } else if (state === 'resolved' && known !== undefined) {
        if (appended < since) lives.delete(alertId);
        else lives.set(alertId, { ...known, resolved: time, reason });
      }
    }
  }

  /** A new one for each partition, so that what is remembered is the past of one partition's nodes. */
  async function replayPartition(partition: number, step: (appended: number) => void): Promise<void> {
    const judge = createJudge(rules, options);
    const state = createState();
    const heard = new Map<string, Heard>();

    function takeRecord(record: BusRecord): void {
      const { offset, timestamp, value } = record;
      const inRange = timestamp >= since;
      const decoded = record.refused === undefined ? decodeRecord(record) : { error: undefined };
      if ('error' in decoded) {
        if (inRange) count('records are not events');
      } else if ('gap' in decoded) state.takeGap(decoded.gap, partition, timestamp);
      else {
        const { event, samples } = decoded;
        const outcome = state.take({ event, samples, bytes: value?.length ?? 0, partition, now: timestamp });
        if (outcome !== 'applied') {
          if (inRange) count(`events ${outcome}`);
          return;
        }
        const last = heard.get(keyOf(event));
        if (last !== undefined && event.time - last.event.time > patienceOf(last.event)) fallSilent(last, timestamp);
        const { cluster, node, time, interval, pause } = event;
        const envelope = { cluster, node, time, interval, ...(pause !== undefined && { pause }) };
        heard.set(keyOf(event), { event: envelope, appended: timestamp });
        if (timestamp < judgedFrom) judge.remember(event, partition, offset);
        else take(judge.hear(event, { partition }), timestamp);
        if (inRange) events++;
      }
    }

    function fallSilent({ event, appended }: Heard, now: number): void {
      const patience = patienceOf(event);
      if (now - appended > patience) take(judge.silent(event, partition, event.time + patience), appended + patience);
    }

    let records = 0;
    await reader.readFrom(partition, judgedFrom - judge.longestMs(), async (record) => {
      if (record.timestamp >= until) return false;
      takeRecord(record);
      if (++records % RECORDS_PER_TURN === 0) {
        step(record.timestamp);
        await setImmediate();
      }
      return true;
    });
    for (const last of heard.values()) fallSilent(last, until);
  }

  for (const [i, partition] of partitions.entries()) {
    await replayPartition(partition, (appended) => {
      const done = Math.min(1, Math.max(0, (appended - since) / (until - since)));
      progress((i + done) / partitions.length);
    });
    progress((i + 1) / partitions.length);
  }
  return { lives: [...lives.values()], events, notes: [...counts].map(([what, times]) => `${times} × ${what}`) };
}
