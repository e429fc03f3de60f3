/**
 * /proc/sys/fs/file-nr: `open unused maximum`, in numbers of files, apart by tabs. Unused has been 0 since Linux 2.6.
 * https://www.kernel.org/doc/html/latest/admin-guide/sysctl/fs.html#file-max-file-nr
 */
import type { Collector } from '../collector.ts';
import { decimal, lines, malformed, words } from '../kernel/text.ts';

export interface OpenFiles {
  readonly allocated: number;
  readonly maximum: number;
}

export function filefd(): Collector {
  return {
    name: 'filefd',
    collect(host, emit) {
      const text = host.read('proc/sys/fs/file-nr');
      if (text === undefined) throw malformed('/proc/sys/fs/file-nr', 'a file that may be read', undefined);
      const { allocated, maximum } = parseFileNr(text);
      emit('node_filefd_allocated', allocated);
      emit('node_filefd_maximum', maximum);
    },
  };
}

export function parseFileNr(text: string): OpenFiles {
  const [allocated, , maximum] = words(lines('/proc/sys/fs/file-nr', text)[0] ?? '');
  return { allocated: decimal(allocated), maximum: decimal(maximum) };
}
