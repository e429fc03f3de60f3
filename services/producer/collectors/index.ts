/** The collectors, one for each kernel file or family of files, in the order in which they run. */
import type { Collector } from '../collector.ts';
import { cpu } from './cpu.ts';
import { diskstats } from './diskstats.ts';
import { filesystem } from './filesystem.ts';
import { loadavg } from './loadavg.ts';
import { meminfo } from './meminfo.ts';
import { netdev } from './netdev.ts';
import { pressure } from './pressure.ts';
import { type UnameOptions, uname } from './uname.ts';

/** New ones, with nothing remembered from earlier collections. */
export function createCollectors(options: UnameOptions): readonly Collector[] {
  return [cpu(), loadavg(), meminfo(), pressure(), diskstats(), filesystem(), netdev(), uname(options)];
}
