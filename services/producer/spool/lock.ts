/**
 * One process per spool. The lock is a Unix socket in the directory that its owner listens on: whether somebody answers
 * there is what tells a living owner from what a crash has left, and the kernel says so at once and across containers, where
 * process numbers mean nothing and an expiring lock would have to be waited for.
 *
 * What a crash has left is not replaced, for it might be another's by then: whoever comes next listens on the next number, makes
 * sure that nobody else answers, and removes the others.
 *
 * A directory where no socket can be made (read-only, full) is used without a lock: the agent measures whatever the disk does, and
 * a run writes to no segment that it has not created.
 */
import { closeSync, openSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { messageOf, PipelineError } from '#runtime/errors.ts';

const NAME = /^lock\.(\d{1,15})$/;

export interface SpoolLock {
  /** Why there is no lock, if so. */
  readonly missing: string | undefined;
  release(): Promise<void>;
}

/** @throws PipelineError `CONFIG` if another process has the directory. */
export async function lockSpool(directory: string): Promise<SpoolLock> {
  let descriptor: number | undefined;
  try {
    const opened = openSync(directory, 'r');
    descriptor = opened;
    // The path of a socket may have 107 bytes, which that of the directory may take alone.
    const server = await acquire(process.platform === 'linux' ? `/proc/self/fd/${opened}` : directory);
    if (server === undefined) {
      const expected = 'expected it for this process alone, another one has it';
      throw new PipelineError('CONFIG', `SPOOL_DIR=${directory}: ${expected}`);
    }
    return {
      missing: undefined,
      async release() {
        await close(server);
        closeSync(opened);
      },
    };
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    if (error instanceof PipelineError) throw error;
    return { missing: messageOf(error), release: async () => undefined };
  }
}

async function acquire(directory: string): Promise<Server | undefined> {
  for (;;) {
    const numbers = locksIn(directory);
    for (const number of numbers) if (await answers(pathOf(directory, number))) return undefined;
    const mine = Math.max(0, ...numbers) + 1;
    const server = await listen(pathOf(directory, mine));
    if (server === undefined) continue;
    for (const number of locksIn(directory)) {
      if (number === mine) continue;
      const path = pathOf(directory, number);
      if (await answers(path)) {
        await close(server);
        return undefined;
      }
      rmSync(path, { force: true });
    }
    return server;
  }
}

function locksIn(directory: string): number[] {
  return readdirSync(directory)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number);
}

function pathOf(directory: string, number: number): string {
  return join(directory, `lock.${number}`);
}

/** The server that listens there, or none if there is a socket already. */
async function listen(path: string): Promise<Server | undefined> {
  const server = createServer((connection) => connection.destroy());
  const result = Promise.withResolvers<Server | undefined>();
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') result.resolve(undefined);
    else result.reject(error);
  });
  server.listen(path, () => result.resolve(server.unref()));
  return result.promise;
}

async function answers(path: string): Promise<boolean> {
  const result = Promise.withResolvers<boolean>();
  const connection = connect(path, () => result.resolve(true));
  connection.once('error', () => result.resolve(false));
  const answered = await result.promise;
  connection.destroy();
  return answered;
}

async function close(server: Server): Promise<void> {
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
}
