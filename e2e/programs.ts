/**
 * Programs as a person would run them: started by their command, watched by what they print and serve, ended by a signal to
 * them and what they started, as Ctrl-C in a terminal is.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

export interface Running {
  readonly pid: number;
  /** All it has printed so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Fulfilled with the first match in what it prints on either, from its start on. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Waits for it to end by itself. */
  end(): Promise<{ code: number | null }>;
  /** Sends a signal that does not end it: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; ms: number }>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) signalTo(child, 'SIGKILL');
});
// Or it would end without the above, and leave them running.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** @param env replaces nothing but what it names. */
export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').finally(() => running.delete(child));
  const all = () => `${stdout}\n${stderr}`;
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    printed: (pattern) =>
      eventually(() => {
        const match = pattern.exec(all());
        if (match !== null) return match;
        if (child.exitCode !== null) throw new Gone(`${command} ended with ${child.exitCode}:\n${all()}`);
        throw new Error(`${command} has not printed ${pattern}:\n${all()}`);
      }),
    async end() {
      const [code] = (await ended) as [number | null];
      return { code };
    },
    signal: (signal) => signalTo(child, signal),
    async stop(signal = 'SIGTERM') {
      const began = performance.now();
      signalTo(child, signal);
      const [code] = (await ended) as [number | null];
      return { code, ms: performance.now() - began };
    },
  };
}

/** `detached` made it the leader of a group of its own, which has its process id. */
function signalTo({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal);
}

/** No use in trying again. */
class Gone extends Error {}

/** Tries until it does not throw; the bound is for what will never happen, nothing is expected to take long. */
export async function eventually<T>(attempt: () => T | Promise<T>, withinMs = 60_000): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Gone || performance.now() > end) throw error;
      await setTimeout(50);
    }
  }
}

export async function textOf(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.text();
}
