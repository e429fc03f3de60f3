/**
 * The process that asks network and FUSE file systems for their size, so that the agent does not have to: a call that is never
 * answered can be ended only by killing its process. Started and killed by remote-statfs.ts.
 *
 *   from the agent   "/mnt/a"
 *   to the agent     "ready" once, then ["/mnt/a", {"size":…}] or ["/mnt/a", {"error":"EIO"}], in the order of the answers
 *
 * Calls wait in the thread pool (UV_THREADPOOL_SIZE at a time), so the main thread always sees when the agent is gone.
 */
import { statfs } from 'node:fs';
import { type StatfsAnswer, sizeOf } from './statfs.ts';

export type StatfsMessage = 'ready' | readonly [path: string, answer: StatfsAnswer];

function tell(message: StatfsMessage): void {
  // An agent that is gone cannot be told; `disconnect` is on its way.
  process.send?.(message, undefined, undefined, () => undefined);
}

/** An ordinary exit would wait for the calls that hang. */
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

/** A terminal and a service manager signal all processes at once, but the agent still measures when it stops. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);

process.on('message', (path: string) => {
  statfs(path, (error, stats) => {
    tell([path, error === null ? sizeOf(stats) : { error: error.code ?? error.message }]);
  });
});

tell('ready');
