/**
 * What is not an event is kept raw, with its reason and place, on the dead letter topic, so that the partition can move on
 * and nothing is lost to look at.
 */
import { setTimeout } from 'node:timers/promises';
import type { Bus, BusRecord, NewRecord } from '#bus/bus.ts';
import type { DecodeError } from '#contract/codec.ts';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import type { Log } from '#runtime/log.ts';
import type { ConsumerMetrics } from './metrics.ts';

export interface DeadLetter {
  readonly topic: string;
  readonly record: BusRecord;
  readonly error: DecodeError;
}

export interface DeadLetters {
  /** Fulfilled when the letters are on the topic, or when keeping them was given up and told. */
  keep(letters: readonly DeadLetter[]): Promise<void>;
}

export interface DeadLettersOptions {
  readonly bus: Bus;
  readonly topic: string;
  readonly metrics: Pick<ConsumerMetrics, 'deadLetters'>;
  readonly log: Log;
  /** Waits between attempts; a test passes one that does not. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

/**
 * After as many failures, over a minute, the letters are given up: whoever wants them finds them at the place that the log
 * names, as long as the source topic keeps them. A topic that cannot be written must not stop a partition for ever.
 */
const ATTEMPTS = 8;
const FIRST_WAIT_MS = 500;

export function createDeadLetters(options: DeadLettersOptions): DeadLetters {
  const { bus, topic, metrics, log, wait = setTimeout } = options;
  // Batches of several partitions may be in hand at once; the bus takes one publish to a topic at a time.
  let last: Promise<void> = Promise.resolve();

  async function keep(letters: readonly DeadLetter[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await bus.publish(topic, letters.map(recordOf));
        for (const { error } of letters) metrics.deadLetters.inc({ reason: error.reason });
        return;
      } catch (error) {
        const refused = error instanceof PipelineError && !error.retryable;
        if (refused && letters.length > 1) {
          for (const letter of letters) await keep([letter]);
          return;
        }
        if (refused || attempt === ATTEMPTS) {
          const places = letters.map(({ topic, record }) => `${topic}/${record.partition}/${record.offset}`);
          log.error({ places, error: messageOf(error) }, 'dead letters not kept');
          return;
        }
        await wait(FIRST_WAIT_MS * 2 ** (attempt - 1));
      }
    }
  }

  return {
    keep(letters) {
      last = last.then(() => keep(letters));
      return last;
    },
  };
}

function recordOf({ topic, record, error }: DeadLetter): NewRecord {
  return {
    key: record.key,
    value: record.value,
    headers: {
      ...record.headers,
      dlq_reason: error.reason,
      dlq_detail: error.detail,
      dlq_topic: topic,
      dlq_partition: String(record.partition),
      dlq_offset: String(record.offset),
      dlq_timestamp: String(record.timestamp),
    },
  };
}
