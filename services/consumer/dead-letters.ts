/**
 * What is not an event is kept raw, with its reason and place, on the dead letter topic, so that the partition can move on
 * and nothing is lost to look at. Until that topic has them the partition does not move on.
 */
import { type Bus, type BusRecord, type NewRecord, PUBLISH_BYTES } from '#bus/bus.ts';
import type { DecodeReason } from '#contract/codec.ts';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import { pause } from '#runtime/pause.ts';
import type { ConsumerMetrics } from './metrics.ts';

export interface DeadLetter {
  readonly topic: string;
  readonly record: BusRecord;
  /** `unreadable`: not even the bus could read it; `sequence`: its number cannot be true. */
  readonly reason: DecodeReason | 'unreadable' | 'sequence';
  readonly detail: string;
}

export interface DeadLetters {
  /**
   * Fulfilled with true when the topic has the letters, however long that takes, and with false when it was given up.
   * @param goOn asked before each attempt.
   * @param stopping ends a wait between two.
   */
  keep(letters: readonly DeadLetter[], goOn: () => boolean, stopping: AbortSignal): Promise<boolean>;
  /** Why they are not kept now, if so. */
  trouble(): string | undefined;
}

export interface DeadLettersOptions {
  readonly bus: Pick<Bus, 'publish'>;
  readonly topic: string;
  readonly metrics: Pick<ConsumerMetrics, 'deadLetters'>;
  readonly log: Log;
  /** Waits between attempts; a test passes one that does not. */
  readonly wait?: (ms: number, stopping: AbortSignal) => Promise<unknown>;
}

/** A publish costs kafkajs the square of its records; with as many it takes about as long as the way to the broker. */
const MAX_LETTERS = 200;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5_000;

export function createDeadLetters({ bus, topic, metrics, log, wait = pause }: DeadLettersOptions): DeadLetters {
  // Batches of several partitions may be in hand at once; the bus takes one publish to a topic at a time.
  let last: Promise<unknown> = Promise.resolve();
  let trouble: string | undefined;

  /** One call, again and again. Refused letters are divided until it is known which; that one goes without its content. */
  async function deliver(
    letters: readonly DeadLetter[],
    toRecord: (letter: DeadLetter) => NewRecord,
    goOn: () => boolean,
    stopping: AbortSignal,
  ): Promise<boolean> {
    for (let delay = FIRST_WAIT_MS; goOn(); delay = Math.min(LONGEST_WAIT_MS, 2 * delay)) {
      try {
        await bus.publish(topic, letters.map(toRecord));
        for (const { reason } of letters) metrics.deadLetters.inc({ reason });
        if (trouble !== undefined) log.info({ topic }, 'dead letters are kept again');
        trouble = undefined;
        return true;
      } catch (error) {
        const [letter, another] = letters as [DeadLetter, ...DeadLetter[]];
        if (error instanceof PipelineError && error.code === 'BUS_REFUSED') {
          if (another !== undefined) {
            const half = Math.ceil(letters.length / 2);
            const rest = letters.slice(half);
            return (
              (await deliver(letters.slice(0, half), toRecord, goOn, stopping)) &&
              (await deliver(rest, toRecord, goOn, stopping))
            );
          }
          if (toRecord === recordOf) return deliver(letters, emptyRecordOf, goOn, stopping);
          log.error({ ...placeOf(letter), error: error.message }, 'dead letter not kept: the bus refuses it');
          return true;
        }
        if (trouble === undefined) log.warn({ topic, error: messageOf(error) }, 'dead letters cannot be kept');
        trouble = `dead letters cannot be kept on ${topic}: ${messageOf(error)}`;
        await wait(delay, stopping);
      }
    }
    return false;
  }

  async function deliverAll(
    letters: readonly DeadLetter[],
    goOn: () => boolean,
    stopping: AbortSignal,
  ): Promise<boolean> {
    for (const some of divided(letters)) if (!(await deliver(some, recordOf, goOn, stopping))) return false;
    return true;
  }

  return {
    keep(letters, goOn, stopping) {
      const kept = last.then(() => deliverAll(letters, goOn, stopping));
      last = kept;
      return kept;
    },
    trouble: () => trouble,
  };
}

/** Into as many as one publish may have. */
function* divided(letters: readonly DeadLetter[]): Generator<readonly DeadLetter[], void> {
  let some: DeadLetter[] = [];
  let bytes = 0;
  for (const letter of letters) {
    const size = sizeOf(letter.record);
    if (some.length > 0 && (some.length === MAX_LETTERS || bytes + size > PUBLISH_BYTES)) {
      yield some;
      some = [];
      bytes = 0;
    }
    some.push(letter);
    bytes += size;
  }
  if (some.length > 0) yield some;
}

function sizeOf({ key, value, headers }: BusRecord): number {
  const content = Object.entries(headers).reduce((sum, [name, { length }]) => sum + name.length + length, 0);
  return content + (key?.length ?? 0) + (value?.length ?? 0);
}

function recordOf(letter: DeadLetter): NewRecord {
  const { key, value, headers } = letter.record;
  return { key, value, headers: { ...headers, ...reasonOf(letter) } };
}

/** With its own headers it would be larger than it was, and it may have been as large as can be. */
function emptyRecordOf(letter: DeadLetter): NewRecord {
  return { key: null, value: null, headers: { ...reasonOf(letter), dlq_left_out: `${sizeOf(letter.record)} bytes` } };
}

function reasonOf(letter: DeadLetter): Record<string, string> {
  const { lastOffset, timestamp } = letter.record;
  const { topic, partition, offset } = placeOf(letter);
  return {
    dlq_reason: letter.reason,
    dlq_detail: letter.detail,
    dlq_topic: topic,
    dlq_partition: String(partition),
    dlq_offset: String(offset),
    ...(lastOffset !== undefined && { dlq_last_offset: String(lastOffset) }),
    dlq_timestamp: String(timestamp),
  };
}

function placeOf({ topic, record: { partition, offset } }: DeadLetter) {
  return { topic, partition, offset };
}
