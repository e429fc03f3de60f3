/** Other programs: helm, kubectl, docker, git. Handed around as a function, so that tests can answer in their place. */
import { spawn } from 'node:child_process';

export interface Outcome {
  /** The exit code; 127 when there is no such program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Run = (program: string, args: readonly string[], input?: string) => Promise<Outcome>;

const NO_SUCH_PROGRAM = 127;

/** Runs a program to its end, with `input` on its standard input. Never throws: a program that is missing has code 127. */
export const run: Run = (program, args, input) =>
  new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'pipe' });
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        texts[stream] += chunk;
      });
    }
    child.on('error', (error) => resolve({ code: NO_SUCH_PROGRAM, stdout: '', stderr: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, ...texts }));
    // A program that ends without reading closes the pipe; its own outcome says what went wrong.
    child.stdin.on('error', (error) => {
      texts.stderr += texts.stderr === '' ? error.message : '';
    });
    child.stdin.end(input ?? '');
  });
