/**
 * The files of the host's network namespace. /proc/net belongs to the process that reads it, in a container to the
 * container, so the host's are those of process 1. Only where the root is this process's own do both tell the same.
 * https://man7.org/linux/man-pages/man5/proc_pid_net.5.html
 */
import { malformed } from '../kernel/text.ts';
import type { Host } from './proc.ts';

/** One that only some machines have: `undefined` where it is missing or may not be read. */
export function readNet(host: Host, name: string): string | undefined {
  return host.read(`proc/1/net/${name}`) ?? (host.own ? host.read(`proc/net/${name}`) : undefined);
}

/**
 * One that every Linux has.
 *
 * @throws PipelineError `PARSE` if it is missing or may not be read, as with /proc mounted hidepid.
 */
export function requireNet(host: Host, name: string): string {
  const text = readNet(host, name);
  if (text === undefined) throw malformed(`/proc/1/net/${name}`, 'a file that may be read', undefined);
  return text;
}
