/** From what kafkajs throws to the three things a caller can do about it: try again, give up the records, end the process. */
import { type ErrorCode, messageOf, PipelineError } from '#runtime/errors.ts';

/** What the broker answers about the records themselves: they will never be taken as they are. */
const REFUSED: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TIMESTAMP',
  'INVALID_RECORD',
  'INVALID_TOPIC_EXCEPTION',
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
 * Whatever is in neither list may be tried again: brokers come back, leaders move, credentials are renewed, topics and
 * access rules are created later than the process that needs them.
 */
export function busError(thrown: unknown, doing: string): PipelineError {
  if (thrown instanceof PipelineError) return thrown;
  const code = codeOf(thrown);
  const options = { cause: thrown, retryable: code === 'BUS_UNAVAILABLE' };
  return new PipelineError(code, `${doing}: ${messageOf(thrown)}`, options);
}

function codeOf(thrown: unknown): ErrorCode {
  const marks = marksOf(thrown);
  if (marks.some((mark) => REFUSED.has(mark))) return 'BUS_REFUSED';
  if (marks.some((mark) => FATAL.has(mark))) return 'BUS_FATAL';
  return 'BUS_UNAVAILABLE';
}

/** Names and protocol types of an error and all its causes: kafkajs wraps the broker's answer in one or more of its own. */
function marksOf(thrown: unknown): string[] {
  const marks: string[] = [];
  const seen = new Set<unknown>();
  for (let error = thrown; error instanceof Error && !seen.has(error); error = error.cause) {
    seen.add(error);
    marks.push(error.name);
    if ('type' in error && typeof error.type === 'string') marks.push(error.type);
  }
  return marks;
}
