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
  return pino(options, destination ?? pino.destination({ dest: 1, sync: true }));
}
