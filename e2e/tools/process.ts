/** A program that is run to its end, all that it prints kept. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Settings {
  /** Replaces nothing but what it names. */
  readonly env?: NodeJS.ProcessEnv;
  /** Its standard input; none unless told. */
  readonly input?: string;
}

/** Whatever status it ends with. */
export async function outcome(program: string, args: readonly string[], settings: Settings = {}): Promise<Finished> {
  const child = spawn(program, args, { env: { ...process.env, ...settings.env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(settings.input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr };
}

/** Fulfilled with what it printed on standard output; rejected, with all that it printed, if it ends with a status but 0. */
export async function finished(program: string, args: readonly string[], settings: Settings = {}): Promise<string> {
  const { status, stdout, stderr } = await outcome(program, args, settings);
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}
