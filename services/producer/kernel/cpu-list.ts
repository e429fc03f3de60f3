/**
 * The kernel's lists of CPUs: `0-3,8,10-11`, or an empty line.
 * https://www.kernel.org/doc/html/latest/admin-guide/cputopology.html
 */
import { malformed } from './text.ts';

/** More than any kernel is built for; a list that claims more was garbled. */
const MOST_CPUS = 65_536;

/** @throws PipelineError `PARSE` */
export function parseCpuList(file: string, text: string): number[] {
  if (text.trim() === '') return [];
  return text
    .trim()
    .split(',')
    .flatMap((range) => {
      const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
      const [first, last] = [Number(from), Number(to)];
      if (!(first <= last && last < MOST_CPUS)) throw malformed(file, 'a list of CPUs', text);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    });
}
