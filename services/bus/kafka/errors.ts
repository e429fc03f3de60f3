/** From what kafkajs throws to what a caller can do about it: try again, ask for access, give up the records, end the process. */
import { type ErrorCode, messageOf, PipelineError } from '#runtime/errors.ts';

/** What the broker answers about the records themselves: they will never be taken as they are. */
const REFUSED: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TIMESTAMP',
  'INVALID_RECORD',
]);

/** Credentials or access rules that are not right, or not right yet. */
const DENIED: ReadonlySet<string> = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'KafkaJSSASLAuthenticationError',
]);

/** This client and this broker will never understand each other. */
const FATAL: ReadonlySet<string> = new Set([
  'UNSUPPORTED_VERSION',
  'UNSUPPORTED_SASL_MECHANISM',
  'UNSUPPORTED_COMPRESSION_TYPE',
  'KafkaJSNotImplemented',
  'KafkaJSServerDoesNotSupportApiKey',
]);

/**
 * Whatever is in no other list may be tried again: brokers come back, leaders move, credentials are renewed, topics and
 * access rules are created later than the process that needs them.
 */
export function busError(thrown: unknown, doing: string): PipelineError {
  if (thrown instanceof PipelineError) return thrown;
  const code = codeOf(thrown);
  const options = { cause: thrown, retryable: code === 'BUS_UNAVAILABLE' || code === 'BUS_DENIED' };
  return new PipelineError(code, `${doing}: ${[thrown, ...partsOf(thrown)].map(messageOf).join(': ')}`, options);
}

/** Nothing that trying again could mend: a mistake in this program, or a broker that it will never understand. */
export function isFatal(thrown: unknown): boolean {
  const mistake = [TypeError, RangeError, ReferenceError, SyntaxError].some((type) => thrown instanceof type);
  return mistake || busError(thrown, '').code === 'BUS_FATAL';
}

function codeOf(thrown: unknown): ErrorCode {
  const marks = marksOf(thrown);
  if (marks.some((mark) => REFUSED.has(mark))) return 'BUS_REFUSED';
  if (marks.some((mark) => DENIED.has(mark))) return 'BUS_DENIED';
  if (marks.some((mark) => FATAL.has(mark))) return 'BUS_FATAL';
  return 'BUS_UNAVAILABLE';
}

/** Names and protocol types of an error and all its causes: kafkajs wraps the broker's answer in one or more of its own. */
function marksOf(thrown: unknown): string[] {
  const marks: string[] = [];
  const seen = new Set<unknown>();
  const collect = (error: unknown): void => {
    if (!(error instanceof Error) || seen.has(error)) return;
    seen.add(error);
    marks.push(error.name);
    if ('type' in error && typeof error.type === 'string') marks.push(error.type);
    for (const part of [...partsOf(error), error.cause]) collect(part);
  };
  collect(thrown);
  return marks;
}

/** The errors that one stands for: of several topics that are created at once each has its own. */
function partsOf(thrown: unknown): readonly unknown[] {
  return thrown instanceof Error && 'errors' in thrown && Array.isArray(thrown.errors) ? thrown.errors : [];
}

/** The offset that was asked for is not in the partition. */
export function isOutOfRange(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'OFFSET_OUT_OF_RANGE';
}
