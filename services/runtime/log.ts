/**
 * Logs: one JSON line each, level as a word, ISO time, a constant message; what varies stands in fields of its own.
 *
 * error  data was lost or a person is needed   warn   unexpected, and recovered from
 * info   start, stop, ownership                debug  each tick and batch
 */
import { type DestinationStream, type Logger, pino } from 'pino';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type Log = Logger;

/**
 * What JSON leaves as it is, and terminals, editors or shippers of logs take for the end of a line, a command or a change of
 * direction: controls beyond ASCII, line separators, bidirectional marks. Escaped, the line is the same JSON.
 */
const DECEPTIVE = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A line of JSON that looks like one line wherever it is read, whatever the texts in it hold. */
export function oneLine(json: string): string {
  return json.replace(DECEPTIVE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/**
 * Lines go to standard output unless told otherwise, synchronously: pino's default hands them to the thread pool, where they
 * change order at the exit and wait for whatever else hangs there.
 */
export function createLog(service: string, level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const lines = destination ?? pino.destination({ dest: 1, sync: true });
  return pino(options, { write: (line) => void lines.write(oneLine(line)) });
}
