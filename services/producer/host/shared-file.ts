/**
 * One file that several collectors read, read once for all of them: the kernel makes /proc/stat anew for each reader, and on
 * a machine with many CPUs and interrupts that costs milliseconds.
 */
import type { Host } from './proc.ts';

export type ReadFile = (host: Host) => string | undefined;

/** Makes readers of a file. One that comes a second time begins a new round, in which each gets the same text. */
export function sharedFile(path: string): { reader(): ReadFile } {
  const served = new Set<ReadFile>();
  let text: string | undefined;
  return {
    reader() {
      const read: ReadFile = (host) => {
        if (served.has(read)) {
          served.clear();
          text = undefined;
        }
        served.add(read);
        text ??= host.read(path);
        return text;
      };
      return read;
    },
  };
}
