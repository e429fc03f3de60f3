/**
 * What a command is, and how one is found and run by its words: `sysmon rules check --json FILE`. One table names them
 * all; help, the reading of options and errors are the same for each.
 */
import { parseArgs } from 'node:util';
import { messageOf, PipelineError } from '#runtime/errors.ts';

export interface Terminal {
  /** Writes a line to standard output. */
  readonly say: (line: string) => void;
  /** Writes a line to standard error. */
  readonly complain: (line: string) => void;
  /** Shows a text in the place of the last one until there is none; there only where standard error is a terminal. */
  readonly progress?: (text: string | undefined) => void;
}

export interface CommandOption {
  readonly type: 'boolean' | 'string';
  /** What stands for a string in the help: `DURATION`. */
  readonly value?: string;
  /** May be given again, which is the same as its values with commas between. */
  readonly multiple?: true;
  readonly help: string;
}

export interface Call {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly args: readonly string[];
  readonly terminal: Terminal;
}

export interface Command {
  /** One line. */
  readonly summary: string;
  /** What has to stand behind the options at least once, such as `FILE`; nothing may without it. */
  readonly args?: string;
  /** More lines of help: what is printed, what an exit code means. */
  readonly details: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  /** @returns the exit code. @throws PipelineError `CONFIG` if what was asked for makes no sense. */
  run(call: Call): Promise<number>;
}

/** By name, of one word or two. */
export type Commands = Readonly<Record<string, Command>>;

const PROGRAM = 'npm run sysmon --';

/** Exit code 2: what was asked for makes no sense; 1: it failed, or found something wrong. */
export async function runCommand(commands: Commands, argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const words = [argv.slice(0, 2).join(' '), argv[0] ?? ''].find((name) => Object.hasOwn(commands, name));
    const command = words === undefined ? undefined : commands[words];
    if (words === undefined || command === undefined) return overview(commands, argv, terminal);
    const { options, args } = readArguments(words, command, argv.slice(words.split(' ').length));
    if (options.help === true) {
      terminal.say(helpOf(words, command));
      return 0;
    }
    if (command.args !== undefined && args.length === 0)
      throw new PipelineError('CONFIG', `${words}: expected ${command.args}: ${usageOf(words, command)}`);
    return await command.run({ options, args, terminal });
  } catch (error) {
    terminal.complain(`sysmon: ${messageOf(error)}`);
    return error instanceof PipelineError && error.code === 'CONFIG' ? 2 : 1;
  }
}

function readArguments(name: string, command: Command, argv: readonly string[]): Omit<Call, 'terminal'> {
  const options = Object.entries(command.options).map(
    ([option, { type, multiple = false }]) => [option, { type, multiple }] as const,
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { ...Object.fromEntries(options), help: { type: 'boolean', short: 'h' } },
      allowPositionals: command.args !== undefined,
    });
    const given = Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]);
    return { options: Object.fromEntries(given) as Call['options'], args: positionals };
  } catch (error) {
    const [sentence] = messageOf(error).split('. ');
    throw new PipelineError('CONFIG', `${name}: ${sentence}; ${PROGRAM} ${name} --help says what there is`, {
      cause: error,
    });
  }
}

/** All commands, for whoever asks, or asks for one that is not there. */
function overview(commands: Commands, argv: readonly string[], terminal: Terminal): number {
  const [first] = argv;
  const asked = first === undefined || first === '--help' || first === '-h';
  const ofGroup = Object.keys(commands).filter((name) => name.startsWith(`${first} `));
  const shown = ofGroup.length > 0 ? ofGroup : Object.keys(commands);
  const lines = shown.map((name) => `  ${name.padEnd(14)} ${commands[name]?.summary}`);
  if (!asked && (ofGroup.length === 0 || (argv.length > 1 && !/^(?:--help|-h)$/.test(argv[1] ?? '')))) {
    terminal.complain(`sysmon: there is no command "${argv.slice(0, 2).join(' ')}"; there are ${shown.join(', ')}`);
    return 2;
  }
  terminal.say(`Usage: ${PROGRAM} COMMAND [--help]\n\n${lines.join('\n')}`);
  return 0;
}

function usageOf(name: string, { args }: Command): string {
  return `${PROGRAM} ${name} [OPTIONS]${args === undefined ? '' : ` ${args}…`}`;
}

function helpOf(name: string, command: Command): string {
  const options = Object.entries({ ...command.options, help: { type: 'boolean', help: 'this text' } as CommandOption });
  const lines = options.map(([option, { value, help }]) => {
    const written = `--${option}${value === undefined ? '' : ` ${value}`}`;
    return `  ${written.padEnd(16)} ${help}`;
  });
  return `Usage: ${usageOf(name, command)}\n\n${command.summary}\n\n${command.details}\n\n${lines.join('\n')}`;
}
