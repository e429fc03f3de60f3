/**
 * The alert log: one JSON line per transition, the same on standard output and in a file, which Promtail ships to Loki. In a
 * storm one line stands for many; `count` says for how many, and the counter of transitions counts by it.
 *
 * What a rule or a node wrote stands below `labels`, `annotations` and `evidence`, so hostile content cannot pass for a
 * level, a time or another alert. The file is opened anew for each line: whoever rotates it by renaming or by truncating
 * need not tell us, and alerts are rare enough.
 */
import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import { type Log, oneLine } from '#runtime/log.ts';
import type { ConsumerMetrics } from '../metrics.ts';
import { type Grouped, Storms } from './storm.ts';
import type { Transition } from './transition.ts';

/** Where the event stands that caused the transition, or the last one before it. */
export interface Coordinates {
  readonly topic: string;
  readonly partition: number;
  /** `undefined` if none of the partition has been judged. */
  readonly offset: number | undefined;
}

/** Whoever is told of transitions. */
export interface AlertSink {
  tell(transition: Transition, coordinates: Coordinates): void;
}

export interface AlertLog extends AlertSink {
  /** Tells together what is grouped and due; to be called every second. */
  listen(): void;
  /** The same with all that is grouped. */
  close(): void;
}

export interface AlertLogOptions {
  /** `undefined`: standard output alone. */
  readonly file: string | undefined;
  readonly stdout: (line: string) => void;
  readonly log: Log;
  readonly metrics: Pick<ConsumerMetrics, 'alertTransitions' | 'alertLogFailures'>;
  /** Milliseconds by a clock that nobody sets. */
  readonly monotonic: () => number;
}

/** @throws PipelineError `CONFIG` if the file cannot be written. */
export function createAlertLog({ file, stdout, log, metrics, monotonic }: AlertLogOptions): AlertLog {
  const storms = new Storms();
  /** A line that was begun and not ended (the process was killed, the disk was full) must not swallow the next. */
  let torn = false;
  if (file !== undefined) {
    append(file, '');
    torn = !endsWithLine(file);
  }

  function write(line: string): void {
    stdout(line);
    if (file === undefined) return;
    try {
      append(file, torn ? `\n${line}` : line);
      torn = false;
    } catch (error) {
      torn = true;
      metrics.alertLogFailures.inc();
      log.error({ error: messageOf(error) }, 'alert not written to its file');
    }
  }

  const lines: Logger = pino(
    {
      base: { service: 'consumer', event: 'alert' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => write(oneLine(line)) },
  );

  function tellTogether(grouped: readonly Grouped[]): void {
    for (const group of grouped) {
      const { alertname, severity, state, count } = group;
      metrics.alertTransitions.inc({ alertname, severity, state }, count);
      lines[levelOf({ ...group, late: false })](fieldsOfGroup(group), `alert ${state}, ${count} more`);
    }
  }

  return {
    tell(transition, coordinates) {
      if (!storms.admit(transition, monotonic())) return;
      const { alertname, severity, state } = transition;
      metrics.alertTransitions.inc({ alertname, severity, state });
      lines[levelOf(transition)](fieldsOf(transition, coordinates), `alert ${state}`);
    },
    listen() {
      tellTogether(storms.end(monotonic()));
    },
    close() {
      tellTogether(storms.end());
    },
  };
}

function append(file: string, text: string): void {
  try {
    appendFileSync(file, text);
  } catch (cause) {
    throw new PipelineError('CONFIG', `ALERT_LOG=${file}: ${messageOf(cause)}; expected a file that can be written`, {
      cause,
    });
  }
}

/** Whether what is in the file, if anything, is whole lines. One that can be written and not read is taken to be so. */
function endsWithLine(file: string): boolean {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const { size } = fstatSync(descriptor);
    const last = Buffer.alloc(1);
    return size === 0 || readSync(descriptor, last, 0, 1, size - 1) === 0 || last.toString() === '\n';
  } catch {
    return true;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** A firing alert speaks as loud as it is severe; that it is pending, over or past is news, not trouble. */
function levelOf({
  state,
  severity,
  late,
}: Pick<Transition, 'state' | 'severity' | 'late'>): 'info' | 'warn' | 'error' {
  if (state !== 'firing' || late || severity === 'info' || severity === 'none') return 'info';
  return severity === 'critical' ? 'error' : 'warn';
}

function fieldsOf(transition: Transition, coordinates: Coordinates): object {
  const { alertId, alertname, state, cluster, node, severity, value, since, time, wasFiring } = transition;
  return {
    alert: alertname,
    state,
    ...(transition.reason !== undefined && { reason: transition.reason }),
    count: 1,
    ...(transition.late && { late: true }),
    cluster,
    ...(node !== '' && { node }),
    severity,
    value: numberOf(value),
    since: isoTime(since),
    eventTime: isoTime(time),
    alertId,
    labels: transition.labels,
    annotations: transition.annotations,
    evidence: { ...transition.evidence, wasFiring, ...coordinates },
  };
}

function fieldsOfGroup({ alertname, state, severity, cluster, count, nodes, from, to }: Grouped): object {
  return {
    ...{ alert: alertname, state, grouped: true, count, cluster, severity },
    ...{ since: isoTime(from), eventTime: isoTime(to), nodes },
  };
}

/** JSON has no infinity and no NaN; a `null` there would hide what was seen. */
function numberOf(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
