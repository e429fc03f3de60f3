/**
 * /proc/buddyinfo: free blocks of memory by their size, the n-th number being those of 2^n pages (from 0). Many of the first and none of the
 * last mean that memory is in small pieces.
 *
 *   Node 0, zone   Normal   4499   3487   1866   1456    838    777    528    286    194    143   1076
 *
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#kernel-data
 */
import type { Collector } from '../collector.ts';
import { decimal, lines, malformed, words } from '../kernel/text.ts';

export interface FreeBlocks {
  readonly node: string;
  readonly zone: string;
  /** By the power of two. */
  readonly blocks: readonly number[];
}

export function buddyinfo(): Collector {
  return {
    name: 'buddyinfo',
    collect(host, emit) {
      const text = host.read('proc/buddyinfo');
      if (text === undefined) throw malformed('/proc/buddyinfo', 'a file that may be read', undefined);
      for (const { node, zone, blocks } of parseBuddyinfo(text)) {
        for (const [size, free] of blocks.entries()) {
          emit('node_buddyinfo_blocks', free, { exported_node: node, zone, size: String(size) });
        }
      }
    },
  };
}

/** A line of another kind is one number that is none. */
export function parseBuddyinfo(text: string): FreeBlocks[] {
  return lines('/proc/buddyinfo', text).map((line) => {
    const [, node, zone, rest] = /^Node (\d+), zone +(\S+)(.*)$/.exec(line) ?? [];
    if (node === undefined || zone === undefined || rest === undefined) {
      return { node: '', zone: line.trim(), blocks: [Number.NaN] };
    }
    return { node, zone, blocks: words(rest).map(decimal) };
  });
}
