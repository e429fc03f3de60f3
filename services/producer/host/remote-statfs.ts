/**
 * The size of network and FUSE file systems, which another machine or program tells, or does not. A call that is not answered
 * holds its thread until it is, holds the end of its process too, and four of them hold the whole thread pool of Node. So a
 * child process asks (statfs-child.ts), all mounts at once, and the agent never waits: it takes the answers to the questions
 * of the tick before.
 *
 * A mount that has not answered after two seconds is stuck: the child is killed, which mostly ends the call (NFS, and FUSE
 * whose program has not read the question; else the child stays until the call returns, in the kernel's state D, and nobody
 * waits for it). Another child asks the other mounts; the stuck one is asked again after a pause that doubles. A killed child
 * that cannot end costs memory, so while there are several, a mount that keeps one of them is not asked again.
 *
 * The child starts when there is such a mount and ends when there is none, or when the agent is gone: its channel closes.
 */
import { fork } from 'node:child_process';
import { messageOf } from '#runtime/errors.ts';
import { type Clock, systemClock } from '../clock.ts';
import { type StatfsAnswer, TIMEOUT } from './statfs.ts';
import type { StatfsMessage } from './statfs-child.ts';

export interface RemoteStatfs {
  /**
   * The latest answers of these paths; none yet for what has just been mounted. Asks them all anew, for the next time, and
   * forgets all others. Never waits.
   */
  ask(paths: readonly string[]): ReadonlyMap<string, StatfsAnswer>;
  /** Ends the child without waiting for its end. */
  close(): void;
}

/** A child process as it is needed here. */
export interface StatfsProcess {
  ask(path: string): void;
  kill(): void;
}

export interface StatfsEvents {
  message(message: StatfsMessage): void;
  /** It is no more, or could not be started; the code of the error if there is one. */
  ended(error?: string): void;
}

export interface RemoteStatfsOptions {
  readonly start: (events: StatfsEvents) => StatfsProcess;
  readonly clock: Pick<Clock, 'monotonic' | 'wait'>;
}

/** The error of all mounts if the child ends by itself. */
const NO_CHILD = 'ECHILD';

export const ANSWER_WITHIN_MS = 2_000;
/** Until the child is there: on a busy machine with little CPU for this container. */
const READY_WITHIN_MS = 10_000;
/** Before a stuck mount is asked again: this long, then twice as long each time. */
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 120_000;
/** Questions that wait at the same time, each in a thread of the child. */
export const AT_ONCE = 32;
/** Killed children that have not ended. */
const MANY_CHILDREN = 4;
/** A timer may end this much before its time. */
const EARLY_MS = 5;

interface Child {
  readonly process: StatfsProcess;
  readonly retired: AbortController;
  /** When each question was asked that has no answer yet. */
  readonly asked: Map<string, number>;
  ready: boolean;
}

interface Mount {
  answer?: StatfsAnswer;
  stuck?: { readonly times: number; readonly until: number; readonly child: Child };
}

export function createRemoteStatfs({ start, clock }: RemoteStatfsOptions): RemoteStatfs {
  const mounts = new Map<string, Mount>();
  /** Paths to ask as soon as the child can. */
  const queue = new Set<string>();
  /** Killed, but not ended. */
  const killed = new Set<Child>();
  let child: Child | undefined;

  function startChild(): Child {
    const events: StatfsEvents = {
      message(message) {
        if (message === 'ready') born.ready = true;
        else if (child === born) answered(born, ...message);
        if (child === born) askQueued();
      },
      ended(error = NO_CHILD) {
        killed.delete(born);
        if (child === born) failed(born, error);
      },
    };
    const born: Child = { process: start(events), retired: new AbortController(), asked: new Map(), ready: false };
    after(READY_WITHIN_MS, born, () => {
      if (born.ready) return;
      retire(born);
      failed(born, NO_CHILD);
    });
    return born;
  }

  /** The check comes after what has arrived meanwhile was read: an agent that slept must not take that for a late answer. */
  function after(ms: number, of: Child, check: () => void): void {
    const { signal } = of.retired;
    void clock.wait(ms, signal).then(() => setImmediate(() => signal.aborted || check()));
  }

  function askQueued(): void {
    if (queue.size === 0) return;
    child ??= startChild();
    if (!child.ready) return;
    const asker = child;
    const next = [...queue].slice(0, AT_ONCE - asker.asked.size);
    for (const path of next) {
      queue.delete(path);
      asker.asked.set(path, clock.monotonic());
      asker.process.ask(path);
    }
    if (next.length > 0) after(ANSWER_WITHIN_MS, asker, () => findStuck(asker));
  }

  function answered(by: Child, path: string, answer: StatfsAnswer): void {
    by.asked.delete(path);
    if (mounts.has(path)) mounts.set(path, { answer });
  }

  function findStuck(asker: Child): void {
    const now = clock.monotonic();
    const late = [...asker.asked].filter(([, since]) => now - since >= ANSWER_WITHIN_MS - EARLY_MS);
    if (late.length === 0) return;
    retire(asker);
    for (const [path] of late) {
      asker.asked.delete(path);
      const times = (mounts.get(path)?.stuck?.times ?? 0) + 1;
      const until = now + Math.min(FIRST_PAUSE_MS * 2 ** (times - 1), LONGEST_PAUSE_MS);
      if (mounts.has(path)) mounts.set(path, { answer: { error: TIMEOUT }, stuck: { times, until, child: asker } });
    }
    for (const path of asker.asked.keys()) if (mounts.has(path)) queue.add(path);
    askQueued();
  }

  function retire(old: Child): void {
    child = undefined;
    old.retired.abort();
    killed.add(old);
    old.process.kill();
  }

  /** Nobody can be asked: an answer of earlier must not stand for one of now. */
  function failed(old: Child, error: string): void {
    child = undefined;
    old.retired.abort();
    for (const path of [...old.asked.keys(), ...queue]) if (mounts.has(path)) mounts.set(path, { answer: { error } });
    queue.clear();
  }

  function mayBeAsked({ stuck }: Mount): boolean {
    if (stuck === undefined) return true;
    return clock.monotonic() >= stuck.until && !(killed.has(stuck.child) && killed.size >= MANY_CHILDREN);
  }

  return {
    ask(paths) {
      const wanted = new Set(paths);
      for (const path of mounts.keys()) if (!wanted.has(path)) mounts.delete(path);
      for (const path of queue) if (!wanted.has(path)) queue.delete(path);
      for (const path of wanted) if (!mounts.has(path)) mounts.set(path, {});
      const due = [...mounts].filter(([path, mount]) => !child?.asked.has(path) && mayBeAsked(mount));
      // Those that were stuck come last, so that they take no place from the others.
      due.sort(([, a], [, b]) => (a.stuck?.times ?? 0) - (b.stuck?.times ?? 0));
      for (const [path] of due) queue.add(path);
      if (child !== undefined && wanted.size === 0) retire(child);
      askQueued();
      return new Map([...mounts].flatMap(([path, { answer }]) => (answer === undefined ? [] : [[path, answer]])));
    },
    close() {
      mounts.clear();
      queue.clear();
      if (child !== undefined) retire(child);
    },
  };
}

/** With real processes. Nothing starts before there is something to ask. */
export function startRemoteStatfs(): RemoteStatfs {
  return createRemoteStatfs({ start: startStatfsProcess, clock: systemClock });
}

/** Beside this file, as it stands or in a bundle. */
const CHILD_FILE = new URL(import.meta.url.endsWith('.ts') ? 'statfs-child.ts' : 'statfs-child.js', import.meta.url);

function startStatfsProcess({ message, ended }: StatfsEvents): StatfsProcess {
  const child = fork(CHILD_FILE, {
    cwd: '/',
    env: { UV_THREADPOOL_SIZE: String(AT_ONCE) },
    execArgv: ['--max-old-space-size=16'],
    // No stream of the agent's: who reads its output to the end would wait for a child that cannot end.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // Neither keeps the agent from its end.
  child.unref();
  child.channel?.unref();
  child.on('message', (received) => message(received as StatfsMessage));
  child.on('exit', () => ended());
  child.on('error', (error: NodeJS.ErrnoException) => ended(error.code ?? messageOf(error)));
  return {
    // A channel that is closed is that of a child whose end will be told.
    ask: (path) => child.send(path, () => undefined),
    kill: () => child.kill('SIGKILL'),
  };
}
