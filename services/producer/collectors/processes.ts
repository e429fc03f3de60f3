/**
 * /proc/PID/stat and /proc/PID/task/TID/stat: how many processes and threads there are, and in which state. A file for each of
 * them, so this costs as much as all other collectors together, and runs only where it is asked for.
 *
 *   1 (systemd) S 0 1 1 … : id, name in brackets, state, …, the 20th is the number of threads
 *
 * The name may hold anything, brackets and line ends as well.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
import type { Collector, Emit } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { decimal, malformed, words } from '../kernel/text.ts';

export interface ProcessState {
  /** A letter. */
  readonly state: string;
  readonly threads: number;
}

export function processes(): Collector {
  return {
    name: 'processes',
    needs: ['pid'],
    collect(host, emit) {
      if (host.peek('proc/1/stat') === undefined) {
        throw malformed('/proc/1/stat', 'a file that may be read (is /proc mounted with hidepid?)', undefined);
      }
      emitCounts(host, emit);
      emit('node_processes_max_threads', limit(host, 'threads-max'));
      if (sharesPidLimit(host)) emit('node_processes_max_processes', limit(host, 'pid_max'));
    },
  };
}

function emitCounts(host: Host, emit: Emit): void {
  const states = new Map<string, number>();
  const threadStates = new Map<string, number>();
  let [pids, threads] = [0, 0];
  for (const pid of host.list('proc').filter(isId)) {
    const process = lookAt(host, `proc/${pid}`);
    if (process === undefined) continue;
    pids++;
    threads += process.threads;
    count(states, process.state);
    count(threadStates, process.state);
    if (process.threads === 1) continue;
    for (const tid of host.list(`proc/${pid}/task`).filter(isId)) {
      const thread = tid === pid ? undefined : lookAt(host, `proc/${pid}/task/${tid}`);
      if (thread !== undefined) count(threadStates, thread.state);
    }
  }
  emit('node_processes_pids', pids);
  emit('node_processes_threads', threads);
  for (const [state, number] of states) emit('node_processes_state', number, { state });
  for (const [state, number] of threadStates) emit('node_processes_threads_state', number, { thread_state: state });
}

/** `undefined` if it has ended since it was listed. */
function lookAt(host: Host, directory: string): ProcessState | undefined {
  const text = host.peek(`${directory}/stat`);
  return text ? parseProcessStat(text) : undefined;
}

export function parseProcessStat(text: string): ProcessState {
  const [state = '', ...rest] = words(text.slice(text.lastIndexOf(')') + 1));
  // Three fields stand before the rest: the id, the name and the state.
  const threads = decimal(rest[20 - 3 - 1]);
  if (!/^[A-Za-z]$/.test(state) || Number.isNaN(threads))
    throw malformed('/proc/PID/stat', 'a state and threads', text);
  return { state, threads };
}

function limit(host: Host, file: string): number {
  return decimal(host.read(`proc/sys/kernel/${file}`)?.trimEnd());
}

/**
 * From Linux 6.14 on, pid_max is that of the process namespace of whoever reads it, whichever /proc it is read in: a
 * container would see its own.
 */
function sharesPidLimit(host: Host): boolean {
  const namespaces = words(/^NSpid:(.*)$/m.exec(host.read('proc/self/status') ?? '')?.[1] ?? '').length;
  const [major = 0, minor = 0] = (host.read('proc/sys/kernel/osrelease') ?? '').split('.', 2).map(Number);
  return namespaces <= 1 || major < 6 || (major === 6 && minor < 14);
}

function isId(name: string): boolean {
  return /^\d+$/.test(name);
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
