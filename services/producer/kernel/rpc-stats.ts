/**
 * The lines that /proc/1/net/rpc/nfs and nfsd have in common: a word, and numbers after it. Those of procedures begin with how
 * many follow: `proc3 22 0 71 …`.
 * https://www.kernel.org/doc/html/latest/admin-guide/nfs/index.html
 */
import { decimal, lines, words } from './text.ts';

/** The numbers of each line, by its first word. What is no number is NaN. */
export type RpcStats = ReadonlyMap<string, readonly number[]>;

export function parseRpcStats(file: string, text: string): RpcStats {
  return new Map(
    lines(file, text).map((line) => {
      const [name = '', ...numbers] = words(line);
      return [name, numbers.map(decimal)];
    }),
  );
}

/** A number of a line: `undefined` where this kernel has no such line, NaN where it is too short. */
export function numberAt(stats: RpcStats, line: string, place: number): number | undefined {
  const numbers = stats.get(line);
  return numbers === undefined ? undefined : (numbers[place] ?? Number.NaN);
}

/**
 * How often each procedure was called, for as many as this kernel has, which grow in number from one to the next. A line with
 * another number of values than it says has NaN for all.
 *
 * @param methods in the kernel's order, an empty one where there is nothing to tell.
 */
export function callsOf(stats: RpcStats, line: string, methods: readonly string[]): [method: string, calls: number][] {
  const numbers = stats.get(line);
  if (numbers === undefined) return [];
  const [announced, ...calls] = numbers;
  const complete = announced === calls.length;
  return methods
    .slice(0, complete ? calls.length : undefined)
    .map((method, i): [string, number] => [method, complete ? (calls[i] ?? Number.NaN) : Number.NaN])
    .filter(([method]) => method !== '');
}
