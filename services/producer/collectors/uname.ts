/**
 * /proc/sys/kernel: what uname(2) says. The host's name is that of the configuration, because the file's is the container's.
 * https://www.kernel.org/doc/html/latest/admin-guide/sysctl/kernel.html
 */
import type { Collector } from '../collector.ts';
import { malformed } from '../kernel/text.ts';

export interface UnameOptions {
  readonly nodename: string;
  /** Stands in where the kernel is older than 6.1 and has no file for it. */
  readonly machine: string;
}

export function uname({ nodename, machine }: UnameOptions): Collector {
  return {
    name: 'uname',
    collect(host, emit) {
      const read = (file: string): string => {
        const text = host.read(`proc/sys/kernel/${file}`)?.trimEnd();
        if (!text) throw malformed(`/proc/sys/kernel/${file}`, 'a word', text);
        return text;
      };
      emit('node_uname_info', 1, {
        sysname: read('ostype'),
        release: read('osrelease'),
        version: read('version'),
        machine: host.read('proc/sys/kernel/arch')?.trimEnd() || machine,
        nodename,
        domainname: read('domainname'),
      });
    },
  };
}
