/**
 * How large a page of memory is, which no file says and no call of Node tells: 4 KiB mostly, 16 or 64 KiB on some ARM and
 * POWER machines. This process's own virtual memory is told in pages and in kibibytes, so it is their quotient.
 *
 *   /proc/self/statm    17310 9862 …           pages
 *   /proc/self/status   VmSize:	   69240 kB
 *
 * https://www.kernel.org/doc/html/latest/filesystems/proc.html#process-specific-subdirectories
 */
import { decimal, words } from '../kernel/text.ts';
import type { Host } from './proc.ts';

/** In bytes. It may have grown between the two readings, but a page is a power of two. */
export function pageSize(host: Host): number | undefined {
  const pages = decimal(words(host.peek('proc/self/statm') ?? '')[0]);
  const kibibytes = decimal(/^VmSize:\s*(\d+) kB$/m.exec(host.peek('proc/self/status') ?? '')?.[1]);
  const bytes = 2 ** Math.round(Math.log2((kibibytes * 1024) / pages));
  return bytes >= 4096 && Number.isFinite(bytes) ? bytes : undefined;
}
