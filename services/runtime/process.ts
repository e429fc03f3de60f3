/**
 * A service as a process: help, configuration, start, run until a signal or a fatal error, ordered stop, exit code.
 *
 *   0  stopped as asked   1  failed to start, failed on the way or failed to stop in time   2  the configuration is wrong
 */
import { type Config, type Environment, helpText, loadConfig, type SettingsTable } from './config.ts';
import { messageOf, PipelineError } from './errors.ts';
import { createLog, type Log, type LogLevel } from './log.ts';
import { type Step, shutDown } from './shutdown.ts';

export interface Program<Table extends SettingsTable> {
  readonly name: string;
  readonly usage: string;
  readonly settings: Table;
  /** How long the ordered stop may take. */
  readonly stopWithinMs: number;
  /** Starts everything, telling each part that is up to `started`, and returns when all are. */
  start(context: Context<Table>): Promise<void>;
}

export interface Context<Table extends SettingsTable> {
  readonly config: Config<Table>;
  readonly log: Log;
  /** Notes a part that now has to be stopped; the last one is stopped first. */
  readonly started: (step: Step) => void;
  /** Ends the process in order, because it cannot do its job any more. */
  readonly fail: (error: Error) => void;
}

type Settings = SettingsTable & Record<'LOG_LEVEL', SettingsTable[string]>;

/** Runs a program to its end; the process exits with its code. */
export async function runProgram<Table extends Settings>(program: Program<Table>): Promise<never> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    process.stdout.write(helpText(program.usage, program.settings));
    process.exit(0);
  }
  const config = configOrExit(program, process.env);
  const log = createLog(program.name, config.LOG_LEVEL as LogLevel);
  const steps: Step[] = [];
  const ended = Promise.withResolvers<number>();
  const fail = (error: Error): void => {
    log.error({ code: error instanceof PipelineError ? error.code : undefined, error: error.message }, 'failed');
    ended.resolve(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', (reason) => fail(reason instanceof Error ? reason : new Error(messageOf(reason))));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'stopping');
      ended.resolve(0);
    });
  }
  program.start({ config, log, started: (step) => steps.push(step), fail }).then(() => log.info('started'), fail);
  const code = await ended.promise;
  const clean = await shutDown(steps, program.stopWithinMs, log);
  log.info({ clean }, 'stopped');
  process.exit(clean ? code : 1);
}

function configOrExit<Table extends Settings>(program: Program<Table>, env: Environment): Config<Table> {
  try {
    return loadConfig(program.settings, env);
  } catch (error) {
    process.stderr.write(`${program.name}: the configuration is wrong\n${messageOf(error)}\n`);
    process.exit(2);
  }
}
