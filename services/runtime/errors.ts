/**
 * The one error class. A caller decides by `code` and `retryable`, never by the text of a message, which is for people:
 * it names the place and what was expected there.
 */

export const ERROR_CODES = [
  /** Configuration: one or more variables are missing or malformed. */
  'CONFIG',
  /** A file of rules cannot be used as it is. */
  'RULES',
  /** The address to listen on cannot be had. */
  'LISTEN',
  /** A kernel file exists and does not read as its grammar says. */
  'PARSE',
  /** The bus did not take or give records; the same call may succeed later. */
  'BUS_UNAVAILABLE',
  /** The bus does not let this client in, or not do what it wants; the same call may succeed once somebody has granted it. */
  'BUS_DENIED',
  /** The bus will never take these records as they are. */
  'BUS_REFUSED',
  /** The bus client cannot go on; the process has to start anew. */
  'BUS_FATAL',
  /** The cluster's API server does not answer as it should. */
  'CLUSTER',
  /** A step of the shutdown did not end before the deadline. */
  'SHUTDOWN',
  /** A cluster, or a program that works on it, did not do what a deployment needs. */
  'DEPLOY',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export class PipelineError extends Error {
  readonly code: ErrorCode;
  /** Whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PipelineError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** The text of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
